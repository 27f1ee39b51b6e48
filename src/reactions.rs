//! One table: when this event happens, that slice does this, in the same transaction.

use futures::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use crate::{
    kernel::event::DomainEvent,
    platform::{call::Call, error::AppResult, events::Reactions},
};

/// Who reacts to what.
pub struct Table;

impl Reactions for Table {
    fn react<'a>(
        &'a self,
        _txn: &'a DatabaseTransaction,
        _call: &'a Call,
        event: DomainEvent,
    ) -> BoxFuture<'a, AppResult<()>> {
        Box::pin(async move {
            #[expect(clippy::match_single_binding, reason = "reactions are added slice by slice")]
            match event {
                _ => Ok(()),
            }
        })
    }
}
