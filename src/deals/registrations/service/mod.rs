//! Use cases of deal registrations: gather → decide → record.

mod automatic;
mod availability;
mod bulk;
pub mod contest;
mod decide;
mod draft;
mod due;
mod explain;
mod extend;
mod facts;
mod merging;
mod offers;
mod partner;
mod proofs;
mod queue;
mod read;
mod register;
mod retract;
mod review;
mod revoke;
mod turns;
mod waitlist;
mod work;

pub use availability::availability;
pub use bulk::{BulkRow, approve_clean};
pub use decide::{approve, reject};
pub use draft::{submit, update};
pub use due::due_between;
pub use explain::explain;
pub use extend::{extend, report_progress};
pub use merging::{follow, survey};
pub use offers::{accept, decline, offers_of};
pub use partner::{end_of_terminated, open_of_partner};
pub use proofs::{hold_to_add_evidence, of_evidence};
pub use queue::{doubts, queue};
pub use read::{evidence_of, find, find_many, lines_of, list, policies};
pub use register::{add_evidence, register};
pub use retract::withdraw_evidence;
pub use review::{request_information, take};
pub use revoke::revoke;
pub use turns::{replan, replan_of};
pub use waitlist::waitlist;
pub use work::{advance, lose, win, withdraw};

use entity::value::{DealRegistrationState as State, ProtectionEnd, RegistrationId, Timestamp};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Change, DealRegistrationAction, Registration},
    rules::resolution::Claim,
    store,
};
use crate::{
    deals::conflicts,
    kernel::{
        decision::{Decision, Receipt},
        event::{DomainEvent, RegistrationChange},
    },
    platform::{
        audit,
        auth::policy::{Action, Target},
        call::Call,
        error::{AppError, AppResult},
        events,
    },
};

/// The topic of the news that the queue of what waits for a decision has changed. A registration's own is its id.
pub(super) const QUEUE: &str = "registration-queue";

/// Both locks, the row and the version: the registration as it is now, held until the transaction ends.
async fn hold<T>(
    txn: &DatabaseTransaction,
    call: &Call,
    action: DealRegistrationAction,
    change: &Change<T>,
) -> AppResult<(Registration, Timestamp)> {
    let found = store::find_for_update(txn, call.scope(), change.id).await?.ok_or_else(|| AppError::not_found("id"))?;
    call.may_on(action.verb(), &Target::default())?;
    let now = call.now();
    found.expect_version(change.expected_version)?;
    let registration = if found.contest_is_over(now) { settled(txn, call, found.id).await? } else { found }.as_of(now);
    registration.require(action)?;
    Ok((registration, now))
}

/// A registration whose conflict is over by itself, once that was written down with all that hangs on it.
async fn settled(txn: &DatabaseTransaction, call: &Call, id: RegistrationId) -> AppResult<Registration> {
    Box::pin(conflicts::settle(txn, call, &[id])).await?;
    store::hold_many(txn, &[id]).await?.pop().ok_or_else(|| AppError::not_found("id"))
}

/// Records a change: the row at the version that was seen, the end of its claims if it ended, the audit event.
async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: &Registration,
    after: &Registration,
) -> AppResult<()> {
    store::update(txn, before.version, after).await?;
    if let Some(ended_at) = after.ended_at {
        store::end_claims(txn, after.id, ended_at, end_of(after.state)).await?;
    }
    // On the heap: one change leads to others.
    Box::pin(turns::follow(txn, call, before, after)).await?;
    let change = audit::Change {
        action,
        object_id: after.id.to_string(),
        partner_id: Some(after.partner_id),
        before: Some(before),
        after: Some(after),
    };
    audit::record(txn, call, change).await?;
    Box::pin(changed(txn, call, Some(before), after)).await
}

/// Tells of a change that was written down.
async fn changed(
    txn: &DatabaseTransaction,
    call: &Call,
    before: Option<&Registration>,
    after: &Registration,
) -> AppResult<()> {
    let change = RegistrationChange {
        partner_id: after.partner_id,
        registration_id: after.id,
        version: after.version,
        from: before.map(|before| before.state),
        to: after.state,
        outcome: after.outcome,
        reason: after.outcome_reason.clone(),
        protected_until: after.protected_until,
    };
    call.tell(after.id.to_string());
    if before.into_iter().chain([after]).any(|it| matches!(it.state, State::Submitted | State::InReview)) {
        call.tell(QUEUE.to_owned());
    }
    events::publish(txn, call, DomainEvent::RegistrationChanged(change)).await
}

fn end_of(state: State) -> ProtectionEnd {
    match state {
        State::Expired => ProtectionEnd::Expired,
        State::Converted => ProtectionEnd::Converted,
        State::Revoked => ProtectionEnd::Revoked,
        State::Draft
        | State::Submitted
        | State::InReview
        | State::ActionRequired
        | State::Contested
        | State::Waitlisted
        | State::Protected
        | State::Rejected
        | State::Withdrawn
        | State::Released => ProtectionEnd::Released,
    }
}

/// Writes down which of these claims have ended by the clock, so that their places are free for the database too.
async fn expire(
    txn: &DatabaseTransaction,
    call: &Call,
    claims: impl Iterator<Item = &Claim>,
    now: Timestamp,
) -> AppResult<()> {
    let ids: Vec<RegistrationId> =
        claims.filter(|claim| claim.has_expired(now)).map(|claim| claim.registration_id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let expired = store::find_expired_for_update(txn, &ids, now).await?;
    Box::pin(expire_all(txn, call, expired)).await
}

/// Writes down that these registrations, which are held, have ended by the clock.
async fn expire_all(txn: &DatabaseTransaction, call: &Call, expired: Vec<Registration>) -> AppResult<()> {
    let now = call.now();
    // Nobody did it: whose act was the occasion is no affair of the one whose claim is over.
    let clock = contest::nobody(call);
    for mut stored in expired {
        if stored.contest_is_over(now) {
            stored = settled(txn, call, stored.id).await?;
        }
        let after = stored.changed().as_of(now);
        if after.state == stored.state {
            // The case gave it back as it had ended.
            continue;
        }
        Box::pin(record(txn, &clock, Action::UpdateRegistration, &stored, &after)).await?;
    }
    Ok(())
}

/// The receipt of what was decided, or the refusal with it, naming a field.
fn or_refused(field: &str, decision: Decision) -> AppResult<Receipt> {
    match decision.finish() {
        (receipt, None) => Ok(receipt),
        (receipt, Some((code, sentence))) => Err(AppError::decided(field, code, sentence, receipt)),
    }
}
