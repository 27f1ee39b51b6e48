//! Use cases of invitations.

mod accept;
mod invite;

use entity::value::{InvitationId, MailKind, PartnerId, TypedId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Company, Invitation, InvitationFilter, NewInvitation},
    rules::Refusal,
    store,
};
use crate::platform::{
    audit,
    auth::policy::Action,
    call::Call,
    error::{AppError, AppResult},
    graphql::{
        page::{Page, Rows},
        parse,
    },
    mail,
};

pub use accept::accept;
pub use invite::{invite_user, resend, revoke};

/// The secret of an invitation: derived, so that a retry can show it again although only its hash is kept.
#[must_use]
pub fn secret(call: &Call, id: InvitationId) -> String {
    call.services.tokens.secret_for("invitation", id.uuid(), 0)
}

/// The invitations of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[InvitationId]) -> AppResult<Vec<Invitation>> {
    if call.may(Action::ReadUsers).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// A page of the invitations that exist for the caller: all of them for staff, those of their own company for a
/// partner's administrators.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: InvitationFilter, page: &Page) -> AppResult<Rows<Invitation>> {
    call.may(Action::ReadUsers)?;
    store::list(&call.reader(), call.scope(), filter, page, call.now()).await
}

/// Invites a person, in the transaction of the use case that asks for it; a mail tells them. Whether the address belongs
/// to somebody already is not looked at: only the mail says it.
///
/// # Errors
/// Those of the database.
pub async fn invite(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    new: NewInvitation,
) -> AppResult<Invitation> {
    let id = call.new_id();
    let (_, email_key) = parse::email(&new.email, "email")?;
    if let Some(older) = store::find_untouched_for_update(txn, new.partner_id, &email_key).await? {
        take_back(txn, call, action, &older).await?;
    }
    let invitation = store::insert(txn, call, id, &secret(call, id), new, email_key).await?;
    record(txn, call, action, None, &invitation).await?;
    mail::queue(txn, call, MailKind::Invitation, invitation.id.uuid()).await?;
    Ok(invitation)
}

/// The invitations of a partner that can be accepted now.
///
/// # Errors
/// Those of the database.
pub async fn open_of_partner(
    db: &impl ConnectionTrait,
    call: &Call,
    partner_id: PartnerId,
) -> AppResult<Vec<Invitation>> {
    store::find_open_of_partner(db, partner_id, call.now()).await
}

/// Takes invitations back, in the transaction of the use case that ends them.
///
/// # Errors
/// Those of the database.
pub async fn take_back_all(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    invitations: &[Invitation],
) -> AppResult<()> {
    for invitation in invitations {
        take_back(txn, call, action, invitation).await?;
    }
    Ok(())
}

async fn take_back(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    invitation: &Invitation,
) -> AppResult<Invitation> {
    let now = call.now();
    store::revoke(txn, invitation.id, now).await?;
    let after = invitation.revoked(now);
    record(txn, call, action, Some(invitation), &after).await?;
    Ok(after)
}

async fn company(db: &impl ConnectionTrait, partner_id: Option<PartnerId>) -> AppResult<Option<Company>> {
    match partner_id {
        Some(id) => store::company(db, id).await,
        None => Ok(None),
    }
}

fn refuse((field, code, sentence): Refusal) -> AppError {
    AppError::invalid(field, code, sentence)
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Option<&Invitation>,
    after: &Invitation,
) -> AppResult<()> {
    let change = audit::Change {
        action,
        object_id: after.id.to_string(),
        partner_id: after.partner_id,
        before,
        after: Some(after),
    };
    audit::record(txn, call, change).await
}
