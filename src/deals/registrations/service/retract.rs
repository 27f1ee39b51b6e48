//! Evidence is withdrawn: it stays on record, counts no more, and may cost the place in the queue.

use entity::value::EvidenceId;

use super::{draft::counting, hold, record, register::expect_hold_left};
use crate::{
    deals::registrations::{
        model::{Change, DealRegistrationAction, Registration},
        rules::{evidence, policy::DealPolicy},
        store,
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies,
    },
};

/// Withdraws an item of evidence. The score is reckoned anew; when what is left is not sufficient, the place in the queue
/// is lost, and a new one begins at the instant at which the evidence is sufficient again.
///
/// # Errors
/// `HOLDS_USED_UP` when the place would be held for a while, and the partner has as many such places as are possible;
/// `NOT_FOUND`, `FIELD_NOT_EDITABLE`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn withdraw_evidence(call: Call, change: Change<EvidenceId>) -> AppResult<Registration> {
    call.may(Action::UpdateRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::WithdrawEvidence, &change).await?;
        let mut left = counting(store::find_evidence(txn, &[before.id]).await?);
        let place = left.iter().position(|it| it.id == change.what);
        left.remove(place.ok_or_else(|| AppError::not_found("evidenceId"))?);
        let items: Vec<_> = left.into_iter().map(|it| it.item).collect();
        let policy = policies::in_force::<DealPolicy>(txn, now).await?;
        let score = evidence::score(&policy.policy.evidence, &before.need, &items);
        let after = before.reckoned(score, &policy, now).changed();
        expect_hold_left(txn, &call, (&before, &after), &policy, "evidenceId").await?;
        store::withdraw_evidence(txn, &call, change.what).await?;
        record(txn, &call, Action::UpdateRegistration, &before, &after).await?;
        Ok(after)
    })
    .await
}
