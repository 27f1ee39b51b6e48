//! From a decision to what the service does with it.

use crate::{
    kernel::{
        code::Code,
        decision::{Decision, Receipt},
    },
    platform::error::{AppError, AppResult},
};

/// The receipt of a granted decision; else the refusal, naming the input's field that the refusing rule is about.
pub fn granted(decision: Decision, field_of: impl FnOnce(&str) -> &'static str) -> AppResult<Receipt> {
    let (receipt, refused) = decision.finish();
    let Some((code, sentence)) = refused else { return Ok(receipt) };
    let field = receipt.steps.last().map_or("", |step| field_of(&step.rule));
    Err(AppError::decided(field, code, sentence, receipt))
}

/// Refuses when the caller decided on another version than the present one.
pub fn expect_version(expected: Option<i64>, current: i64) -> AppResult<()> {
    match expected {
        Some(version) if version != current => Err(AppError::version_conflict(current)),
        _ => Ok(()),
    }
}

/// The sentence of [`Code::WrongState`].
pub fn wrong_state(what: &str, state: impl std::fmt::Display) -> String {
    format!("The {what} is {state}: this cannot be done any more, or not yet. `allowedActions` says what can.")
}

/// Two amounts of different currencies do not meet.
pub fn same_currency(field: &str, wanted: entity::value::Currency, got: crate::kernel::money::Money) -> AppResult<i64> {
    if got.currency == wanted {
        return Ok(got.minor_units);
    }
    Err(AppError::invalid(
        &format!("{field}.currency"),
        Code::CurrencyMismatch,
        format!("The program pays in {wanted}. Give the amount in {wanted}."),
    ))
}
