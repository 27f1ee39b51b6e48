//! Use cases of the policy of deals.

use entity::value::Timestamp;
use sea_orm::ConnectionTrait;

use super::{
    lab::{self, Asked, Preview},
    model::{DealPolicyDraft, SetPolicy},
    rules,
};
use crate::{
    deals::registrations::rules::policy::DealPolicy,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies::{self, Kept, Revision},
    },
};

/// A version of the policy, for staff: the one of that number, or the one in force.
///
/// # Errors
/// `NOT_FOUND` for a number that there is not; `Unauthenticated` or `Forbidden`.
pub async fn read(call: &Call, version: Option<i32>) -> AppResult<Kept<DealPolicy>> {
    call.may(Action::ReadAccountDuplicates)?;
    let found = policies::read(&call.reader(), version, call.now()).await?;
    found.ok_or_else(|| AppError::not_found("version"))
}

/// The version that was written last, in force already or not: what a draft changes.
async fn last(db: &impl ConnectionTrait) -> AppResult<Kept<DealPolicy>> {
    let found = policies::read(db, None, Timestamp::from_micros(i64::MAX)).await?;
    found.ok_or_else(|| AppError::internal("a policy without its shipped version"))
}

/// Writes the next version of the policy, from the one that was written last.
///
/// # Errors
/// What is wrong with it, by its field; `VERSION_CONFLICT`; `OUT_OF_RANGE` for its instant.
pub async fn set(call: Call, command: SetPolicy) -> AppResult<Kept<DealPolicy>> {
    call.may(Action::ManageProgramPolicies)?;
    call.once(async |txn| {
        let policy = command.draft.upon(last(txn).await?.policy);
        rules::check(&policy)?;
        let SetPolicy { effective_at, expected_version, .. } = command;
        let revision = Revision { policy, effective_at, expected_version };
        policies::revise(txn, &call, Action::ManageProgramPolicies, revision).await
    })
    .await
}

/// What past decisions would have been under a draft; what the draft does not say is as in the version that was written
/// last, as when the draft is written.
///
/// # Errors
/// What is wrong with the draft, by its field; `OUT_OF_RANGE` for a span that is empty or has too many decisions;
/// `Unauthenticated` or `Forbidden`.
pub async fn preview(call: &Call, draft: DealPolicyDraft, asked: Asked) -> AppResult<Preview> {
    call.may(Action::ManageProgramPolicies)?;
    let base = last(&call.reader()).await?;
    let policy = draft.upon(base.policy);
    rules::check(&policy)?;
    lab::preview(call, base.version, &policy, asked).await
}
