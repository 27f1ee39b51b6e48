//! Creating and changing accounts: gather what stands against it, decide, record.

use entity::value::{AccountId, Country, PartnerId};
use sea_orm::DatabaseTransaction;

use super::{
    hierarchy::{check_parent, height},
    recognise,
};
use crate::{
    accounts::{
        accounts::{
            model::{Account, Customer, NewAccount, Profile, Update},
            store,
        },
        identity::{self, model::Identity},
        matching::model::Matched,
        policy::{self, model::AccountPolicy},
        reservations,
    },
    kernel::code::Code,
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
    },
};

/// Creates an account, by staff.
///
/// # Errors
/// `ACCOUNT_EXISTS` when it is the same customer as one that exists, `ACCOUNT_IDENTIFIER_TAKEN`, `ACCOUNT_HIERARCHY`;
/// `NOT_FOUND` for the parent.
pub async fn create(call: Call, new: NewAccount) -> AppResult<Account> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        store::take_turns(txn).await?;
        let policy = policy::in_force(txn, &call).await?.policy;
        if let Some((found, _)) = recognise::same(txn, &call, &new.customer, &new.whole_identity()).await? {
            return Err(exists(found.id));
        }
        check_new(txn, &policy, &new).await?;
        create_checked(txn, &call, new).await
    })
    .await
}

/// The refusal of an account whose customer has one.
fn exists(id: AccountId) -> AppError {
    AppError::refused(
        Code::AccountExists,
        format!("This customer has an account already: {id}. Use that one, or add to it with `updateAccount`."),
    )
}

/// Nothing when an account that is nobody's yet may be created.
pub(super) async fn check_new(txn: &DatabaseTransaction, policy: &AccountPolicy, new: &NewAccount) -> AppResult<()> {
    if let Some(parent_id) = new.parent_id {
        check_parent(txn, None, parent_id, policy.hierarchy_levels, "parentId").await?;
    }
    let wanted = new.whole_identity();
    identity::rules::check(None, &wanted, &identity::owners(txn, &wanted).await?)
}

/// Creates an account that was checked. Whoever has created the same one since has overtaken this: it is begun again.
pub(super) async fn create_checked(txn: &DatabaseTransaction, call: &Call, new: NewAccount) -> AppResult<Account> {
    let (whole, reserved_for) = (new.whole_identity(), new.reserved_for);
    let account = insert(txn, call, None, (new, None)).await?;
    let (account, _) = account.ok_or_else(|| AppError::overtaken("an account was created by somebody else"))?;
    reservations::reserve_new(txn, call, account.id, reserved_for).await?;
    record(txn, call, Action::WriteAccounts, None, &account, &whole).await?;
    Ok(account)
}

/// Inserts an account with what it is recognised by, and returns those that may be the same customer with it, which were
/// found already or are looked for; none when somebody else has created the same one.
pub(super) async fn insert(
    txn: &DatabaseTransaction,
    call: &Call,
    created_by: Option<PartnerId>,
    (new, similar): (NewAccount, Option<Vec<Matched>>),
) -> AppResult<Option<(Account, Vec<AccountId>)>> {
    let whole = new.whole_identity();
    let Some(account) = store::insert(txn, call, created_by, new).await? else { return Ok(None) };
    identity::add(txn, call, account.id, &whole).await?;
    let probable = recognise::recognise_new(txn, call, (&account, &whole), similar).await?;
    Ok(Some((account, probable)))
}

/// Changes an account.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `ACCOUNT_MERGED`, `ACCOUNT_EXISTS`, `ACCOUNT_IDENTIFIER_TAKEN`, `ACCOUNT_HIERARCHY`.
pub async fn update(call: Call, command: Update) -> AppResult<Account> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        let Update { id, expected_version, patch } = command;
        let policy = policy::in_force(txn, &call).await?.policy;
        let before = hold_profile(txn, id).await?.ok_or_else(|| AppError::not_found("id"))?;
        before.account.expect_live("id")?;
        before.account.expect_version(expected_version)?;
        let after = before.changed(patch);
        check_change(txn, &policy, &before, &after).await?;
        write(txn, &call, &before, &after).await?;
        Ok(after.account)
    })
    .await
}

/// An account with everything that it is recognised by, held until the transaction ends.
pub(super) async fn hold_profile(txn: &DatabaseTransaction, id: AccountId) -> AppResult<Option<Profile>> {
    let Some(account) = store::find_for_update(txn, id).await? else { return Ok(None) };
    let identity = identity::of_accounts(txn, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(Some(Profile { account, identity }))
}

/// Nothing when an account that is held may be changed so.
pub(super) async fn check_change(
    txn: &DatabaseTransaction,
    policy: &AccountPolicy,
    before: &Profile,
    after: &Profile,
) -> AppResult<()> {
    let own = after.account.id;
    if let Some(parent_id) = after.account.parent_id.filter(|parent| Some(*parent) != before.account.parent_id) {
        let levels = policy.hierarchy_levels;
        let below = height(txn, own, levels).await?;
        check_parent(txn, Some((own, below)), parent_id, levels, "parentId").await?;
    }
    let wanted = after.identity.without(&before.identity);
    let owners = identity::owners(txn, &wanted).await?;
    identity::rules::check(Some(own), &after.identity, &owners)?;
    if place(&before.account) == place(&after.account) {
        return Ok(());
    }
    check_twin(txn, &after.account).await
}

/// What accounts without a website are told apart by.
fn place(account: &Account) -> (&str, Country, bool) {
    (&account.name_key, account.country, account.domain.is_none())
}

/// Nothing when no other account without a website has the same name in the same country as this one.
///
/// # Errors
/// `ACCOUNT_EXISTS`, naming the other one.
pub async fn check_twin(txn: &DatabaseTransaction, account: &Account) -> AppResult<()> {
    if account.domain.is_some() {
        return Ok(());
    }
    let customer = Customer { name: account.name.clone(), domain: None, country: account.country };
    let candidates = store::find_candidates(txn, &customer, &Identity::default()).await?;
    let is_twin = |it: &&Account| it.id != account.id && place(it) == place(account);
    let Some(twin) = candidates.iter().map(|it| &it.account).find(is_twin) else { return Ok(()) };
    let sentence = format!(
        "{} has this name in this country, and neither has a website to tell them apart. Give one, or merge them with `mergeAccounts`.",
        twin.id
    );
    Err(AppError::invalid("name", Code::AccountExists, sentence))
}

/// Records a change that was checked; nothing when it changes nothing.
pub(super) async fn write(txn: &DatabaseTransaction, call: &Call, before: &Profile, after: &Profile) -> AppResult<()> {
    if before == after {
        return Ok(());
    }
    store::update(txn, before.account.version, &after.account).await?;
    identity::apply(txn, call, after.account.id, &before.identity, &after.identity).await?;
    recognise::recognise(txn, call, &after.account, &after.identity).await?;
    record(txn, call, Action::WriteAccounts, Some(before), &after.account, &after.identity).await
}

/// The audit event of an account that was created or changed.
pub(super) async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Option<&Profile>,
    account: &Account,
    identity: &Identity,
) -> AppResult<()> {
    let after = Profile { account: account.clone(), identity: identity.clone() };
    let change = audit::Change {
        action,
        object_id: account.id.to_string(),
        // A partner whose registration made it reads that it was made. What staff change of it later is theirs to know.
        partner_id: before.is_none().then_some(account.created_by_partner_id).flatten(),
        before,
        after: Some(&after),
    };
    audit::record(txn, call, change).await
}

/// An account, held until the transaction ends: nobody else changes or merges it. No scope: only staff hold accounts.
///
/// # Errors
/// Those of the database.
pub async fn hold(txn: &DatabaseTransaction, id: AccountId) -> AppResult<Option<Account>> {
    store::find_for_update(txn, id).await
}

/// Two accounts, held until the transaction ends in the order of their ids, with everything that they are recognised
/// by: for whoever merges them.
///
/// # Errors
/// `NOT_FOUND`, naming the field.
pub async fn hold_two(txn: &DatabaseTransaction, ids: [(AccountId, &str); 2]) -> AppResult<[Profile; 2]> {
    let [(one, one_field), (other, other_field)] = ids;
    let held = |found: Option<Profile>, field: &str| found.ok_or_else(|| AppError::not_found(field));
    if one < other {
        let first = held(hold_profile(txn, one).await?, one_field)?;
        Ok([first, held(hold_profile(txn, other).await?, other_field)?])
    } else {
        let second = held(hold_profile(txn, other).await?, other_field)?;
        Ok([held(hold_profile(txn, one).await?, one_field)?, second])
    }
}

/// Two accounts with everything that they are recognised by, as they are: for a preview.
///
/// # Errors
/// `NOT_FOUND`, naming the field.
pub async fn look_at_two(txn: &DatabaseTransaction, ids: [(AccountId, &str); 2]) -> AppResult<[Profile; 2]> {
    let [(one, one_field), (other, other_field)] = ids;
    let found = store::find_many(txn, Scope::Everything, &[one, other]).await?;
    let mut identities = identity::of_accounts(txn, &[one, other]).await?;
    let mut profile = |id: AccountId, field: &str| {
        let account = found.iter().find(|account| account.id == id).cloned();
        let account = account.ok_or_else(|| AppError::not_found(field))?;
        Ok::<_, AppError>(Profile { account, identity: identities.remove(&id).unwrap_or_default() })
    };
    Ok([profile(one, one_field)?, profile(other, other_field)?])
}

/// An account stops to exist for these partners: they have nothing on it any more.
///
/// # Errors
/// Those of the database.
pub async fn disconnect(txn: &DatabaseTransaction, id: AccountId, partners: &[PartnerId]) -> AppResult<()> {
    if partners.is_empty() { Ok(()) } else { store::disconnect(txn, id, partners).await }
}

/// Writes an account that a merge, or its undoing, changed. Its version stays: what it says of itself has not changed,
/// and a partner who sees it does not learn from it that somebody else came in.
///
/// # Errors
/// `VERSION_CONFLICT`; a fault of the transaction that is begun again.
pub async fn write_merged(txn: &DatabaseTransaction, after: &Account) -> AppResult<()> {
    store::update(txn, after.version, after).await
}
