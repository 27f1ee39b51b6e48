//! Staff look at a registration: somebody takes it, and asks the partner for more.

use entity::value::DealRegistrationState as State;

use super::{hold, record};
use crate::{
    deals::registrations::{
        model::{Asked, Change, DealRegistrationAction, Question, Registration, Review},
        rules,
    },
    kernel::calendar::{VENDOR_TIME_ZONE, business_time_between},
    platform::{auth::policy::Action, call::Call, error::AppResult},
};

/// Takes a registration: whoever calls looks at it from now on.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn take(call: Call, change: Change<()>) -> AppResult<Registration> {
    call.may(Action::DecideRegistration)?;
    call.once(async |txn| {
        let (before, _) = hold(txn, &call, DealRegistrationAction::Take, &change).await?;
        let after = Registration {
            state: State::InReview,
            review: Review { reviewer_id: call.responsible(), ..before.review.clone() },
            ..before.changed()
        };
        record(txn, &call, Action::DecideRegistration, &before, &after).await?;
        Ok(after)
    })
    .await
}

/// Asks the partner for more: about which parts, and what. The vendor's time stands still until it has answered, and the
/// place in the queue is kept.
///
/// # Errors
/// `REQUIRED`, `OUT_OF_RANGE`, `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn request_information(call: Call, change: Change<Question>) -> AppResult<Registration> {
    call.may(Action::DecideRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::RequestInformation, &change).await?;
        rules::fields::check_question(&change.what)?;
        let Question { fields, message } = change.what.clone();
        let left = business_time_between(now, before.due_at, VENDOR_TIME_ZONE).num_microseconds();
        let review = Review {
            // Who asks looks at the answer, unless somebody else does already.
            reviewer_id: before.review.reviewer_id.or_else(|| call.responsible()),
            asked: Some(Asked { fields, message, at: now }),
            answer: None,
            left: Some(left.unwrap_or(0)),
        };
        let after = Registration { state: State::ActionRequired, review, ..before.changed() };
        record(txn, &call, Action::DecideRegistration, &before, &after).await?;
        Ok(after)
    })
    .await
}
