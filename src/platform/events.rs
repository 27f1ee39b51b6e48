//! Domain events: producers append, `reactions.rs` reacts inside the same transaction.

use futures::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use super::{call::Call, error::AppResult};
use crate::kernel::event::DomainEvent;

/// Who reacts to domain events: one table for the whole product.
pub trait Reactions: Send + Sync + 'static {
    /// Lets everybody concerned react, in the transaction of the change.
    fn react<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        event: DomainEvent,
    ) -> BoxFuture<'a, AppResult<()>>;
}

/// Publishes an event in the transaction of the change that it tells of.
///
/// # Errors
/// Those of the reactions: the change fails with them.
pub async fn publish(txn: &DatabaseTransaction, call: &Call, event: DomainEvent) -> AppResult<()> {
    call.services.reactions.react(txn, call, event).await
}
