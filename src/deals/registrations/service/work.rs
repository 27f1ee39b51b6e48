//! Working a deal: taking the registration back, moving the sale on, winning and losing it.

use entity::value::{DealRegistrationOutcome as Outcome, DealRegistrationState as State, DealStage};

use super::{hold, record};
use crate::{
    deals::registrations::{
        model::{Change, DealRegistrationAction, Loss, Registration, Win},
        rules,
    },
    kernel::{calendar::VENDOR_TIME_ZONE, code::Code, event::DomainEvent},
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
    },
};

/// Takes a registration back, or gives its protection up.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn withdraw(call: Call, change: Change<()>) -> AppResult<Registration> {
    call.may(Action::WithdrawRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::Withdraw, &change).await?;
        let after = if before.state == State::Protected {
            before.ended(State::Released, Outcome::GivenUp, None, now)
        } else {
            before.ended(State::Withdrawn, Outcome::TakenBack, None, now)
        };
        record(txn, &call, Action::WithdrawRegistration, &before, &after).await?;
        Ok(after)
    })
    .await
}

/// Moves the sale to a later stage.
///
/// # Errors
/// `OUT_OF_RANGE` for a stage that is not later; `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn advance(call: Call, change: Change<DealStage>) -> AppResult<Registration> {
    call.may(Action::WorkDeal)?;
    call.once(async |txn| {
        let (before, _) = hold(txn, &call, DealRegistrationAction::AdvanceStage, &change).await?;
        if !rules::is_advance(before.deal_stage, change.what) {
            return Err(AppError::invalid(
                "stage",
                Code::OutOfRange,
                format!(
                    "From {} a deal moves to a later stage; its end is recorded as won or lost.",
                    before.deal_stage
                ),
            ));
        }
        let after = Registration { deal_stage: change.what, ..before.changed() };
        record(txn, &call, Action::WorkDeal, &before, &after).await?;
        Ok(after)
    })
    .await
}

/// Records the order. Protection ends as converted; what had expired before stays expired.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`, `OUT_OF_RANGE`.
pub async fn win(call: Call, change: Change<Win>) -> AppResult<Registration> {
    call.may(Action::WinDeal)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::MarkWon, &change).await?;
        let amount = change.what.amount.unwrap_or(before.amount);
        let after = Registration {
            deal_stage: DealStage::Won,
            won_amount: Some(amount),
            closed_on: Some(rules::closing_day(change.what.closed_on, now, VENDOR_TIME_ZONE)?),
            ..before.ended(State::Converted, Outcome::Won, None, now)
        };
        record(txn, &call, Action::WinDeal, &before, &after).await?;
        let won = DomainEvent::DealWon {
            partner_id: after.partner_id,
            registration_id: after.id,
            amount_minor: amount.minor_units,
            currency: amount.currency,
        };
        events::publish(txn, &call, won).await?;
        Ok(after)
    })
    .await
}

/// Records the loss. Protection ends as released; what had expired before stays expired.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`, `OUT_OF_RANGE`.
pub async fn lose(call: Call, change: Change<Loss>) -> AppResult<Registration> {
    call.may(Action::WorkDeal)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::MarkLost, &change).await?;
        let after = Registration {
            deal_stage: DealStage::Lost,
            closed_on: Some(rules::closing_day(change.what.closed_on, now, VENDOR_TIME_ZONE)?),
            ..before.ended(State::Released, Outcome::Lost, Some(change.what.reason.clone()), now)
        };
        record(txn, &call, Action::WorkDeal, &before, &after).await?;
        Ok(after)
    })
    .await
}
