//! Approving many at once: what nothing stands against, each in a transaction of its own.

use entity::value::{DealRegistrationState as State, RegistrationId};

use super::{
    decide::{gather, grant, lines},
    hold,
};
use crate::{
    accounts::duplicates,
    deals::registrations::{
        model::{Change, DealRegistrationAction, Registration},
        rules::{
            policy::DealPolicy,
            resolution::{Purpose, resolve},
        },
    },
    kernel::code::Code,
    onboarding::partners,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult, Problem},
        graphql::mutation::again,
        idempotency::Key,
        policies,
    },
};

/// What became of one of many.
#[derive(Clone, Debug)]
pub struct BulkRow {
    /// Which one.
    pub id: RegistrationId,
    /// As it is now, or why it was left as it is.
    pub outcome: Result<Registration, Vec<Problem>>,
}

/// Approves those of these registrations that nothing stands against. Each is decided by itself, and what is refused leaves
/// the others alone.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; faults. What was approved before a fault stays approved.
pub async fn approve_clean(call: Call, ids: Vec<RegistrationId>) -> AppResult<Vec<BulkRow>> {
    call.may(Action::DecideRegistration)?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        // A retry answers each row from what was kept of it.
        let one = call.key.as_ref().map(|key| Key { key: format!("{}:{id}", key.key), ..key.clone() });
        let outcome = match again(&call.with_key(one), id, approve_one).await {
            Ok(registration) => Ok(registration),
            Err(AppError::Refused(problems)) => Err(problems),
            Err(fault) => return Err(fault),
        };
        rows.push(BulkRow { id, outcome });
    }
    Ok(rows)
}

async fn approve_one(call: Call, id: RegistrationId) -> AppResult<Registration> {
    call.once(async |txn| {
        let change = Change { id, expected_version: None, what: () };
        let (before, now) = hold(txn, &call, DealRegistrationAction::Approve, &change).await?;
        let partner = partners::facts(txn, before.partner_id).await?;
        let policy = policies::in_force::<DealPolicy>(txn, now).await?;
        let lines = lines(txn, &before).await?;
        let facts = gather(txn, &call, &policy.policy, &before, &partner, &lines).await?;
        let doubted = !duplicates::doubted(txn, &[before.account_id]).await?.is_empty();
        let against = resolve(Purpose::Registration, policy.version, &facts);
        if before.state == State::Waitlisted || doubted || !against.is_clean() {
            let sentence = "Something stands against it: look at it and decide about it by itself.";
            return Err(AppError::decided("", Code::NotClean, sentence, against.receipt));
        }
        let (row, from) = ((&before, lines.as_slice()), (&partner, &policy));
        Box::pin(grant(txn, &call, Action::DecideRegistration, row, from, &facts)).await
    })
    .await
}
