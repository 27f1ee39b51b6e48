//! Opening the pool. Lazy: the process starts although the database is down, and is ready when it is up.

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DbErr};

use super::Db;

/// Opens a pool on `sqlite:PATH`, `sqlite:PATH?mode=rwc` or `postgres://…`, with at most `connections` connections.
///
/// # Errors
/// When the address is of no known form.
pub async fn open(url: &str, connections: u32) -> Result<Db, DbErr> {
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
        .map_sqlx_sqlite_opts(|options| {
            use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .statement_cache_capacity(256)
        })
        .map_sqlx_postgres_opts(|options| {
            options.application_name("partner-portal").statement_cache_capacity(256).options([
                // PostgreSQL would plan `limit $2` anew at each call (speed.md).
                ("plan_cache_mode", "force_generic_plan"),
                ("statement_timeout", "5000"),
                ("lock_timeout", "4000"),
                ("idle_in_transaction_session_timeout", "10000"),
                ("jit", "off"),
            ])
        });
    Ok(Db::new(Database::connect(options).await?))
}
