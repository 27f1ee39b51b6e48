//! Inviting people, taking invitations back, sending them anew.

use entity::value::{InvitationId, PartnerId};
use sea_orm::DatabaseTransaction;

use super::{company, invite, refuse, take_back};
use crate::{
    people::invitations::{
        model::{Invitation, Invite, NewInvitation},
        rules, store,
    },
    platform::{
        auth::policy::Action,
        call::Call,
        db::Unique,
        error::{AppError, AppResult},
    },
};

/// Two people who invite an address at once take turns: the later one takes the earlier invitation back.
const ONE_OPEN: &[Unique] = &[
    Unique {
        name: "one_open_invitation_per_partner_and_address",
        columns: "invitations.partner_id, invitations.email_key",
    },
    Unique { name: "one_open_invitation_of_staff_per_address", columns: "invitations.email_key" },
];

/// Invites a person into the caller's own company. The answer is the same whether the address belongs to somebody or
/// not: only the mail tells, and only its reader.
///
/// # Errors
/// `ROLE_NOT_AVAILABLE`; `RateLimited` when the address or the company had many already.
pub async fn invite_user(call: Call, command: Invite) -> AppResult<Invitation> {
    const ACTION: Action = Action::InviteUser;
    call.may(ACTION)?;
    let partner_id = call.partner_id();
    rules::decide_roles(partner_id.is_none(), &command.roles).map_err(refuse)?;
    let invited = call
        .once(async |txn| {
            not_too_often(txn, &call, partner_id, &command.email_key).await?;
            rules::decide_company(company(txn, partner_id).await?.as_ref()).map_err(refuse)?;
            let Invite { email, email_key: _, name, roles } = command;
            invite(txn, &call, ACTION, NewInvitation { partner_id, email, name, roles }).await
        })
        .await;
    invited.map_err(in_turn)
}

/// Takes an invitation back: its link stops working at once.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`.
pub async fn revoke(call: Call, id: InvitationId) -> AppResult<Invitation> {
    const ACTION: Action = Action::InviteUser;
    call.may(ACTION)?;
    call.once(async |txn| {
        let found = hold(txn, &call, id).await?;
        rules::decide_revoking(&found, call.now()).map_err(refuse)?;
        take_back(txn, &call, ACTION, &found).await
    })
    .await
}

/// Sends an invitation anew, with another link: the older one stops working.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `PARTNER_NOT_ACTIVE`; `RateLimited` when the address had many already.
pub async fn resend(call: Call, id: InvitationId) -> AppResult<Invitation> {
    const ACTION: Action = Action::InviteUser;
    call.may(ACTION)?;
    let sent = call
        .once(async |txn| {
            let found = hold(txn, &call, id).await?;
            rules::decide_resending(&found, call.now()).map_err(refuse)?;
            not_too_often(txn, &call, found.partner_id, &found.email_key).await?;
            rules::decide_company(company(txn, found.partner_id).await?.as_ref()).map_err(refuse)?;
            let Invitation { partner_id, email, name, roles, .. } = found;
            invite(txn, &call, ACTION, NewInvitation { partner_id, email, name, roles }).await
        })
        .await;
    sent.map_err(in_turn)
}

async fn hold(txn: &DatabaseTransaction, call: &Call, id: InvitationId) -> AppResult<Invitation> {
    let found = store::find_for_update(txn, call.scope(), id).await?;
    found.ok_or_else(|| AppError::not_found("invitationId"))
}

async fn not_too_often(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: Option<PartnerId>,
    email_key: &str,
) -> AppResult<()> {
    let (to_address, by_company) = store::count_lately(txn, partner_id, email_key, call.now()).await?;
    match rules::wait(to_address, by_company) {
        Some(retry_after) => Err(AppError::RateLimited { retry_after }),
        None => Ok(()),
    }
}

fn in_turn(error: AppError) -> AppError {
    match error {
        AppError::Internal(fault)
            if ONE_OPEN.iter().any(|one| fault.database.as_ref().is_some_and(|error| one.is_violated_by(error))) =>
        {
            AppError::Transient(fault)
        }
        other => other,
    }
}
