//! Domain events: producers append, `reactions.rs` reacts inside the same transaction.

use entity::value::{AccountId, PartnerId};
use futures::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use super::{call::Call, error::AppResult};
use crate::kernel::{
    event::DomainEvent,
    merging::{Merging, Survey, Union},
};

/// Who reacts to domain events: one table for the whole product.
pub trait Reactions: Send + Sync + 'static {
    /// Lets everybody concerned react, in the transaction of the change.
    fn react<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        event: DomainEvent,
    ) -> BoxFuture<'a, AppResult<()>>;

    /// Lets whoever waits for a place on an account know that what stands in the way there has changed.
    fn place_changed<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        account_id: AccountId,
    ) -> BoxFuture<'a, AppResult<()>>;

    /// Lets whatever a partner waits for know that what it may claim has changed.
    fn rights_changed<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        partner_id: PartnerId,
    ) -> BoxFuture<'a, AppResult<()>>;

    /// Lets what hangs on two accounts follow a merge, or its undoing, in its transaction. Whoever cannot refuses.
    fn follow<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        merging: Merging,
    ) -> BoxFuture<'a, AppResult<()>>;

    /// What hangs on two accounts that are to be one, and what stands against it, before it happens. With `hold`, what
    /// it depends on stays so until the transaction ends.
    fn survey<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        union: Union,
        hold: bool,
    ) -> BoxFuture<'a, AppResult<Survey>>;
}

/// Publishes an event in the transaction of the change that it tells of.
///
/// # Errors
/// Those of the reactions: the change fails with them.
pub async fn publish(txn: &DatabaseTransaction, call: &Call, event: DomainEvent) -> AppResult<()> {
    call.services.reactions.react(txn, call, event).await
}

/// What hangs on two accounts that are to be one, and what stands against it.
///
/// # Errors
/// Those of the database.
pub async fn survey(txn: &DatabaseTransaction, call: &Call, union: Union, hold: bool) -> AppResult<Survey> {
    call.services.reactions.survey(txn, call, union, hold).await
}

/// Lets what hangs on two accounts follow a merge, or its undoing.
///
/// # Errors
/// Those of whoever cannot follow: the merge fails with them.
pub async fn follow(txn: &DatabaseTransaction, call: &Call, merging: Merging) -> AppResult<()> {
    call.services.reactions.follow(txn, call, merging).await
}

/// Tells that a reservation, an opportunity of the vendor's own team or an incumbent of an account has changed.
///
/// # Errors
/// Those of the reactions: the change fails with them.
pub async fn place_changed(txn: &DatabaseTransaction, call: &Call, account_id: AccountId) -> AppResult<()> {
    call.services.reactions.place_changed(txn, call, account_id).await
}

/// Tells that the authorisations of a partner have changed.
///
/// # Errors
/// Those of the reactions: the change fails with them.
pub async fn rights_changed(txn: &DatabaseTransaction, call: &Call, partner_id: PartnerId) -> AppResult<()> {
    call.services.reactions.rights_changed(txn, call, partner_id).await
}
