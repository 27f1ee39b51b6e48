//! Accepting an invitation.

use super::{company, refuse};
use crate::{
    kernel::{code::Code, event::DomainEvent},
    people::{
        invitations::{model::Accept, rules, store},
        sessions,
        throttle::{self, Guess},
        users::{self, model::NewUser},
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
        graphql::parse,
    },
};

/// Accepts an invitation: the person becomes a user and is signed in.
///
/// # Errors
/// `INVALID_TOKEN` whatever is wrong with it; `WEAK_PASSWORD`; `ADDRESS_TAKEN`; `PARTNER_NOT_ACTIVE`.
pub async fn accept(call: Call, command: Accept) -> AppResult<sessions::model::Opened> {
    call.may(Action::AcceptInvitation)?;
    let unknown = || {
        AppError::invalid(
            "token",
            Code::InvalidToken,
            "This invitation is unknown, used or expired. Ask for a new one.",
        )
    };
    let attempt = throttle::attempt(&call, Guess::InvitationToken, None).await?;
    // Who guesses makes the server hash nothing.
    if !store::is_known(call.db().pool(), &command.token).await? {
        attempt.failed(&call).await?;
        return Err(unknown());
    }
    let services = &call.services;
    let password_hash = services.passwords.hash(command.password, services.ids.as_ref()).await?;
    let opened = call
        .once(async |txn| {
            let found = store::find_by_secret_for_update(txn, &command.token).await?.ok_or_else(unknown)?;
            if !found.is_open(call.now()) {
                return Err(unknown());
            }
            rules::decide_company(company(txn, found.partner_id).await?.as_ref()).map_err(refuse)?;
            if !store::accept(txn, found.id, call.now()).await? {
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
        .await;
    match &opened {
        Ok(_) => attempt.succeeded(&call).await?,
        Err(AppError::Refused(_)) => attempt.failed(&call).await?,
        Err(_) => {}
    }
    sessions::with_tokens(&call, opened?)
}
