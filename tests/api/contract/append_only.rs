//! What is recorded stays as it was recorded: a trigger refuses everybody on both databases, and on PostgreSQL the
//! application's role is not granted it in the first place.

use std::process::{Command, Output};

use partner_portal::platform::db::{
    Db,
    grants::{self, APPEND_ONLY},
};
use sea_orm::{ConnectionTrait, Statement};

use crate::{
    deals::World,
    support::{Engine, TestApp, database::APPLICATION_ROLE, only_on},
};

async fn texts(db: &Db, sql: &str) -> Vec<String> {
    let pool = db.pool();
    let rows = pool.query_all_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn refusal(db: &Db, sql: &str) -> String {
    db.pool().execute_unprepared(sql).await.expect_err(sql).to_string()
}

#[tokio::test]
async fn the_list_of_tables_that_are_never_changed_is_what_triggers_protect() {
    let app = TestApp::start().await;
    let owner = app.database.open_as_owner().await;
    let (update, delete) = match Engine::current() {
        // Bits of tgtype: 2 before, 8 delete, 16 update, 32 truncate.
        Engine::Postgres => {
            let protected = |bit: u32| {
                format!(
                    "select distinct tgrelid::regclass::text from pg_trigger
                     where not tgisinternal and tgtype & 2 > 0 and tgtype & {bit} > 0 and tgenabled in ('O', 'A') order by 1"
                )
            };
            assert_eq!(texts(&owner, &protected(32)).await, APPEND_ONLY, "truncate");
            (protected(16), protected(8))
        }
        Engine::Sqlite => {
            let protected = |verb: &str| {
                format!(
                    "select tbl_name from sqlite_master where type = 'trigger' and sql like '%before {verb} on %raise(abort%'
                     order by 1"
                )
            };
            (protected("update"), protected("delete"))
        }
    };
    assert_eq!(texts(&owner, &update).await, APPEND_ONLY, "update");
    assert_eq!(texts(&owner, &delete).await, APPEND_ONLY, "delete");
}

#[tokio::test]
async fn an_audit_event_and_a_receipt_are_never_changed_not_even_by_the_tables_owner() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let deal = world.register(&world.seller("north").await, world.deal("Acme")).await;
    world.approve(&deal).await;
    let owner = app.database.open_as_owner().await;
    let tables = ["audit_events", "decision_receipts"];
    let before = app.rows(&tables).await;
    assert!(before.iter().all(|(_, rows)| *rows > 0), "{before:?}");
    for table in tables {
        let mut statements = vec![
            format!("update {table} set object_id = 'x'"),
            format!("update {table} set id = id"),
            format!("delete from {table}"),
        ];
        if Engine::current() == Engine::Postgres {
            statements.push(format!("truncate {table}"));
        }
        for sql in statements {
            let told = refusal(&owner, &sql).await;
            assert!(told.contains("are append-only"), "{sql}: {told}");
        }
    }
    assert_eq!(app.rows(&tables).await, before);
}

#[tokio::test]
async fn the_applications_role_cannot_change_what_is_append_only_or_take_the_guard_away() {
    let name = "the_applications_role_cannot_change_what_is_append_only_or_take_the_guard_away";
    if !only_on(Engine::Postgres, name, "SQLite has no roles") {
        return;
    }
    let app = TestApp::start().await;
    let db = &app.services.db;
    assert_eq!(texts(db, "select current_user::text").await, [APPLICATION_ROLE]);
    for table in APPEND_ONLY {
        for sql in [
            format!("update {table} set id = id"),
            format!("delete from {table}"),
            format!("truncate {table}"),
            format!("alter table {table} disable trigger all"),
            format!("alter table {table} add column note text"),
            format!("drop table {table}"),
        ] {
            let told = refusal(db, &sql).await;
            let refused = ["permission denied", "must be owner"].iter().any(|words| told.contains(words));
            assert!(refused, "{sql}: {told}");
        }
    }
    for sql in [
        "set session_replication_role = replica",
        "drop trigger audit_events_are_append_only on audit_events",
        "create or replace function refuse_to_change_what_was_recorded() returns trigger language plpgsql as 'begin return null; end'",
        "create table notes (id integer)",
        "insert into seaql_migrations (version, applied_at) values ('x', 0)",
        "create role another",
    ] {
        let told = refusal(db, sql).await;
        let refused = ["permission denied", "must be owner"].iter().any(|words| told.contains(words));
        assert!(refused, "{sql}: {told}");
    }
    let role = "select rolsuper::text || rolbypassrls::text || rolcreaterole::text || rolcreatedb::text from pg_roles
        where rolname = current_user";
    assert_eq!(texts(db, role).await, ["falsefalsefalsefalse"]);
}

fn migrate(url: &str, role: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    command.args(["migrate", "up", "--database-url", url, "--application-role", role]);
    command.output().unwrap()
}

#[tokio::test]
async fn a_table_is_granted_when_the_migrations_are_run_with_the_role_and_only_then() {
    let name = "a_table_is_granted_when_the_migrations_are_run_with_the_role_and_only_then";
    if !only_on(Engine::Postgres, name, "SQLite has no roles") {
        return;
    }
    let app = TestApp::start().await;
    let owner = app.database.open_as_owner().await;
    let grants = "select table_name || ' ' || privilege_type from information_schema.role_table_grants
        where grantee = 'portal_application' order by 1";
    let before = texts(&owner, grants).await;
    assert!(before.contains(&"partners DELETE".to_owned()) && !before.contains(&"audit_events UPDATE".to_owned()));
    owner.pool().execute_unprepared("create table notes (id integer)").await.unwrap();
    owner.pool().execute_unprepared("grant update on audit_events to portal_application").await.unwrap();
    assert!(refusal(&app.services.db, "select * from notes").await.contains("permission denied"));
    for _ in 0..2 {
        let run = migrate(&app.database.owner_url, APPLICATION_ROLE);
        assert!(run.status.success(), "{run:?}");
        let mut wanted = before.clone();
        wanted.extend(["DELETE", "INSERT", "SELECT", "UPDATE"].map(|verb| format!("notes {verb}")));
        wanted.sort();
        assert_eq!(texts(&owner, grants).await, wanted, "what was granted beyond the rule is taken away");
    }
}

#[tokio::test]
async fn a_role_that_holds_nobody_back_is_refused() {
    let app = TestApp::start().await;
    let owner = app.database.open_as_owner().await;
    if Engine::current() == Engine::Sqlite {
        let told = format!("{:?}", grants::grant(&owner, "portal").await.unwrap_err());
        return assert!(told.contains("only PostgreSQL has roles"), "{told}");
    }
    let oneself = texts(&owner, "select current_user::text").await.remove(0);
    for (role, words) in [("nobody \"of\" ours", "there is no role"), (oneself.as_str(), "is a superuser")] {
        let run = migrate(&app.database.owner_url, role);
        let told = String::from_utf8(run.stderr).unwrap();
        assert!(!run.status.success() && told.contains(words), "{role}: {told}");
    }
}
