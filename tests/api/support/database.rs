//! A database per test: cloned from a migrated template, dropped at the end.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use migration::{Migrator, MigratorTrait};
use partner_portal::platform::db::{Db, connect, grants, walls};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use tokio::sync::OnceCell;

/// Which database the tests run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub fn current() -> Self {
        match std::env::var("TEST_DATABASE").as_deref() {
            Err(_) | Ok("sqlite") => Self::Sqlite,
            Ok("postgres") => Self::Postgres,
            Ok(other) => panic!("TEST_DATABASE is sqlite or postgres, not {other:?}"),
        }
    }
}

/// Whether a test that runs on one engine only has to run now. Prints the reason, which `scripts/test` collects.
pub fn only_on(engine: Engine, test: &str, reason: &str) -> bool {
    if Engine::current() == engine {
        return true;
    }
    eprintln!("only on {engine:?}: {test}: {reason}");
    false
}

static COUNTER: AtomicU32 = AtomicU32::new(0);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// The role that the app under test signs in as on PostgreSQL, as in production: neither the tables' owner nor anything
/// more than a migration grants it.
pub const APPLICATION_ROLE: &str = "portal_application";

/// A test's own database.
pub struct TestDatabase {
    /// As the application sees it.
    pub url: String,
    /// As the owner of the tables sees it; the same on SQLite.
    pub owner_url: String,
    place: Place,
}

enum Place {
    Folder { _removed_at_the_end: tempfile::TempDir },
    Server { name: String },
}

/// The server that `scripts/test` started: `postgres://…/postgres`.
fn server() -> String {
    std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a PostgreSQL server; scripts/test starts one")
}

fn on_server(name: &str) -> String {
    let server = server();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

fn as_application(url: &str) -> String {
    let mut url = url::Url::parse(url).unwrap();
    url.set_username(APPLICATION_ROLE).unwrap();
    url.set_password(Some("application")).unwrap();
    url.to_string()
}

/// Creates the role once a server: several runs of tests may share it.
async fn create_application_role(admin: &Db) {
    let create = format!(
        "do $$ begin create role {APPLICATION_ROLE} login password 'application';
         exception when duplicate_object or unique_violation then null; end $$"
    );
    admin.pool().execute_unprepared(&create).await.unwrap();
    // Roles are the whole server's: made here once, because runs that make the same one at once meet.
    let partner = walls::partner_role(APPLICATION_ROLE);
    let create = format!(
        "do $$ begin create role {partner} nologin; grant {partner} to {APPLICATION_ROLE};
         exception when duplicate_object or unique_violation then null; end $$"
    );
    admin.pool().execute_unprepared(&create).await.unwrap();
}

/// As the demo does: staff of tests approve money without a second factor, unless a test says otherwise.
async fn let_everybody_in_by_password(db: &Db) {
    let sql = "insert into policy_documents (kind, version, effective_at, document)
               values ('security', 2, 0, '{\"secondFactorRoles\":[]}')";
    db.pool().execute_unprepared(sql).await.unwrap();
}

async fn template() -> String {
    match Engine::current() {
        Engine::Sqlite => {
            let folder = std::env::temp_dir().join(format!("portal-template-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            let path = folder.join("template.sqlite3");
            let _ = std::fs::remove_file(&path);
            let db = connect::open(&format!("sqlite:{}", path.display()), 1).await.unwrap();
            Migrator::up(db.pool(), None).await.unwrap();
            let_everybody_in_by_password(&db).await;
            db.pool().execute_unprepared("pragma wal_checkpoint(truncate)").await.unwrap();
            db.pool().clone().close().await.unwrap();
            path.display().to_string()
        }
        Engine::Postgres => {
            let name = format!("portal_template_{}", std::process::id());
            let admin = connect::open(&server(), 1).await.unwrap();
            create_application_role(&admin).await;
            admin.pool().execute_unprepared(&format!("create database {name}")).await.unwrap();
            let db = connect::open(&on_server(&name), 1).await.unwrap();
            Migrator::up(db.pool(), None).await.unwrap();
            let_everybody_in_by_password(&db).await;
            // Copied with the template: a grant that is missing is seen by every test that needs it.
            grants::grant(&db, APPLICATION_ROLE).await.unwrap();
            db.pool().clone().close().await.unwrap();
            name
        }
    }
}

impl TestDatabase {
    pub async fn create() -> Self {
        let template = TEMPLATE.get_or_init(template).await;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        match Engine::current() {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let path: PathBuf = folder.path().join("portal.sqlite3");
                std::fs::copy(template, &path).unwrap();
                let url = format!("sqlite:{}", path.display());
                Self { owner_url: url.clone(), url, place: Place::Folder { _removed_at_the_end: folder } }
            }
            Engine::Postgres => {
                let name = format!("portal_test_{}_{number}", std::process::id());
                let admin = connect::open(&server(), 1).await.unwrap();
                admin.pool().execute_unprepared(&format!("create database {name} template {template}")).await.unwrap();
                admin.pool().clone().close().await.unwrap();
                let owner_url = on_server(&name);
                Self { url: as_application(&owner_url), owner_url, place: Place::Server { name } }
            }
        }
    }

    pub async fn open_with(&self, connections: u32) -> Db {
        connect::open(&self.url, connections).await.unwrap().counting()
    }

    /// A pool of the tables' owner, who may do what the application may not.
    pub async fn open_as_owner(&self) -> Db {
        // One connection: on SQLite another one may not see yet what a migration has just changed.
        connect::open(&self.owner_url, 1).await.unwrap()
    }

    /// Changes rows past every guard, as somebody with the rights of the server's administrator or the file could.
    pub async fn tamper(&self, statements: &[&str]) {
        let owner = connect::open(&self.owner_url, 1).await.unwrap();
        let run = async |sql: &str| owner.pool().execute_unprepared(sql).await.map(drop);
        match Engine::current() {
            Engine::Postgres => run("set session_replication_role = replica").await.unwrap(),
            Engine::Sqlite => run("pragma foreign_keys = off").await.unwrap(),
        }
        let guards = match Engine::current() {
            Engine::Postgres => Vec::new(),
            Engine::Sqlite => {
                let sql = "select name, sql from sqlite_master where type = 'trigger'";
                let rows = owner.pool().query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
                let read = |row: &QueryResult, column| row.try_get::<String>("", column).unwrap();
                rows.iter().map(|row| (read(row, "name"), read(row, "sql"))).collect()
            }
        };
        for (name, _) in &guards {
            run(&format!("drop trigger {name}")).await.unwrap();
        }
        for sql in statements {
            run(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        for (_, sql) in &guards {
            run(sql).await.unwrap();
        }
        owner.pool().clone().close().await.unwrap();
    }

    /// The address of another, empty database beside this one, gone with it. Of PostgreSQL only.
    pub async fn beside(&self, suffix: &str) -> String {
        let Place::Server { name } = &self.place else { panic!("an embedded database has none beside it") };
        let name = format!("{name}_{suffix}");
        let admin = connect::open(&server(), 1).await.unwrap();
        admin.pool().execute_unprepared(&format!("create database {name}")).await.unwrap();
        on_server(&name)
    }

    /// A table that a test needs beside those of the product.
    pub async fn create_table(&self, name: &str, columns: &str) {
        let owner = self.open_as_owner().await;
        owner.pool().execute_unprepared(&format!("create table {name} ({columns})")).await.unwrap();
        if Engine::current() == Engine::Postgres {
            owner.pool().execute_unprepared(&format!("grant all on {name} to {APPLICATION_ROLE}")).await.unwrap();
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Server { name } = &self.place else { return };
        let (name, server) = (name.clone(), server());
        // Dropping needs a runtime, and a test's own is on its way out.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let admin = connect::open(&server, 1).await.unwrap();
                for name in [format!("{name}_copy"), name] {
                    let _ =
                        admin.pool().execute_unprepared(&format!("drop database if exists {name} with (force)")).await;
                }
            });
        });
        let _ = dropped.join();
    }
}
