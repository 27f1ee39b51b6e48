//! Working a deal: taking the registration back, moving the sale on, winning and losing it.

use entity::value::{DealRegistrationOutcome as Outcome, DealRegistrationState as State, DealStage, Role, Timestamp};
use sea_orm::DatabaseTransaction;

use super::{hold, record};
use crate::{
    deals::registrations::{
        model::{Change, Credit, DealRegistrationAction, Life, Loss, Registration, Win, WonTerms},
        rules::{self, policy::DealPolicy},
    },
    kernel::{calendar::VENDOR_TIME_ZONE, code::Code, event::DomainEvent, money::Money},
    people::users,
    platform::{
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        events, policies,
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
        let (before, now) = hold(txn, &call, DealRegistrationAction::AdvanceStage, &change).await?;
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
        let life = Life { advanced_at: Some(now), ..before.life.clone() };
        let after = Registration { deal_stage: change.what, life, ..before.changed() }.heard_of(now);
        record(txn, &call, Action::WorkDeal, &before, &after).await?;
        Ok(after)
    })
    .await
}

/// Records the order with its terms. Protection ends as converted; what had expired before stays expired.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`.
pub async fn win(call: Call, change: Change<Win>) -> AppResult<Registration> {
    call.may(Action::WinDeal)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::MarkWon, &change).await?;
        let amount = change.what.amount.unwrap_or(before.amount);
        let after = Registration {
            deal_stage: DealStage::Won,
            won_amount: Some(amount),
            terms: terms(txn, &change.what, amount, now).await?,
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

/// The terms of an order: in its currency, and with a person of the direct team who keeps their credit.
async fn terms(txn: &DatabaseTransaction, win: &Win, amount: Money, now: Timestamp) -> AppResult<WonTerms> {
    if win.recurring.is_some_and(|recurring| recurring.currency != amount.currency) {
        let sentence = format!("The order is in {}: what recurs is in the same currency.", amount.currency);
        return Err(AppError::invalid("annualRecurringValue", Code::CurrencyMismatch, sentence));
    }
    let credit = match win.direct_rep {
        None => None,
        Some((user_id, basis_points)) => {
            let found = users::find_in(txn, Scope::Everything, user_id).await?;
            if !found.is_some_and(|user| user.partner_id.is_none() && user.roles.has(Role::DirectSales)) {
                let sentence = "There is nobody of the direct team with this id.";
                return Err(AppError::invalid("directRep.userId", Code::NotFound, sentence));
            }
            let usual = policies::in_force::<DealPolicy>(txn, now).await?.policy.life.direct_rep_credit_bp;
            Some(Credit { user_id, basis_points: basis_points.unwrap_or(usual) })
        }
    };
    Ok(WonTerms { months: win.months, recurring: win.recurring, credit })
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
