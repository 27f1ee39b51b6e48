//! The database is lost, hangs, and comes back: callers get an answer in time, and nobody restarts anything.

use std::time::{Duration, Instant};

use entity::value::Role;
use serde_json::Value;

use super::{
    process::{Process, key},
    proxy::{Line, Proxy},
};
use crate::support::{Engine, TestApp, only_on};

const IN_TIME: Duration = Duration::from_secs(5);
const BACK: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_lost_or_hangs_is_told_in_time_and_found_again() {
    let reason = "an embedded database is no server that could be away";
    if !only_on(Engine::Postgres, "a_database_that_is_lost_or_hangs_is_told_in_time_and_found_again", reason) {
        return;
    }
    let app = TestApp::start().await;
    app.create_user("admin@vendor.example", None, &[Role::Admin]).await;
    let folder = tempfile::tempdir().unwrap();
    key(folder.path());
    let mut url = url::Url::parse(&app.database.url).unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
    let line = Proxy::to(server).await;
    let (host, port) = line.address.split_once(':').unwrap();
    url.set_host(Some(host)).unwrap();
    url.set_port(Some(port.parse().unwrap())).unwrap();
    let process = Process::start(url.as_str(), folder.path()).await;
    let token = process.sign_in("admin@vendor.example").await;
    let query = "{ partners(first: 5) { nodes { id } } }";

    for fault in [Line::Cut, Line::Hung, Line::Cut] {
        line.set(fault);
        // More than once: the first request may meet a connection that looks alive, a later one none at all.
        for _ in 0..3 {
            let started = Instant::now();
            let (status, again, body) = process.ask(Some(&token), query, Value::Null).await.expect("an answer");
            assert!(started.elapsed() < IN_TIME, "{fault:?}: answered after {:?}", started.elapsed());
            assert_eq!((status, again), (503, true), "{fault:?}: {body}");
            let text = body.to_string().to_lowercase();
            for inside in ["sqlx", "postgres", "connection", "pool", "127.0.0.1"] {
                assert!(!text.contains(inside), "{fault:?}: the answer tells {inside}: {body}");
            }
        }
        assert_eq!(process.status("/healthz").await, Some(200), "{fault:?}: alive all the same");
        assert_eq!(process.status("/readyz").await, Some(503), "{fault:?}");
        line.set(Line::Open);
        process.until_ready(BACK).await;
        let (status, _, body) = process.ask(Some(&token), query, Value::Null).await.expect("an answer");
        assert_eq!(status, 200, "{fault:?}: {body}");
    }
    app.check().await;
}
