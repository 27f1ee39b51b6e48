//! Use cases of activities.

use entity::value::{ActivityId, PartnerId, Timestamp};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Activity, Counted},
    rules, store,
};
use crate::{
    kernel::{code::Code, event::DomainEvent},
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
    },
};

/// Appends what an event tells to the partner's stream, in the transaction of the event. Returns what is new in the
/// stream, in its order: an event that is told again appends nothing.
///
/// # Errors
/// `OUT_OF_RANGE` when it lies in the future; those of the database.
pub async fn append(txn: &DatabaseTransaction, call: &Call, event: &DomainEvent) -> AppResult<Vec<Activity>> {
    let partner_id = rules::partner_of(event);
    if rules::places(event) == 0 {
        return Ok(Vec::new());
    }
    let mut sequence = store::take_places(txn, partner_id, rules::places(event)).await?;
    let now = call.now();
    let given = match event {
        DomainEvent::DealWon { registration_id, .. } => {
            store::value_of(txn, partner_id, &rules::protected_amount_key(*registration_id)).await?
        }
        _ => 0,
    };
    let mut appended = Vec::new();
    for entry in rules::entries(event, now, given) {
        if entry.occurred_at > now {
            let message = "This lies in the future. Send it once it has happened.";
            return Err(AppError::invalid("occurredAt", Code::OutOfRange, message));
        }
        let id: ActivityId = call.new_id();
        appended.extend(store::insert(txn, id, partner_id, sequence, entry, now).await?);
        sequence = sequence.saturating_add(1);
    }
    Ok(appended)
}

/// The activities of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[ActivityId]) -> AppResult<Vec<Activity>> {
    if call.may(Action::ReadEngagement).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The latest activities of each of these partners, as far as they exist for the caller; latest first.
///
/// # Errors
/// Those of the database.
pub async fn latest_of(call: &Call, partners: &[PartnerId], most: i64) -> AppResult<Vec<Activity>> {
    let partners = visible(call, partners);
    if partners.is_empty() { Ok(Vec::new()) } else { store::latest_of(&call.reader(), &partners, most).await }
}

/// The latest activities of each component of each of these partners, as far as they exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn latest_by_component(call: &Call, partners: &[PartnerId], most: i64) -> AppResult<Vec<Activity>> {
    let partners = visible(call, partners);
    if partners.is_empty() {
        return Ok(Vec::new());
    }
    store::latest_by_component(&call.reader(), &partners, most).await
}

/// What counted for these partners since an instant, as far as they exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn counted_since(call: &Call, partners: &[PartnerId], since: Timestamp) -> AppResult<Vec<Counted>> {
    let partners = visible(call, partners);
    if partners.is_empty() { Ok(Vec::new()) } else { store::counted_since(&call.reader(), &partners, since).await }
}

/// The whole stream of a partner in its order, for a replay. Nothing when it does not exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn stream_of(call: &Call, partner_id: PartnerId) -> AppResult<Vec<Activity>> {
    store::stream_of(&call.reader(), call.scope(), partner_id).await
}

fn visible(call: &Call, partners: &[PartnerId]) -> Vec<PartnerId> {
    partners.iter().copied().filter(|id| call.scope().includes(*id)).collect()
}
