//! Keeping the index in step with accounts, and asking it.

use std::collections::HashSet;

use entity::value::AccountId;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{MatchPolicy, Matched, SetMatchPolicy},
    rules::{self, Profile, Subject},
    store,
};
use crate::platform::{
    auth::policy::Action,
    call::Call,
    error::AppResult,
    policies::{self, InForce},
};

/// Writes what an account is recognised by into the index, in the transaction that writes the account: when it is
/// created, changed, merged, or parted again. What the index held of it before is replaced.
///
/// # Errors
/// Those of the database.
pub async fn index_account(txn: &DatabaseTransaction, id: AccountId, subject: Subject) -> AppResult<()> {
    let profile = Profile::of(Subject { id: Some(id.to_string()), ..subject });
    store::put(txn, id, &profile.subject, &rules::keys(&profile)).await
}

/// As [`index_account`], of an account that this transaction has created: there is nothing to replace.
///
/// # Errors
/// Those of the database.
pub async fn index_new_account(txn: &DatabaseTransaction, id: AccountId, subject: Subject) -> AppResult<()> {
    let profile = Profile::of(Subject { id: Some(id.to_string()), ..subject });
    store::put_new(txn, id, &profile.subject, &rules::keys(&profile)).await
}

/// As [`index_account`], of many accounts.
///
/// # Errors
/// Those of the database.
pub async fn index_accounts(txn: &DatabaseTransaction, accounts: Vec<(AccountId, Subject)>) -> AppResult<()> {
    let ids: Vec<AccountId> = accounts.iter().map(|(id, _)| *id).collect();
    let held: HashSet<AccountId> = store::subjects(txn, &ids).await?.into_iter().map(|it| it.account_id).collect();
    let mut new = Vec::new();
    for (id, subject) in accounts {
        if held.contains(&id) {
            index_account(txn, id, subject).await?;
        } else {
            let profile = Profile::of(Subject { id: Some(id.to_string()), ..subject });
            let keys = rules::keys(&profile);
            new.push((id, profile.subject, keys));
        }
    }
    store::put_all_new(txn, &new).await
}

/// Takes an account out of the index: it was merged into another.
///
/// # Errors
/// Those of the database.
pub async fn forget_account(txn: &DatabaseTransaction, id: AccountId) -> AppResult<()> {
    store::remove(txn, id).await
}

/// The next accounts behind `after`: those that are not in the index as this version of the matcher writes them, and the
/// last one that was looked at; none at the end.
///
/// # Errors
/// Those of the database.
pub async fn not_indexed(
    db: &impl ConnectionTrait,
    after: Option<AccountId>,
    most: i64,
) -> AppResult<(Vec<AccountId>, Option<AccountId>)> {
    store::not_indexed(db, after, most).await
}

/// The accounts that are, or may be, this customer: best first, by the policy in force. The same for whoever asks; who
/// may learn which account it is, is the business of the asker.
///
/// # Errors
/// Those of the database.
pub async fn find(db: &impl ConnectionTrait, call: &Call, subject: Subject) -> AppResult<InForce<Vec<Matched>>> {
    let InForce { version, policy } = policies::in_force::<MatchPolicy>(db, call.now()).await?;
    Ok(InForce { version, policy: find_by(db, &policy, subject).await? })
}

/// As [`find`], by a policy at hand.
///
/// # Errors
/// Those of the database.
pub async fn find_by(db: &impl ConnectionTrait, policy: &MatchPolicy, subject: Subject) -> AppResult<Vec<Matched>> {
    let question = Profile::of(subject);
    let mut ids = store::candidates(db, &rules::sought(&question)).await?;
    // An account that is compared with the others is not its own duplicate.
    ids.retain(|id| question.subject.id.as_deref() != Some(id.to_string().as_str()));
    let known = store::subjects(db, &ids).await?;
    let known = known.into_iter().map(|known| (known.account_id, Profile::of(known.subject)));
    let ranked = rules::rank(&question, known, &policy.thresholds());
    Ok(ranked.into_iter().map(|it| Matched { account_id: it.candidate, finding: it.finding }).collect())
}

/// The accounts that are, or may be, this customer, for staff.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn for_staff(call: &Call, subject: Subject) -> AppResult<InForce<Vec<Matched>>> {
    call.may(Action::MatchAccounts)?;
    find(&call.reader(), call, subject).await
}

/// The policy as it is in force now, for staff.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn policy(call: &Call) -> AppResult<InForce<MatchPolicy>> {
    call.may(Action::ReadAccountDuplicates)?;
    policies::in_force(&call.reader(), call.now()).await
}

/// Changes the policy, from now on.
///
/// # Errors
/// `VERSION_CONFLICT`; `Unauthenticated` or `Forbidden`.
pub async fn set_policy(call: Call, command: SetMatchPolicy) -> AppResult<InForce<MatchPolicy>> {
    call.may(Action::MergeAccounts)?;
    let SetMatchPolicy { probable_from, margin, most_candidates, availability_checks_a_day, expected_version } =
        command;
    let change = |before: MatchPolicy| MatchPolicy {
        probable_from: probable_from.unwrap_or(before.probable_from),
        margin: margin.unwrap_or(before.margin),
        most_candidates: most_candidates.unwrap_or(before.most_candidates),
        availability_checks_a_day: availability_checks_a_day.unwrap_or(before.availability_checks_a_day),
    };
    call.once(async |txn| policies::amend(txn, &call, Action::MergeAccounts, expected_version, change).await).await
}
