//! Which parts of a registration can be changed when: everything of a draft, what was asked about while the partner is
//! asked, and how the deal goes on while it is protected.

use entity::value::DealField;

use crate::{
    deals::registrations::model::{DealChanges, Question, Registration},
    kernel::code::Code,
    platform::error::{AppError, AppResult},
};

/// Where a part stands in inputs.
#[must_use]
pub const fn input_field(field: DealField) -> &'static str {
    match field {
        DealField::Account => "account",
        DealField::ProductLines => "productLineIds",
        DealField::Amount => "amount",
        DealField::ExpectedCloseOn => "expectedCloseOn",
        DealField::CustomerContact => "customerContact",
        DealField::PartnerRole => "partnerRole",
        DealField::Need => "need",
        DealField::Evidence => "evidence",
    }
}

/// Which parts are changed.
#[must_use]
pub fn changed(changes: &DealChanges) -> Vec<DealField> {
    let DealChanges { account, product_line_ids, amount, expected_close_on, contact, partner_role, need } = changes;
    [
        (DealField::Account, account.is_some()),
        (DealField::ProductLines, product_line_ids.is_some()),
        (DealField::Amount, amount.is_some()),
        (DealField::ExpectedCloseOn, expected_close_on.is_some()),
        (DealField::CustomerContact, contact.is_some()),
        (DealField::PartnerRole, partner_role.is_some()),
        (DealField::Need, need.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect()
}

/// Whether these parts can be changed now, and there is at least one.
///
/// # Errors
/// `FIELD_NOT_EDITABLE`, naming the first that cannot; `REQUIRED` for none at all.
pub fn check_changes(registration: &Registration, changes: &DealChanges) -> AppResult<()> {
    let parts = changed(changes);
    if parts.is_empty() {
        return Err(AppError::refused(Code::Required, "Say at least one thing that changes."));
    }
    let Some(field) = parts.into_iter().find(|field| !registration.can_edit(*field)) else { return Ok(()) };
    let sentence = format!(
        "The registration is {}: this stays as it is. `editableFields` says what can be changed now.",
        registration.state
    );
    Err(AppError::invalid(input_field(field), Code::FieldNotEditable, sentence))
}

/// Staff ask about something, and not about what makes it this registration and no other.
///
/// # Errors
/// `REQUIRED`, `OUT_OF_RANGE`.
pub fn check_question(question: &Question) -> AppResult<()> {
    if question.fields.is_empty() {
        return Err(AppError::invalid("fields", Code::Required, "Name at least one part that is in question."));
    }
    let identity =
        question.fields.iter().position(|field| matches!(field, DealField::Account | DealField::ProductLines));
    match identity {
        None => Ok(()),
        Some(index) => Err(AppError::invalid(
            &format!("fields.{index}"),
            Code::OutOfRange,
            "For another customer or another product line a deal is registered anew: reject this one and say so.",
        )),
    }
}
