//! A person becomes a pseudonym.

use entity::value::UserId;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::change::{hold_by, refused};
use crate::{
    people::users::{
        model::{ErasureReason, User},
        rules, store,
    },
    platform::{audit, auth::policy::Action, call::Call, error::AppResult},
};

/// What the audit keeps of an erasure.
#[derive(Serialize)]
struct Erasure<'a> {
    #[serde(flatten)]
    user: &'a User,
    reason: ErasureReason,
}

/// Replaces a person's name, address and password by a pseudonym, in the transaction of the use case that erases them.
/// Returns the person before and after.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`, `LAST_ADMIN`.
pub async fn erase(
    txn: &DatabaseTransaction,
    call: &Call,
    id: UserId,
    expected_version: Option<i64>,
    reason: ErasureReason,
) -> AppResult<(User, User)> {
    let held = hold_by(txn, call, Action::ErasePerson, id, expected_version).await?;
    rules::decide_present(&held.user).map_err(refused)?;
    let after = held.user.erased(call.now());
    rules::decide_admin_left(&held.user, &after, held.other_admins).map_err(refused)?;
    store::erase(txn, &held.user, &after).await?;
    let erasure = Erasure { user: &after, reason };
    let change = audit::Change {
        action: Action::ErasePerson,
        object_id: id.to_string(),
        partner_id: after.partner_id,
        before: Some(&held.user),
        after: Some(&erasure),
    };
    audit::record(txn, call, change).await?;
    Ok((held.user, after))
}
