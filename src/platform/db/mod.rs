//! The database: connecting, transactions, and what an error of it means.

pub mod connect;
pub mod dialect;
mod errors;
pub mod migrations;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sea_orm::{DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

pub use errors::{Kind, Unique, kind};

use super::error::AppResult;

/// A pool of connections to either database.
#[derive(Clone, Debug)]
pub struct Db {
    pool: DatabaseConnection,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// Around a pool.
    #[must_use]
    pub fn new(pool: DatabaseConnection) -> Self {
        Self { pool, statements: Arc::default() }
    }

    /// Counts the statements from now on: for the tests that fix their number.
    #[must_use]
    pub fn counting(mut self) -> Self {
        let statements = Arc::clone(&self.statements);
        self.pool.set_metric_callback(move |_| {
            statements.fetch_add(1, Ordering::Relaxed);
        });
        self
    }

    /// How many statements were run since counting began.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The pool, for reads outside a transaction.
    #[must_use]
    pub const fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Begins a transaction that may write. On SQLite it takes the writer's place at once: a deferred transaction
    /// that reads and then writes fails under load however long it waits (hazards, row 8).
    pub async fn begin(&self) -> AppResult<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(self.pool.begin_with_options(options).await?)
    }
}
