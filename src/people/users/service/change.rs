//! People are changed: their roles, their name, whether they may sign in.

use entity::value::{UserId, UserState};
use sea_orm::DatabaseTransaction;

use crate::{
    people::{
        sessions::{self, model::EndReason},
        users::{
            model::{ChangeRoles, ChangeState, Rename, User, UserAction},
            rules::{self, Refusal},
            store::{self, Held},
        },
    },
    platform::{
        audit,
        auth::{
            Caller, SignedIn,
            policy::{self, Action, Target},
            remembered::Stale,
        },
        call::Call,
        error::{AppError, AppResult},
    },
};

/// What the caller may do with a person now.
#[must_use]
pub fn allowed(call: &Call, user: &User) -> Vec<UserAction> {
    rules::allowed(user, call.may(Action::ChangeUser).is_ok(), call.user_id() == Some(user.id))
}

/// Sets somebody's roles.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `REQUIRED`, `ROLE_NOT_AVAILABLE`, `LAST_ADMIN`, `WRONG_STATE`.
pub async fn change_roles(call: Call, command: ChangeRoles) -> AppResult<User> {
    call.may(Action::ChangeUser)?;
    call.once(async |txn| {
        let held = hold(txn, &call, command.id, command.expected_version).await?;
        rules::decide_present(&held.user).map_err(refused)?;
        rules::decide_roles(held.user.partner_id, &command.roles).map_err(refused)?;
        if held.user.roles == command.roles {
            return Ok(held.user);
        }
        let after = held.user.with_roles(command.roles.clone());
        rules::decide_admin_left(&held.user, &after, held.other_admins).map_err(refused)?;
        call.forget(Stale::User(after.id));
        record(txn, &call, Action::ChangeUser, &held.user, after).await
    })
    .await
}

/// Stops somebody from signing in; their sessions end with it.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`, `LAST_ADMIN`.
pub async fn deactivate(call: Call, command: ChangeState) -> AppResult<User> {
    call.may(Action::ChangeUser)?;
    call.once(async |txn| {
        let held = hold(txn, &call, command.id, command.expected_version).await?;
        rules::decide_state(&held.user, UserState::Deactivated).map_err(refused)?;
        let after = held.user.in_state(UserState::Deactivated);
        rules::decide_admin_left(&held.user, &after, held.other_admins).map_err(refused)?;
        let after = record(txn, &call, Action::ChangeUser, &held.user, after).await?;
        sessions::end_all_of(txn, &call, Action::ChangeUser, &after, None, EndReason::UserDeactivated).await?;
        Ok(after)
    })
    .await
}

/// Lets somebody sign in again.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`.
pub async fn reactivate(call: Call, command: ChangeState) -> AppResult<User> {
    call.may(Action::ChangeUser)?;
    call.once(async |txn| {
        let held = hold(txn, &call, command.id, command.expected_version).await?;
        rules::decide_state(&held.user, UserState::Active).map_err(refused)?;
        let after = held.user.in_state(UserState::Active);
        record(txn, &call, Action::ChangeUser, &held.user, after).await
    })
    .await
}

/// Renames somebody: the caller, or a person whom they administer.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`.
pub async fn rename(call: Call, command: Rename) -> AppResult<User> {
    let action = if command.id.is_some() { Action::ChangeUser } else { Action::ManageOwnAccess };
    call.may(action)?;
    let id = command.id.or_else(|| call.user_id()).ok_or(AppError::Unauthenticated)?;
    call.once(async |txn| {
        let held = hold_by(txn, &call, action, id, command.expected_version).await?;
        rules::decide_present(&held.user).map_err(refused)?;
        if held.user.name == command.name {
            return Ok(held.user);
        }
        let after = held.user.named(command.name.clone());
        record(txn, &call, action, &held.user, after).await
    })
    .await
}

async fn hold(txn: &DatabaseTransaction, call: &Call, id: UserId, expected: Option<i64>) -> AppResult<Held> {
    hold_by(txn, call, Action::ChangeUser, id, expected).await
}

/// The person, held with the administrators of their company and with the caller: whoever lost the right to do this
/// while waiting for the row does it no more.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`; `Unauthenticated`, `Forbidden`.
pub async fn hold_by(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    id: UserId,
    expected: Option<i64>,
) -> AppResult<Held> {
    let unseen = || AppError::not_found("userId");
    let held = store::hold_with_admins(txn, call.scope(), id, call.user_id()).await?.ok_or_else(unseen)?;
    if let Some(signed_in) = call.caller.signed_in() {
        let caller = held.caller.as_ref().filter(|caller| caller.state == UserState::Active);
        let roles = caller.ok_or(AppError::Unauthenticated)?.roles.clone();
        let now = Caller::User(SignedIn { roles, ..signed_in.clone() });
        policy::decide(&now, action, &Target::default()).or_refuse()?;
    }
    if expected.is_some_and(|expected| expected != held.user.version) {
        return Err(AppError::version_conflict(held.user.version));
    }
    Ok(held)
}

async fn record(txn: &DatabaseTransaction, call: &Call, action: Action, before: &User, after: User) -> AppResult<User> {
    store::update(txn, before, &after).await?;
    let change = audit::Change {
        action,
        object_id: after.id.to_string(),
        partner_id: after.partner_id,
        before: Some(before),
        after: Some(&after),
    };
    audit::record(txn, call, change).await?;
    Ok(after)
}

pub(super) fn refused((field, code, message): Refusal) -> AppError {
    AppError::invalid(field, code, message)
}
