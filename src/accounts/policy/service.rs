//! Use cases of the policy of accounts.

use sea_orm::ConnectionTrait;

use super::model::{AccountPolicy, SetPolicy};
use crate::platform::{
    auth::policy::Action,
    call::Call,
    error::AppResult,
    policies::{self, InForce},
};

/// The policy as it is in force now.
///
/// # Errors
/// Those of the database.
pub async fn in_force(db: &impl ConnectionTrait, call: &Call) -> AppResult<InForce<AccountPolicy>> {
    policies::in_force(db, call.now()).await
}

/// The policy as it is in force now, for staff.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn read(call: &Call) -> AppResult<InForce<AccountPolicy>> {
    call.may(Action::ReadAccountDuplicates)?;
    in_force(&call.reader(), call).await
}

/// Changes the policy, from now on.
///
/// # Errors
/// `VERSION_CONFLICT`; `Unauthenticated` or `Forbidden`.
pub async fn set(call: Call, command: SetPolicy) -> AppResult<InForce<AccountPolicy>> {
    call.may(Action::MergeAccounts)?;
    let SetPolicy { merge_undo_days, hierarchy_levels, expected_version } = command;
    let change = |before: AccountPolicy| AccountPolicy {
        merge_undo_days: merge_undo_days.unwrap_or(before.merge_undo_days),
        hierarchy_levels: hierarchy_levels.unwrap_or(before.hierarchy_levels),
    };
    call.once(async |txn| policies::amend(txn, &call, Action::MergeAccounts, expected_version, change).await).await
}
