//! Opening the pool. Lazy: the process starts although the database is down, and is ready when it is up.

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DbBackend, DbErr};

use super::Db;

/// Opens a pool on `sqlite:PATH`, `sqlite:PATH?mode=rwc` or `postgres://…`, with at most `connections` connections.
///
/// # Errors
/// When the address is of no known form.
pub async fn open(url: &str, connections: u32) -> Result<Db, DbErr> {
    open_with(url, connections, Purpose::Serve).await
}

/// Opens one connection whose statements may take as long as they need: an index on a large table takes minutes. One,
/// because a second one to an embedded database would not see at once what the first has changed of its shape.
///
/// # Errors
/// When the address is of no known form.
pub async fn open_for_migrations(url: &str) -> Result<Db, DbErr> {
    open_with(url, 1, Purpose::Migrate).await
}

/// Opens a pool for one writer whose work can be done again. Its commits are as whole and as ordered as any, but do not
/// wait for the disk: a power cut may take the last ones back, as if they had not been begun. See [`settle`].
///
/// # Errors
/// When the address is of no known form.
pub async fn open_for_import(url: &str) -> Result<Db, DbErr> {
    open_with(url, 2, Purpose::Import).await
}

/// Waits until what was committed on a pool for imports is on the disk. PostgreSQL sees to that by itself within a
/// second.
///
/// # Errors
/// Those of the database.
pub async fn settle(db: &Db) -> Result<(), DbErr> {
    match db.pool().get_database_backend() {
        DbBackend::Sqlite => db.pool().execute_unprepared("pragma wal_checkpoint(full)").await.map(drop),
        _ => Ok(()),
    }
}

/// What a pool is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Serve,
    Import,
    Migrate,
}

async fn open_with(url: &str, connections: u32, purpose: Purpose) -> Result<Db, DbErr> {
    let wait_for_disk = purpose != Purpose::Import;
    let longest_statement = if purpose == Purpose::Migrate { "0" } else { "5000" };
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(0)
        .connect_lazy(true)
        // The driver's own default is half a minute: too long for a caller (hazards, row 13).
        .acquire_timeout(Duration::from_secs(2))
        .connect_timeout(Duration::from_secs(2))
        // No ping before each use of a connection that was in use a moment ago.
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(5))
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(move |options| {
            use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(if wait_for_disk { SqliteSynchronous::Full } else { SqliteSynchronous::Normal })
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .statement_cache_capacity(256)
        })
        .map_sqlx_postgres_opts(move |options| {
            options.application_name("partner-portal").statement_cache_capacity(256).options([
                // PostgreSQL would plan `limit $2` anew at each call (speed.md).
                ("plan_cache_mode", "force_generic_plan"),
                ("statement_timeout", longest_statement),
                ("lock_timeout", "4000"),
                ("idle_in_transaction_session_timeout", "10000"),
                ("jit", "off"),
                ("synchronous_commit", if wait_for_disk { "on" } else { "off" }),
            ])
        });
    Ok(Db::new(Database::connect(options).await?))
}
