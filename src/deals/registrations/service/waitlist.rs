//! Staff put a registration on the waiting list: somebody else holds the place that it was handed in for.

use entity::value::DealRegistrationState as State;

use super::{
    decide::{gather, lines},
    hold, record,
};
use crate::{
    deals::registrations::{
        model::{Change, DealRegistrationAction, Registration},
        rules::{
            policy::DealPolicy,
            resolution::{Purpose, Resolved, resolve},
        },
    },
    kernel::{code::Code, decision::Receipt},
    onboarding::partners,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies, receipts,
    },
};

/// Puts an undecided registration on the waiting list, by the rules by which it would be put there if it were handed in now:
/// whoever holds the place, its partner reads that the account is not available, and nothing else. Its place in the queue is
/// what it was.
///
/// # Errors
/// `NO_CONFLICT` when nobody holds the place; `EVIDENCE_INSUFFICIENT`, or the code of the rule that refuses for good, with the
/// receipt; `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn waitlist(call: Call, change: Change<()>) -> AppResult<Registration> {
    call.may(Action::DecideRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::Waitlist, &change).await?;
        let partner = partners::facts(txn, before.partner_id).await?;
        let policy = policies::in_force::<DealPolicy>(txn, now).await?;
        let lines = lines(txn, &before).await?;
        let facts = gather(txn, &call, &policy.policy, &before, &partner, &lines).await?;
        let receipt = queued(resolve(Purpose::Registration, policy.version, &facts), facts.qualified_at.is_some())?;
        let after = Registration { state: State::Waitlisted, ..before.changed() };
        record(txn, &call, Action::DecideRegistration, &before, &after).await?;
        receipts::save(txn, &call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
        Ok(after)
    })
    .await
}

/// The receipt of what queues, or why it does not.
fn queued(resolved: Resolved, sufficient: bool) -> AppResult<Receipt> {
    if resolved.may_queue() {
        let sentence = "The evidence is not sufficient: who waits for a place has qualified for it.";
        return if sufficient {
            Ok(resolved.receipt)
        } else {
            Err(AppError::invalid("id", Code::EvidenceInsufficient, sentence))
        };
    }
    match resolved.refused {
        Some((code, sentence)) => Err(AppError::decided("id", code, sentence, resolved.receipt)),
        None => {
            let sentence = "Nobody holds the place that it would wait for: approve it, or reject it.";
            Err(AppError::invalid("id", Code::NoConflict, sentence))
        }
    }
}
