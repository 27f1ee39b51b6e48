//! What a transaction has recorded so far, kept beside it until its end.

use std::{cell::RefCell, mem};

use entity::audit_event;
use sea_orm::DatabaseTransaction;

use super::{
    super::error::{AppError, AppResult},
    chain,
};

struct Recorded {
    /// Whose events these are: where the transaction lies. It stays there while its work borrows it.
    transaction: usize,
    events: Vec<audit_event::Model>,
}

tokio::task_local! {
    /// The innermost transaction of the work that is being done; each has its own, also when several run at once.
    static RECORDED: RefCell<Recorded>;
}

/// Does the work of a transaction. What it records joins the audit chains when the work has ended well; when it has
/// failed it is forgotten, as everything that the transaction did.
///
/// # Errors
/// Those of the work and of the database; the transaction must be rolled back then.
pub async fn recording<T>(txn: &DatabaseTransaction, work: impl Future<Output = AppResult<T>>) -> AppResult<T> {
    let recorded = Recorded { transaction: place(txn), events: Vec::new() };
    RECORDED
        .scope(RefCell::new(recorded), async {
            let value = work.await?;
            let events = RECORDED.with(|recorded| mem::take(&mut recorded.borrow_mut().events));
            Box::pin(chain::append(txn, events)).await?;
            Ok(value)
        })
        .await
}

/// Keeps an event until the end of its transaction.
///
/// # Errors
/// When nobody would write it: this is not the transaction whose work is being done.
pub fn keep(txn: &DatabaseTransaction, event: audit_event::Model) -> AppResult<()> {
    let kept = RECORDED.try_with(|recorded| {
        let mut recorded = recorded.borrow_mut();
        let own = recorded.transaction == place(txn);
        if own {
            recorded.events.push(event);
        }
        own
    });
    if kept == Ok(true) {
        return Ok(());
    }
    Err(AppError::internal("an audit event outside Call::once and Call::in_transaction, where nobody would write it"))
}

fn place(txn: &DatabaseTransaction) -> usize {
    std::ptr::from_ref(txn).addr()
}
