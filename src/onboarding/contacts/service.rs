//! Use cases of contacts.

use entity::value::{PartnerContactId, PartnerId, PartnerState};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Add, Contact, MOST, Remove, Update},
    store,
};
use crate::{
    kernel::code::Code,
    onboarding::partners::{self, model::Partner},
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
    },
};

const ACTION: Action = Action::UpdatePartner;

/// The contacts of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[PartnerContactId]) -> AppResult<Vec<Contact>> {
    if call.may(Action::ReadPartners).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The contacts of these partners that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_of_partners(call: &Call, ids: &[PartnerId]) -> AppResult<Vec<Contact>> {
    store::find_of_partners(&call.reader(), call.scope(), ids).await
}

/// Adds a contact.
///
/// # Errors
/// `NOT_FOUND`, `REQUIRED`, `WRONG_STATE`; `TOO_LONG` when the partner has as many as it may.
pub async fn add(call: Call, command: Add) -> AppResult<Contact> {
    call.may(ACTION)?;
    let id = command.partner_id.or_else(|| call.partner_id());
    let id = id.ok_or_else(|| AppError::invalid("partnerId", Code::Required, "Say which partner it is about."))?;
    call.once(async |txn| {
        // The partner's row is what others who add wait for: nobody counts past the limit.
        let partner = hold(txn, &call, id, "partnerId").await?;
        if store::count_of_partner(txn, partner.id).await? >= MOST {
            return Err(AppError::invalid(
                "partnerId",
                Code::TooLong,
                format!("A partner has at most {MOST} contacts. Remove one that is not needed any more."),
            ));
        }
        let contact = Contact {
            id: call.new_id(),
            partner_id: partner.id,
            kind: command.kind,
            name: command.name.clone(),
            email: command.email.clone(),
            created_at: call.now(),
            version: 1,
        };
        store::insert(txn, &contact).await?;
        record(txn, &call, None, Some(&contact)).await?;
        Ok(contact)
    })
    .await
}

/// Changes a contact.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`.
pub async fn update(call: Call, command: Update) -> AppResult<Contact> {
    call.may(ACTION)?;
    call.once(async |txn| {
        let before = find(txn, &call, command.id, command.expected_version).await?;
        let after = Contact {
            kind: command.kind.unwrap_or(before.kind),
            name: command.name.clone().unwrap_or_else(|| before.name.clone()),
            email: command.email.clone().unwrap_or_else(|| before.email.clone()),
            version: before.version.saturating_add(1),
            ..before.clone()
        };
        store::update(txn, &before, &after).await?;
        record(txn, &call, Some(&before), Some(&after)).await?;
        Ok(after)
    })
    .await
}

/// Removes a contact; nothing of the person stays.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`.
pub async fn remove(call: Call, command: Remove) -> AppResult<Contact> {
    call.may(ACTION)?;
    call.once(async |txn| {
        let before = find(txn, &call, command.id, command.expected_version).await?;
        store::delete(txn, &before).await?;
        record(txn, &call, Some(&before), None).await?;
        Ok(before)
    })
    .await
}

async fn find(
    txn: &DatabaseTransaction,
    call: &Call,
    id: PartnerContactId,
    expected: Option<i64>,
) -> AppResult<Contact> {
    let unseen = || AppError::not_found("contactId");
    let found = store::find_many(txn, call.scope(), &[id]).await?.pop().ok_or_else(unseen)?;
    hold(txn, call, found.partner_id, "contactId").await?;
    let found = store::find_for_update(txn, call.scope(), id).await?.ok_or_else(unseen)?;
    match expected {
        Some(version) if version != found.version => Err(AppError::version_conflict(found.version)),
        _ => Ok(found),
    }
}

async fn hold(txn: &DatabaseTransaction, call: &Call, id: PartnerId, field: &str) -> AppResult<Partner> {
    let partner = partners::hold_in(txn, call.scope(), id).await?.ok_or_else(|| AppError::not_found(field))?;
    if partner.state == PartnerState::Terminated {
        return Err(AppError::invalid(field, Code::WrongState, "The partner is TERMINATED: nothing of it is changed."));
    }
    Ok(partner)
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    before: Option<&Contact>,
    after: Option<&Contact>,
) -> AppResult<()> {
    let Some(it) = after.or(before) else { return Ok(()) };
    let change =
        audit::Change { action: ACTION, object_id: it.id.to_string(), partner_id: Some(it.partner_id), before, after };
    audit::record(txn, call, change).await
}
