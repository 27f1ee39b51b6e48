//! Customers of another system, in bulk: each row is answered by itself, and a repeat changes nothing.

use std::collections::HashMap;

use entity::value::AccountId;
use sea_orm::DatabaseTransaction;

use super::{
    recognise,
    write::{check_change, check_new, create_checked, hold_profile, write},
};
use crate::{
    accounts::{
        accounts::{
            model::{Account, NewAccount, Profile, Upsert, UpsertRow, Upserted},
            rules, store,
        },
        identity::{
            self,
            model::{Identity, Reference},
        },
        policy::{self, model::AccountPolicy},
    },
    platform::{
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
    },
};

/// What is known of a bulk before its first row: accounts by reference, as they were then.
#[derive(Default)]
struct Known {
    ids: HashMap<Reference, AccountId>,
    profiles: HashMap<AccountId, Profile>,
}

/// Creates and changes accounts as another system tells. A row whose reference is not known is taken for the account
/// that is the same customer, if there is one.
///
/// # Errors
/// Who you are; those of the database.
pub async fn upsert(call: Call, command: Upsert) -> AppResult<Vec<Upserted>> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        let Upsert { system, rows } = command;
        store::take_turns(txn).await?;
        let policy = policy::in_force(txn, &call).await?.policy;
        let mut known = gather(txn, &system, &rows).await?;
        let mut answers: Vec<(usize, Upserted)> = Vec::with_capacity(rows.len());
        let mut parsed: Vec<(usize, UpsertRow)> = Vec::with_capacity(rows.len());
        for (index, row) in rows.into_iter().enumerate() {
            match row {
                Ok(row) => parsed.push((index, row)),
                Err(problem) => answers.push((index, Upserted::Refused(problem))),
            }
        }
        let names: Vec<(&str, Option<&str>)> =
            parsed.iter().map(|(_, row)| (row.external_id.as_str(), row.parent.as_deref())).collect();
        for place in rules::parents_first(&names) {
            let Some((index, row)) = parsed.get(place) else { continue };
            let answer = match take(txn, &call, &policy, &system, row, &mut known).await {
                Ok(answer) => answer,
                // A row is refused before anything of it is written.
                Err(AppError::Refused(mut problems)) if !problems.is_empty() => {
                    Upserted::Refused(problems.swap_remove(0))
                }
                Err(other) => return Err(other),
            };
            answers.push((*index, answer));
        }
        answers.sort_by_key(|(index, _)| *index);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    })
    .await
}

/// Six statements for all rows: a bulk that changes nothing costs no more.
async fn gather(txn: &DatabaseTransaction, system: &str, rows: &[Result<UpsertRow, impl Sized>]) -> AppResult<Known> {
    let mut names: Vec<&str> = Vec::new();
    for row in rows.iter().flatten() {
        names.push(&row.external_id);
        names.extend(row.parent.as_deref());
    }
    names.sort_unstable();
    names.dedup();
    let ids = identity::owners_of_references(txn, system, &names).await?;
    let mut accounts: Vec<AccountId> = ids.values().copied().collect();
    accounts.sort_unstable();
    accounts.dedup();
    let mut identities = identity::of_accounts(txn, &accounts).await?;
    let mut known = Known { ids, profiles: HashMap::new() };
    for account in store::find_many(txn, Scope::Everything, &accounts).await? {
        let identity = identities.remove(&account.id).unwrap_or_default();
        known.profiles.insert(account.id, Profile { account, identity });
    }
    Ok(known)
}

async fn take(
    txn: &DatabaseTransaction,
    call: &Call,
    policy: &AccountPolicy,
    system: &str,
    row: &UpsertRow,
    known: &mut Known,
) -> AppResult<Upserted> {
    let reference = |external_id: &str| Reference { system: system.to_owned(), external_id: external_id.to_owned() };
    let parent_id = match &row.parent {
        None => None,
        Some(parent) => {
            Some(known.ids.get(&reference(parent)).copied().ok_or_else(|| AppError::not_found("parentExternalId"))?)
        }
    };
    let own = reference(&row.external_id);
    let new = || NewAccount {
        industry: row.industry.clone(),
        size: row.size,
        parent_id,
        identity: row.identity.clone().with(&Identity { references: vec![own.clone()], ..Identity::default() }),
        ..NewAccount::of(row.customer.clone())
    };
    let found = match known.ids.get(&own) {
        Some(id) => Some(*id),
        None => {
            let new = new();
            let found = recognise::same(txn, call, &new.customer, &new.whole_identity()).await?;
            found.map(|(account, _)| account.id)
        }
    };
    let Some(id) = found else {
        let new = new();
        check_new(txn, policy, &new).await?;
        let account = create_checked(txn, call, new).await?;
        known.ids.insert(own, account.id);
        return Ok(Upserted::Created(account));
    };
    if let Some(before) = known.profiles.get(&id)
        && *before == before.told(system, row, parent_id)
    {
        return Ok(Upserted::Unchanged(before.account.clone()));
    }
    let before = hold_profile(txn, id).await?.ok_or_else(|| AppError::internal("a reference leads to no account"))?;
    if before.account.merged_into_id.is_some() {
        return Err(AppError::overtaken("an account was merged while it was told of"));
    }
    let after = before.told(system, row, parent_id);
    check_change(txn, policy, &before, &after).await?;
    write(txn, call, &before, &after).await?;
    known.ids.insert(own, id);
    let account: Account = after.account.clone();
    let answer = if before == after { Upserted::Unchanged(account) } else { Upserted::Updated(account) };
    known.profiles.insert(id, after);
    Ok(answer)
}
