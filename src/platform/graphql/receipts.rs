//! The receipts of decisions about an object, for the fields of its type.

use std::collections::HashMap;

use async_graphql::{Context, dataloader::Loader};

use super::{GqlContext, errors::DecisionReceipt, loaders};
use crate::{
    kernel::decision::Receipt,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        receipts,
    },
};

struct ReceiptLoader(Call);

impl Loader<String> for ReceiptLoader {
    type Value = Vec<Receipt>;
    type Error = AppError;

    async fn load(&self, ids: &[String]) -> AppResult<HashMap<String, Vec<Receipt>>> {
        receipts::find_many(&self.0.reader(), self.0.scope(), ids).await
    }
}

/// The decisions about an object, newest first, as the caller may read them; loaded together with its siblings'.
///
/// # Errors
/// Those of the database.
pub async fn of_object(gql: &Context<'_>, object_id: String) -> AppResult<Vec<DecisionReceipt>> {
    let staff = gql.call().scope().is_everything();
    let found = loaders::loader(gql, ReceiptLoader).load_one(object_id).await?.unwrap_or_default();
    Ok(found.into_iter().map(|receipt| DecisionReceipt::for_audience(receipt, staff)).collect())
}
