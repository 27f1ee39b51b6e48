//! Hierarchies of accounts: no account is its own ancestor, and there is a greatest depth.

use entity::value::AccountId;
use sea_orm::DatabaseTransaction;

use crate::{
    accounts::accounts::{model::Account, store},
    kernel::code::Code,
    platform::{
        auth::Scope,
        error::{AppError, AppResult},
    },
};

/// How many levels there are below an account, at most `most`.
///
/// # Errors
/// Those of the database.
pub async fn height(txn: &DatabaseTransaction, id: AccountId, most: i64) -> AppResult<i64> {
    store::height(txn, id, most).await
}

/// Nothing when an account may become part of another: it is no ancestor of it, and the hierarchy does not get deeper
/// than `levels`. The other account and everything above it are held until the transaction ends, and the caller holds
/// the account itself: whoever else would close a circle or deepen the hierarchy has to hold one of them too.
///
/// `own` is the account with the levels below it; none for one that is about to be created.
///
/// # Errors
/// `NOT_FOUND`, `ACCOUNT_MERGED` or `ACCOUNT_HIERARCHY`, naming the field.
pub async fn check_parent(
    txn: &DatabaseTransaction,
    own: Option<(AccountId, i64)>,
    parent_id: AccountId,
    levels: i64,
    field: &str,
) -> AppResult<()> {
    let refused = |sentence: String| Err(AppError::invalid(field, Code::AccountHierarchy, sentence));
    let below = own.map_or(0, |(_, below)| below);
    let (mut next, mut above) = (Some(parent_id), 0_i64);
    while let Some(id) = next {
        if own.is_some_and(|(own, _)| own == id) {
            return refused("The account would be part of itself. Choose a parent that is not part of it.".to_owned());
        }
        above = above.saturating_add(1);
        if above.saturating_add(1).saturating_add(below) > levels {
            return refused(format!("A hierarchy has at most {levels} levels. Choose a parent further up."));
        }
        let Some(ancestor) = store::find_for_update(txn, id).await? else {
            return Err(AppError::not_found(field));
        };
        if id == parent_id {
            ancestor.expect_live(field)?;
        }
        next = ancestor.parent_id;
    }
    Ok(())
}

/// What an account is part of, the nearest first, no further up than `most` levels; held until the transaction ends
/// where that is wanted.
///
/// # Errors
/// Those of the database.
pub async fn ancestors(
    txn: &DatabaseTransaction,
    account: &Account,
    most: i64,
    hold: bool,
) -> AppResult<Vec<AccountId>> {
    let mut found = Vec::new();
    let mut next = account.parent_id;
    while let Some(id) = next {
        if i64::try_from(found.len()).unwrap_or(i64::MAX) > most {
            break;
        }
        found.push(id);
        let above = if hold {
            store::find_for_update(txn, id).await?
        } else {
            store::find_many(txn, Scope::Everything, &[id]).await?.pop()
        };
        next = above.and_then(|above| above.parent_id);
    }
    Ok(found)
}
