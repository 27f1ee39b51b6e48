//! What the vendor's directory says about people's roles.

use entity::value::{Role, Roles};
use sea_orm::DatabaseTransaction;

use super::{
    model::User,
    store::{self, Held},
};
use crate::platform::{
    audit,
    auth::{policy::Action, remembered::Stale},
    call::Call,
    error::{AppError, AppResult},
};

/// Gives a member of staff the roles that the directory says. The last administrator stays one whatever it says:
/// nobody else could let anybody in.
///
/// # Errors
/// Those of the database.
pub async fn follow_directory(txn: &DatabaseTransaction, call: &Call, user: User, roles: &Roles) -> AppResult<User> {
    if user.roles == *roles {
        return Ok(user);
    }
    let Held { user: before, other_admins, .. } = store::hold_with_admins(txn, call.scope(), user.id, None)
        .await?
        .ok_or_else(|| AppError::not_found("userId"))?;
    let keeps_admin = before.is_admin() && other_admins == 0;
    let roles: Roles = roles.iter().chain(keeps_admin.then_some(Role::Admin)).collect();
    if before.roles == roles {
        return Ok(before);
    }
    let after = before.with_roles(roles);
    store::update(txn, &before, &after).await?;
    let change = audit::Change {
        action: Action::UseSession,
        object_id: after.id.to_string(),
        partner_id: None,
        before: Some(&before),
        after: Some(&after),
    };
    audit::record(txn, call, change).await?;
    call.forget(Stale::User(after.id));
    Ok(after)
}
