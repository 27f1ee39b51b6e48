//! The answers of those who wait to the place that is offered to them.

use entity::value::{DealRegistrationState as State, OfferAnswer, RegistrationId};
use sea_orm::DatabaseTransaction;

use super::{
    decide::{gather, grant, lines},
    record,
    turns::replan,
};
use crate::{
    deals::registrations::{
        model::{Change, Offer, Registration},
        rules::policy::DealPolicy,
        store,
    },
    kernel::code::Code,
    onboarding::partners,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies,
    },
};

/// Accepts the place that is offered: it is protected from now on, unless a rule stands against it.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE` when no offer is open, `VERSION_CONFLICT`; the code of the rule that refuses, as a partner may
/// read it.
pub async fn accept(call: Call, change: Change<()>) -> AppResult<Registration> {
    call.may(Action::UpdateRegistration)?;
    call.once(async |txn| {
        let before = hold_waiting(txn, &call, &change).await?;
        if !store::offers::answer(txn, &call, &[before.id], OfferAnswer::Accepted).await? {
            return Err(no_offer());
        }
        let partner = partners::facts(txn, before.partner_id).await?;
        let policy = policies::in_force::<DealPolicy>(txn, call.now()).await?;
        let lines = lines(txn, &before).await?;
        let facts = gather(txn, &call, &policy.policy, &before, &partner, &lines).await?;
        let (row, from) = ((&before, lines.as_slice()), (&partner, &policy));
        let granted = grant(txn, &call, Action::UpdateRegistration, row, from, &facts);
        Box::pin(granted).await.map_err(as_partners_read)
    })
    .await
}

/// Declines the place that is offered: the registration stays on the waiting list, and the next one has its turn.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE` when no offer is open, `VERSION_CONFLICT`.
pub async fn decline(call: Call, change: Change<()>) -> AppResult<Registration> {
    call.may(Action::UpdateRegistration)?;
    call.once(async |txn| {
        let before = hold_waiting(txn, &call, &change).await?;
        if !store::offers::answer(txn, &call, &[before.id], OfferAnswer::Declined).await? {
            return Err(no_offer());
        }
        let after = before.changed();
        record(txn, &call, Action::UpdateRegistration, &before, &after).await?;
        replan(txn, &call, after.account_id).await?;
        Ok(after)
    })
    .await
}

/// The registration, held, at the version that the caller has seen, while it waits.
async fn hold_waiting(txn: &DatabaseTransaction, call: &Call, change: &Change<()>) -> AppResult<Registration> {
    let found = store::find_for_update(txn, call.scope(), change.id).await?.ok_or_else(|| AppError::not_found("id"))?;
    let registration = found.as_of(call.now());
    registration.expect_version(change.expected_version)?;
    if registration.state == State::Waitlisted { Ok(registration) } else { Err(no_offer()) }
}

fn no_offer() -> AppError {
    AppError::refused(Code::WrongState, "No place is offered to this registration at the moment.")
}

/// What refuses the acceptance is about somebody else, or about the partner itself: it reads only the latter.
fn as_partners_read(error: AppError) -> AppError {
    match error {
        AppError::Refused(mut problems) => {
            for problem in &mut problems {
                if !matches!(
                    problem.code,
                    Code::PartnerNotActive | Code::TerritoryNotAuthorised | Code::EvidenceInsufficient
                ) {
                    problem.code = Code::AccountNotAvailable;
                    "The place is not available any more.".clone_into(&mut problem.message);
                    problem.receipt = None;
                }
            }
            AppError::Refused(problems)
        }
        other => other,
    }
}

/// The offers of these registrations that have begun: for whoever has found the registrations.
///
/// # Errors
/// Those of the database.
pub async fn offers_of(call: &Call, ids: &[RegistrationId]) -> AppResult<Vec<(RegistrationId, Offer)>> {
    let now = call.now();
    let found = store::offers::of(&call.reader(), ids).await?;
    Ok(found.into_iter().filter(|(_, offer)| offer.starts_at <= now).collect())
}
