//! Use cases of invitations.

use entity::value::{InvitationId, MailKind, TypedId};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Accept, Invitation, NewInvitation},
    store,
};
use crate::{
    kernel::{code::Code, event::DomainEvent},
    people::{
        sessions,
        users::{self, model::NewUser},
    },
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
        graphql::parse,
        mail,
    },
};

/// The secret of an invitation: derived, so that a retry can show it again although only its hash is kept.
#[must_use]
pub fn secret(call: &Call, id: InvitationId) -> String {
    call.services.tokens.secret_for("invitation", id.uuid(), 0)
}

/// Invites a person, in the transaction of the use case that asks for it; a mail tells them.
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
    let invitation = store::insert(txn, call, id, &secret(call, id), new).await?;
    let change = audit::Change {
        action,
        object_id: invitation.id.to_string(),
        partner_id: invitation.partner_id,
        before: None::<&Invitation>,
        after: Some(&invitation),
    };
    audit::record(txn, call, change).await?;
    mail::queue(txn, call, MailKind::Invitation, invitation.id.uuid()).await?;
    Ok(invitation)
}

/// Accepts an invitation: the person becomes a user and is signed in.
///
/// # Errors
/// `INVALID_TOKEN` whatever is wrong with it; `WEAK_PASSWORD`; `ADDRESS_TAKEN`.
pub async fn accept(call: Call, command: Accept) -> AppResult<sessions::model::Opened> {
    call.may(Action::AcceptInvitation)?;
    let services = &call.services;
    let password_hash = services.passwords.hash(command.password, services.ids.as_ref()).await?;
    let opened = call
        .once(async |txn| {
            let unknown = || {
                AppError::invalid(
                    "token",
                    Code::InvalidToken,
                    "This invitation is unknown, used or expired. Ask for a new one.",
                )
            };
            let found = store::find_for_update(txn, &command.token).await?.ok_or_else(unknown)?;
            if !found.is_open(call.now()) || !store::accept(txn, found.id, call.now()).await? {
                return Err(unknown());
            }
            let (email, email_key) = parse::email(&found.email, "email")?;
            let new = NewUser {
                partner_id: found.partner_id,
                email,
                email_key,
                name: command.name.unwrap_or(found.name),
                roles: found.roles,
                password_hash,
            };
            let user = users::create(txn, &call, Action::AcceptInvitation, new).await?;
            if let Some(partner_id) = user.partner_id {
                events::publish(txn, &call, DomainEvent::ColleagueJoined { partner_id, user_id: user.id }).await?;
            }
            sessions::open(txn, &call, user, None).await
        })
        .await?;
    sessions::with_tokens(&call, opened)
}
