//! Engagement (`domain.md §7`): the stream of what happened at each partner, and the score that it adds up to.

pub mod activity;
pub mod invariants;
pub mod score;

use sea_orm::DatabaseTransaction;

use crate::{
    kernel::event::DomainEvent,
    platform::{call::Call, error::AppResult},
};

/// Appends what an event tells to the partner's stream and counts it, in the transaction of the event: the next query
/// sees it in the score. An event that is told again counts nothing.
///
/// # Errors
/// `OUT_OF_RANGE` when it lies in the future; those of the database.
pub async fn react(txn: &DatabaseTransaction, call: &Call, event: &DomainEvent) -> AppResult<()> {
    for activity in activity::append(txn, call, event).await? {
        score::count(txn, &activity).await?;
    }
    Ok(())
}
