//! What a request reads outside of its transactions.
//!
//! A partner's reads on PostgreSQL share one read-only transaction behind the partner's wall
//! ([`super::db::walls`]), begun at the first of them: two more round trips a request, not a statement, and one
//! connection instead of one for each. Everybody else reads from the pool.

use entity::value::TypedId as _;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    TransactionTrait as _,
};
use tokio::sync::{Mutex, MutexGuard};

use super::{
    auth::Scope,
    db::{Db, walls},
    error::AppError,
};

/// The reading transaction of a request, if it has one by now.
#[derive(Default)]
pub struct Reading(Mutex<Option<DatabaseTransaction>>);

impl Reading {
    /// Ends it, so that a request never waits for a second connection while it holds a first one.
    pub async fn end(&self) {
        // Rolled back when the connection goes back to the pool.
        drop(self.0.lock().await.take());
    }
}

/// Reads for a caller.
pub struct Reader<'a> {
    db: &'a Db,
    scope: Scope,
    reading: &'a Reading,
}

/// A statement's transaction: held while the statement runs, because a connection runs one at a time.
type Held<'a> = MutexGuard<'a, Option<DatabaseTransaction>>;

impl<'a> Reader<'a> {
    /// Reads what exists for a scope.
    pub(super) const fn new(db: &'a Db, scope: Scope, reading: &'a Reading) -> Self {
        Self { db, scope, reading }
    }

    /// The transaction behind the wall; none where there is no wall to stand behind.
    async fn behind_wall(&self) -> Result<Option<Held<'a>>, DbErr> {
        let Scope::Partner(partner) = self.scope else { return Ok(None) };
        let Some(role) = self.db.partner_role().await? else { return Ok(None) };
        let mut held = self.reading.0.lock().await;
        if held.is_none() {
            let txn = self.db.pool().begin_with_config(None, Some(AccessMode::ReadOnly)).await?;
            walls::stand_behind(&txn, role, partner.uuid()).await.map_err(cause)?;
            *held = Some(txn);
        }
        Ok(Some(held))
    }
}

/// The driver's error inside ours.
fn cause(error: AppError) -> DbErr {
    match error {
        AppError::Internal(fault) | AppError::Unavailable(fault) | AppError::Transient(fault) => {
            DbErr::Custom(fault.cause.clone())
        }
        _ => DbErr::Custom("the wall of a partner cannot be stood behind".to_owned()),
    }
}

/// Runs a statement behind the wall, or on the pool. A transaction in which a statement failed accepts no further one:
/// the next one begins anew.
macro_rules! read {
    ($reader:expr, $method:ident($($arg:expr),*)) => {{
        match $reader.behind_wall().await? {
            None => $reader.db.pool().$method($($arg),*).await,
            Some(mut held) => {
                let Some(txn) = held.as_ref() else { return Err(DbErr::Custom("no transaction".to_owned())) };
                let answer = txn.$method($($arg),*).await;
                if answer.is_err() {
                    *held = None;
                }
                answer
            }
        }
    }};
}

#[async_trait::async_trait]
impl ConnectionTrait for Reader<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.db.pool().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        read!(self, execute_raw(statement))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        read!(self, execute_unprepared(sql))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        read!(self, query_one_raw(statement))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        read!(self, query_all_raw(statement))
    }
}
