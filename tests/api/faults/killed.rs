//! Killed at any moment under load: what was answered is there, nothing is there twice, and what was not answered
//! settles when it is sent again with its key.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use entity::value::Role;
use serde_json::{Value, json};

use super::process::{Process, key};
use crate::support::TestApp;

const WRITERS: usize = 6;
const ROUNDS: usize = 3;
const ANSWERED_BEFORE_THE_END: usize = 25;

const CREATE: &str = "mutation($input: CreateProductLineInput!) {
    createProductLine(input: $input) { productLine { id } userErrors { code message } } }";

fn input(name: &str) -> Value {
    json!({ "input": { "code": name.to_uppercase(), "name": name, "idempotencyKey": format!("key-{name}") } })
}

/// The id that was answered, if an answer came.
async fn create(server: &Process, token: &str, name: &str) -> Option<String> {
    let (status, _, body) = server.ask(Some(token), CREATE, input(name)).await?;
    let payload = &body["data"]["createProductLine"];
    let id = payload["productLine"]["id"].as_str().map(str::to_owned);
    assert!(id.is_some() || status >= 500, "{status}: {body}");
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_nothing_is_lost_and_nothing_is_done_twice() {
    let app = TestApp::start().await;
    app.create_user("admin@vendor.example", None, &[Role::Admin]).await;
    let folder = tempfile::tempdir().unwrap();
    key(folder.path());
    let mut wanted = BTreeSet::new();
    let mut known: Vec<(String, String)> = Vec::new();
    for round in 0..ROUNDS {
        let server = Arc::new(Process::start(&app.database.url, folder.path()).await);
        let token = server.sign_in("admin@vendor.example").await;
        let answered = Arc::new(AtomicUsize::new(0));
        let writers = (0..WRITERS).map(|writer| {
            let (server, token, answered) = (Arc::clone(&server), token.clone(), Arc::clone(&answered));
            tokio::spawn(async move {
                let mut done = Vec::new();
                for number in 0..1_000 {
                    let name = format!("line-{round}-{writer}-{number}");
                    match create(&server, &token, &name).await {
                        Some(id) => done.push((name, id)),
                        None => return (done, Some(name)),
                    }
                    if answered.fetch_add(1, Ordering::SeqCst) == ANSWERED_BEFORE_THE_END {
                        server.signal("KILL");
                    }
                }
                (done, None)
            })
        });
        let outcomes = futures::future::join_all(writers).await;
        drop(server);

        let server = Process::start(&app.database.url, folder.path()).await;
        let token = server.sign_in("admin@vendor.example").await;
        for outcome in outcomes {
            let (done, unanswered) = outcome.unwrap();
            for (name, id) in done {
                // The same key is answered the same: it was done, once.
                assert_eq!(create(&server, &token, &name).await.as_ref(), Some(&id), "{name}");
                wanted.insert(name.clone());
                known.push((name, id));
            }
            let name = unanswered.expect("every writer was interrupted");
            let id = create(&server, &token, &name).await.expect("what was not answered settles");
            wanted.insert(name.clone());
            known.push((name, id));
        }
    }
    let ids: BTreeSet<_> = known.iter().map(|(_, id)| id).collect();
    assert_eq!(ids.len(), wanted.len(), "each name has an id of its own");
    let rows = app.rows(&["product_lines"]).await[0].1;
    assert_eq!(usize::try_from(rows).unwrap(), wanted.len(), "none is there twice, and none that nobody asked for");
    app.check().await;
}
