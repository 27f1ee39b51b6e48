//! The disk is full: writes are refused, reads go on, and nothing is broken.

use std::time::Duration;

use entity::value::Role;
use serde_json::json;

use super::process::{Process, key};
use crate::support::{Engine, TestApp, only_on};

const CREATE: &str = "mutation($input: CreateProductLineInput!) {
    createProductLine(input: $input) { productLine { id } userErrors { code } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_and_answers_reads() {
    let reason =
        "the process writes the file of an embedded database itself; PostgreSQL answers 53100, which is 503 too";
    if !only_on(Engine::Sqlite, "a_full_disk_refuses_writes_and_answers_reads", reason) {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("admin@vendor.example", None, &[Role::Admin]).await;
    let folder = tempfile::tempdir().unwrap();
    key(folder.path());
    // No file of the process may grow beyond 4 MiB (blocks of 512 bytes): the journal meets that before long.
    let full = Process::launch(&app.database.url, folder.path(), "trap '' XFSZ; ulimit -f 8192;");
    full.until_ready(Duration::from_secs(20)).await;
    let token = full.sign_in("admin@vendor.example").await;
    let note = "x".repeat(180);
    let mut made = 0;
    let refused = loop {
        let input = json!({ "input": { "code": format!("LINE-{made}"), "name": format!("{note}{made}") } });
        let (status, again, body) = full.ask(Some(&token), CREATE, input).await.expect("an answer");
        if body["data"]["createProductLine"]["productLine"]["id"].is_string() {
            made += 1;
            assert!(made < 20_000, "the disk is never full");
        } else {
            break (status, again, body);
        }
    };
    assert_eq!((refused.0, refused.1), (503, true), "{}", refused.2);
    assert_eq!(refused.2["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    let query = "{ productLines(first: 1) { totalCount nodes { code } } }";
    let (status, _, body) = full.ask(Some(&token), query, json!({})).await.expect("an answer");
    assert_eq!((status, &body["data"]["productLines"]["totalCount"]), (200, &json!(made)), "{body}");
    assert_eq!(full.status("/healthz").await, Some(200));
    drop(full);

    // With room again, the same server goes on where it was.
    let roomy = Process::start(&app.database.url, folder.path()).await;
    let token = roomy.sign_in("admin@vendor.example").await;
    let input = json!({ "input": { "code": "AFTERWARDS", "name": "afterwards" } });
    let (_, _, body) = roomy.ask(Some(&token), CREATE, input).await.expect("an answer");
    assert!(body["data"]["createProductLine"]["productLine"]["id"].is_string(), "{body}");
    drop(roomy);
    app.check().await;
}
