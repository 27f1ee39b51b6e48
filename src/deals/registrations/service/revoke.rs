//! A protection is taken away.

use entity::value::DealRegistrationState as State;

use super::{hold, or_refused, record};
use crate::{
    deals::registrations::{
        model::{Change, DealRegistrationAction, Registration, Rejection},
        rules::{
            life::{RevocationFacts, revoke as decide},
            policy::DealPolicy,
        },
    },
    platform::{auth::policy::Action, call::Call, error::AppResult, policies, receipts},
};

/// Takes a protection away: for inactivity once that has lasted long enough, or for a breach that somebody answers for.
///
/// # Errors
/// `NOT_INACTIVE` with the receipt; `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn revoke(call: Call, change: Change<Rejection>) -> AppResult<Registration> {
    call.may(Action::DecideRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::Revoke, &change).await?;
        let Rejection { outcome, reason } = change.what.clone();
        let policy = policies::in_force::<DealPolicy>(txn, now).await?;
        let facts = RevocationFacts { now, outcome, active_at: before.active_at().unwrap_or(now) };
        let receipt = or_refused("code", decide(&policy.policy.life, policy.version, &facts, &reason))?;
        let after = before.ended(State::Revoked, outcome, Some(reason), now);
        record(txn, &call, Action::DecideRegistration, &before, &after).await?;
        receipts::save(txn, &call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
        Ok(after)
    })
    .await
}
