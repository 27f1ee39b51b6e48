//! The database: connecting, transactions, and what an error of it means.

pub mod connect;
pub mod dialect;
mod errors;
pub mod grants;
pub mod migrations;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use sea_orm::{DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

pub use errors::{Kind, Unique, kind};

use super::error::AppResult;

/// A pool of connections to either database.
#[derive(Clone, Debug)]
pub struct Db {
    pool: DatabaseConnection,
    statements: Arc<AtomicU64>,
    last: Arc<Mutex<VecDeque<String>>>,
}

/// How many statements are remembered while they are counted.
const REMEMBERED: usize = 50;

impl Db {
    /// Around a pool.
    #[must_use]
    pub fn new(pool: DatabaseConnection) -> Self {
        Self { pool, statements: Arc::default(), last: Arc::default() }
    }

    /// Counts the statements from now on, and remembers the last ones with their values: for the tests that fix their
    /// number and ask the database for its plans.
    #[must_use]
    pub fn counting(mut self) -> Self {
        let statements = Arc::clone(&self.statements);
        let last = Arc::clone(&self.last);
        self.pool.set_metric_callback(move |info| {
            statements.fetch_add(1, Ordering::Relaxed);
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            last.push_back(info.statement.to_string());
            if last.len() > REMEMBERED {
                last.pop_front();
            }
        });
        self
    }

    /// How many statements were run since counting began.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The last statements since counting began, the latest at the end.
    #[must_use]
    pub fn last_statements(&self) -> Vec<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
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
