//! Use cases of product lines.

use entity::value::ProductLineId;
use sea_orm::ConnectionTrait;

use super::{
    model::{NewProductLine, ProductLine},
    store,
};
use crate::platform::{
    audit,
    auth::policy::Action,
    call::Call,
    error::AppResult,
    graphql::page::{Page, Rows},
};

/// Creates a product line.
///
/// # Errors
/// `CODE_TAKEN`.
pub async fn create(call: Call, new: NewProductLine) -> AppResult<ProductLine> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        let line = store::insert(txn, &call, new).await?;
        let change = audit::Change {
            action: Action::WriteAccounts,
            object_id: line.id.to_string(),
            partner_id: None,
            before: None::<&ProductLine>,
            after: Some(&line),
        };
        audit::record(txn, &call, change).await?;
        Ok(line)
    })
    .await
}

/// The product lines of these ids. Everybody who may read accounts may read them all.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[ProductLineId]) -> AppResult<Vec<ProductLine>> {
    if call.may(Action::ReadAccounts).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), ids).await
}

/// Which of these ids are product lines, for the decision of another slice in its transaction.
///
/// # Errors
/// Those of the database.
pub async fn known(db: &impl ConnectionTrait, ids: &[ProductLineId]) -> AppResult<Vec<ProductLineId>> {
    Ok(store::find_many(db, ids).await?.into_iter().map(|line| line.id).collect())
}

/// The product line of a code.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn find_by_code(call: &Call, code: &str) -> AppResult<Option<ProductLine>> {
    call.may(Action::ReadAccounts)?;
    store::find_by_code(&call.reader(), code).await
}

/// A page of the product lines, by code.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn list(call: &Call, page: &Page) -> AppResult<Rows<ProductLine>> {
    call.may(Action::ReadAccounts)?;
    store::list(&call.reader(), page).await
}
