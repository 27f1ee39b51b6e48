//! A backup that is made while writers write is whole: it opens, and every invariant holds in it.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use entity::value::Role;
use partner_portal::platform::db::connect;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::support::{Engine, TestApp, check_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_whole() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let enough = Arc::new(AtomicBool::new(false));
    let mut written = 0;
    let writing = async {
        while !enough.load(Ordering::SeqCst) || written < 20 {
            let input = json!({ "code": format!("LINE-{written}"), "name": format!("line {written}") });
            admin.done("createProductLine", input, "productLine { id }").await;
            written += 1;
        }
        written
    };
    let folder = tempfile::tempdir().unwrap();
    let copying = async {
        let copy = copy(&app, folder.path()).await;
        enough.store(true, Ordering::SeqCst);
        copy
    };
    let (written, copy) = tokio::join!(writing, copying);
    let copied = connect::open(&copy, 2).await.unwrap();
    check_of(&copied).await;
    let there = app.rows(&["product_lines"]).await[0].1;
    assert_eq!(there, i64::from(written));
    copied.pool().clone().close().await.unwrap();
    app.check().await;
}

/// Copies as `docs/operations.md` says.
async fn copy(app: &TestApp, folder: &std::path::Path) -> String {
    match Engine::current() {
        Engine::Sqlite => {
            let path = folder.join("copy.sqlite3");
            let pool = app.services.db.pool();
            pool.execute_unprepared(&format!("vacuum into '{}'", path.display())).await.unwrap();
            format!("sqlite:{}", path.display())
        }
        Engine::Postgres => {
            let dump = folder.join("copy.dump");
            let (from, dump_to) = (app.database.owner_url.clone(), dump.clone());
            let run = |program: &'static str, args: Vec<String>| {
                tokio::task::spawn_blocking(move || {
                    let output = Command::new(program).args(args).output().expect("PostgreSQL's programs are on PATH");
                    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
                })
            };
            run("pg_dump", vec!["-Fc".to_owned(), "-f".to_owned(), dump_to.display().to_string(), from]).await.unwrap();
            let place = app.database.beside("copy").await;
            run("pg_restore", vec!["-d".to_owned(), place.clone(), dump.display().to_string()]).await.unwrap();
            place
        }
    }
}
