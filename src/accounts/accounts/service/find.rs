//! Finding accounts: for readers, and for the decisions of other areas.

use entity::value::{AccountId, AccountReservation, PartnerId, ProductLineId, TypedId as _};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    recognise,
    write::{insert, record},
};
use crate::{
    accounts::{
        accounts::{
            model::{Account, AccountFacts, AccountFilter, AccountOrder, Customer, Finding, NewAccount},
            store,
        },
        identity::model::Identity,
        reservations,
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// How often a merged account is followed to the one that it was merged into. Once is enough unless that one is merged
/// at the same moment.
const MOST_MERGED: usize = 4;

/// The account that is the same customer, or a new one, in the transaction of a registration of these product lines.
/// Two that look for the same new customer at once get the same account.
///
/// # Errors
/// Those of the database.
pub async fn find_or_create(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    partner_id: PartnerId,
    customer: Customer,
    lines: &[ProductLineId],
) -> AppResult<AccountFacts> {
    let nothing_else = Identity::default();
    // Twice: somebody else may create it after we have looked, and has committed then.
    for _ in 0..2 {
        let similar = match recognise::same_or_similar(txn, call, &customer, &nothing_else).await? {
            Ok((account, finding)) => {
                let account = hold_live(txn, call, account.id, false).await?;
                let account = account.ok_or_else(|| AppError::internal("an account is found and is not there"))?;
                return facts_of(txn, &account, finding, lines).await;
            }
            Err(similar) => similar,
        };
        let new = NewAccount::of(customer.clone());
        if let Some((account, probable)) = insert(txn, call, Some(partner_id), (new, Some(similar))).await? {
            record(txn, call, action, None, &account, &customer_identity(&customer)).await?;
            let facts = facts_of(txn, &account, Finding::Created, &[]).await?;
            return Ok(AccountFacts { probable, ..facts });
        }
    }
    Err(AppError::overtaken("an account is taken and is not found"))
}

/// What a decision about these product lines would need to know of a customer's account, as [`find_or_create`] would
/// find or make it: nothing is made.
///
/// # Errors
/// Those of the database.
pub async fn foresee(
    txn: &DatabaseTransaction,
    call: &Call,
    customer: &Customer,
    lines: &[ProductLineId],
) -> AppResult<AccountFacts> {
    if let Some((account, finding)) = recognise::same(txn, call, customer, &Identity::default()).await? {
        let account = hold_live(txn, call, account.id, false).await?;
        let account = account.ok_or_else(|| AppError::internal("an account is found and is not there"))?;
        return facts_of(txn, &account, finding, lines).await;
    }
    Ok(AccountFacts {
        id: AccountId::from_uuid(Uuid::nil()),
        reserved_for: AccountReservation::Open,
        found_by: Finding::Created,
        country: customer.country,
        industry: None,
        probable: recognise::similar(txn, call, customer).await?,
    })
}

fn customer_identity(customer: &Customer) -> Identity {
    Identity { domains: customer.domain.iter().cloned().collect(), ..Identity::default() }
}

/// What a decision about these product lines needs to know of an account that the caller may see. The account is held
/// until the transaction ends, so that it is not merged in between.
///
/// # Errors
/// Those of the database.
pub async fn facts(
    txn: &DatabaseTransaction,
    call: &Call,
    id: AccountId,
    lines: &[ProductLineId],
) -> AppResult<Option<AccountFacts>> {
    match hold_live(txn, call, id, true).await? {
        Some(account) => facts_of(txn, &account, Finding::Given, lines).await.map(Some),
        None => Ok(None),
    }
}

async fn facts_of(
    txn: &DatabaseTransaction,
    account: &Account,
    found_by: Finding,
    lines: &[ProductLineId],
) -> AppResult<AccountFacts> {
    let reserved_for = match lines {
        [] => account.reserved_for,
        lines => reservations::in_force(txn, account.id, account.reserved_for, lines).await?,
    };
    Ok(AccountFacts {
        id: account.id,
        reserved_for,
        found_by,
        country: account.country,
        industry: account.industry.clone(),
        probable: Vec::new(),
    })
}

/// The account of an id, or the one that it was merged into, held as it is until the transaction ends.
async fn hold_live(
    txn: &DatabaseTransaction,
    call: &Call,
    mut id: AccountId,
    scoped: bool,
) -> AppResult<Option<Account>> {
    let scope = if scoped { call.scope() } else { crate::platform::auth::Scope::Everything };
    for _ in 0..MOST_MERGED {
        let Some(account) = store::find_for_share(txn, scope, id).await? else { return Ok(None) };
        match account.merged_into_id {
            None => return Ok(Some(account)),
            Some(survivor) => id = survivor,
        }
    }
    Err(AppError::overtaken("an account is merged again and again"))
}

/// From now on the account exists for the partner: it has registered a deal on it.
///
/// # Errors
/// Those of the database.
pub async fn connect(txn: &DatabaseTransaction, call: &Call, id: AccountId, partner_id: PartnerId) -> AppResult<()> {
    store::connect(txn, id, partner_id, call.now()).await
}

/// The account of an id, if it exists for the caller; of a merged one, the one that it was merged into.
///
/// # Errors
/// Those of the database.
pub async fn find(call: &Call, id: AccountId) -> AppResult<Option<Account>> {
    Ok(find_many(call, &[id]).await?.pop().map(|(_, account)| account))
}

/// The accounts of these ids that exist for the caller, each with the id that was asked for: of a merged one, the
/// account that it was merged into.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[AccountId]) -> AppResult<Vec<(AccountId, Account)>> {
    if call.may(Action::ReadAccounts).is_err() {
        return Ok(Vec::new());
    }
    let (db, scope) = (call.reader(), call.scope());
    let found = store::find_many(&db, scope, ids).await?;
    let survivors: Vec<AccountId> = found.iter().filter_map(|account| account.merged_into_id).collect();
    let survivors = match survivors.as_slice() {
        [] => Vec::new(),
        survivors => store::find_many(&db, scope, survivors).await?,
    };
    let live = |account: Account| match account.merged_into_id {
        None => Some((account.id, account)),
        Some(into) => survivors.iter().find(|it| it.id == into).map(|survivor| (account.id, survivor.clone())),
    };
    Ok(found.into_iter().filter_map(live).collect())
}

/// The account that is the same customer, for what comes from another system. For the product itself and for staff.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn find_same(call: &Call, customer: &Customer) -> AppResult<Option<Account>> {
    call.may(Action::WriteAccounts)?;
    let found = recognise::same(&call.reader(), call, customer, &Identity::default()).await?;
    Ok(found.map(|(account, _)| account))
}

/// A page of the accounts that exist for the caller.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: &AccountFilter, order: AccountOrder, page: &Page) -> AppResult<Rows<Account>> {
    call.may(Action::ReadAccounts)?;
    store::list(&call.reader(), call.scope(), filter, order, page).await
}

/// The first subsidiaries of each of these accounts that exist for the caller, and one more than `most` of each where
/// there are more.
///
/// # Errors
/// Those of the database.
pub async fn subsidiaries_of(call: &Call, parents: &[AccountId], most: u64) -> AppResult<Vec<Account>> {
    if call.may(Action::ReadAccounts).is_err() {
        return Ok(Vec::new());
    }
    store::first_subsidiaries(&call.reader(), call.scope(), parents, most).await
}
