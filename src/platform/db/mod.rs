//! The database: connecting, transactions, and what an error of it means.

pub mod connect;
pub mod dialect;
mod errors;
pub mod grants;
pub mod migrations;
pub mod walls;

use std::{
    collections::VecDeque,
    ops::Deref,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use sea_orm::{
    AccessMode, ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

pub use errors::{Kind, Unique, kind};

use super::{error::AppResult, turns};

/// A pool of connections to either database.
#[derive(Clone, Debug)]
pub struct Db {
    pool: DatabaseConnection,
    statements: Arc<AtomicU64>,
    last: Arc<Mutex<VecDeque<String>>>,
    partner_role: Arc<OnceCell<Option<String>>>,
    /// An embedded database has one writer at a time.
    writer: Option<Arc<Semaphore>>,
}

/// How many statements are remembered while they are counted.
const REMEMBERED: usize = 50;

impl Db {
    /// Around a pool.
    #[must_use]
    pub fn new(pool: DatabaseConnection) -> Self {
        let writer = (!dialect::is_postgres(&pool)).then(|| Arc::new(Semaphore::new(1)));
        Self { pool, statements: Arc::default(), last: Arc::default(), partner_role: Arc::default(), writer }
    }

    /// Counts the statements from now on, and remembers the last ones with their values: for the tests that fix their
    /// number and ask the database for its plans.
    #[must_use]
    pub fn counting(mut self) -> Self {
        let statements = Arc::clone(&self.statements);
        let last = Arc::clone(&self.last);
        self.pool.set_metric_callback(move |info| {
            // Standing behind a wall is part of beginning a transaction, which is not counted either.
            if info.statement.sql.starts_with("set local role") {
                return;
            }
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

    /// The role under which is read for partners, where the operator made one. Asked once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn partner_role(&self) -> Result<Option<&str>, DbErr> {
        if self.pool.get_database_backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let asked = self.partner_role.get_or_try_init(async || {
            let sql = "select rolname::text as name from pg_roles
                where rolname = current_user || '_partner' and pg_has_role(current_user, oid, 'member')";
            let found = self.pool.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
            found.map(|row| row.try_get("", "name")).transpose()
        });
        Ok(asked.await?.as_deref())
    }

    /// Begins a transaction that may write. On SQLite it takes the writer's place at once: a deferred transaction
    /// that reads and then writes fails under load however long it waits (hazards, row 8).
    ///
    /// Who waits for the embedded database's one writer does so before taking a connection, because readers would find
    /// none otherwise; and gives the turn of the request to others for good, because one writer at a time is bound
    /// enough, and those who wait to write would keep everybody who reads waiting.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin(&self) -> AppResult<Writing> {
        let turn = match &self.writer {
            Some(writer) => {
                turns::give_back();
                Arc::clone(writer).acquire_owned().await.ok()
            }
            None => None,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(Writing { txn: self.pool.begin_with_options(options).await?, _turn: turn })
    }

    /// Has an embedded database look at what is in its tables, so that it chooses the right index: it never does so by
    /// itself. Connections that are open already go on with what they know until they are renewed. PostgreSQL looks by
    /// itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn refresh_statistics(&self) -> AppResult<()> {
        if dialect::is_postgres(&self.pool) {
            return Ok(());
        }
        let txn = self.begin().await?;
        // A thousand rows of each index tell enough, and keep the one writer for milliseconds only.
        txn.execute_unprepared("pragma analysis_limit = 1000; pragma optimize = 0x10002").await?;
        Ok(txn.commit().await?)
    }

    /// Has the database look at tables that were just filled, before it would by itself: what it planned for them while
    /// they were small is planned anew. It takes as long as it needs. On PostgreSQL that is for the tables' owner, and nothing
    /// happens for another role; an embedded database looks at whatever has changed much.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn look_at(&self, tables: &[&str]) -> AppResult<()> {
        if dialect::is_postgres(&self.pool) {
            let txn = self.pool.begin().await?;
            txn.execute_unprepared("set local statement_timeout = 0").await?;
            txn.execute_unprepared(&format!("analyze {}", tables.join(", "))).await?;
            return Ok(txn.commit().await?);
        }
        self.refresh_statistics().await
    }

    /// Begins a transaction that only reads, and sees the database as it is at its first statement until it ends,
    /// however long: for walks through whole tables. Its statements may take as long as they need.
    pub async fn begin_snapshot(&self) -> AppResult<DatabaseTransaction> {
        let postgres = dialect::is_postgres(&self.pool);
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        };
        let txn = self.pool.begin_with_options(options).await?;
        if postgres {
            txn.execute_unprepared("set local statement_timeout = 0").await?;
        }
        Ok(txn)
    }
}

/// A transaction that may write, with the turn to do so where writers take turns. Rolled back if it is dropped.
#[derive(Debug)]
pub struct Writing {
    // Before the turn: what is dropped first ends first.
    txn: DatabaseTransaction,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Writing {
    /// Keeps what was written.
    ///
    /// # Errors
    /// Those of the database; nothing is kept then.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.txn.commit().await
    }

    /// Undoes what was written.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.txn.rollback().await
    }
}

impl Deref for Writing {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.txn
    }
}
