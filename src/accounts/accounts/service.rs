//! Use cases of accounts.

use entity::value::{AccountId, PartnerId};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Account, AccountFacts, AccountFilter, AccountOrder, Customer, Finding, NewAccount},
    rules, store,
};
use crate::{
    kernel::code::Code,
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// Creates an account, by staff.
///
/// # Errors
/// `ACCOUNT_EXISTS` when it is the same customer as one that exists; `NOT_FOUND` for the parent.
pub async fn create(call: Call, new: NewAccount) -> AppResult<Account> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        if let Some(parent_id) = new.parent_id
            && store::find_many(txn, call.scope(), &[parent_id]).await?.is_empty()
        {
            return Err(AppError::not_found("parentId"));
        }
        let exists = || {
            AppError::refused(
                Code::AccountExists,
                "This customer has an account already. Search for it and use that one.",
            )
        };
        let candidates = store::find_candidates(txn, &new.customer).await?;
        if rules::same(&new.customer, &candidates).is_some() {
            return Err(exists());
        }
        let account = store::insert(txn, &call, None, new).await?.ok_or_else(exists)?;
        record(txn, &call, Action::WriteAccounts, &account).await?;
        Ok(account)
    })
    .await
}

/// The account that is the same customer, or a new one, in the transaction of a registration. Two that look for the
/// same new customer at once get the same account.
///
/// # Errors
/// Those of the database.
pub async fn find_or_create(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    partner_id: PartnerId,
    customer: Customer,
) -> AppResult<AccountFacts> {
    let candidates = store::find_candidates(txn, &customer).await?;
    if let Some((account, finding)) = rules::same(&customer, &candidates) {
        return Ok(account.facts(finding));
    }
    let new = NewAccount {
        customer: customer.clone(),
        industry: None,
        reserved_for: entity::value::AccountReservation::Open,
        parent_id: None,
    };
    if let Some(account) = store::insert(txn, call, Some(partner_id), new).await? {
        record(txn, call, action, &account).await?;
        return Ok(account.facts(Finding::Created));
    }
    // Somebody else created it since we looked, and has committed.
    let candidates = store::find_candidates(txn, &customer).await?;
    rules::same(&customer, &candidates)
        .map(|(account, finding)| account.facts(finding))
        .ok_or_else(|| AppError::internal("an account is taken and is not found"))
}

/// What a decision needs to know of an account that the caller may see.
///
/// # Errors
/// Those of the database.
pub async fn facts(txn: &DatabaseTransaction, call: &Call, id: AccountId) -> AppResult<Option<AccountFacts>> {
    let found = store::find_many(txn, call.scope(), &[id]).await?;
    Ok(found.first().map(|account| account.facts(Finding::Given)))
}

/// From now on the account exists for the partner: it has registered a deal on it.
///
/// # Errors
/// Those of the database.
pub async fn connect(txn: &DatabaseTransaction, call: &Call, id: AccountId, partner_id: PartnerId) -> AppResult<()> {
    store::connect(txn, id, partner_id, call.now()).await
}

/// The account of an id, if it exists for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find(call: &Call, id: AccountId) -> AppResult<Option<Account>> {
    Ok(find_many(call, &[id]).await?.pop())
}

/// The accounts of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[AccountId]) -> AppResult<Vec<Account>> {
    if call.may(Action::ReadAccounts).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The account that is the same customer, for what comes from another system. For the product itself and for staff.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn find_same(call: &Call, customer: &Customer) -> AppResult<Option<Account>> {
    call.may(Action::WriteAccounts)?;
    let candidates = store::find_candidates(&call.reader(), customer).await?;
    Ok(rules::same(customer, &candidates).map(|(account, _)| account.clone()))
}

/// A page of the accounts that exist for the caller.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: &AccountFilter, order: AccountOrder, page: &Page) -> AppResult<Rows<Account>> {
    call.may(Action::ReadAccounts)?;
    store::list(&call.reader(), call.scope(), filter, order, page).await
}

async fn record(txn: &DatabaseTransaction, call: &Call, action: Action, account: &Account) -> AppResult<()> {
    let change = audit::Change {
        action,
        object_id: account.id.to_string(),
        partner_id: account.created_by_partner_id,
        before: None::<&Account>,
        after: Some(account),
    };
    audit::record(txn, call, change).await
}
