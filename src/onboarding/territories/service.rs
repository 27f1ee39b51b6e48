//! Use cases of territories.

use std::collections::HashMap;

use entity::value::{PartnerId, TerritoryId};
use sea_orm::DatabaseTransaction;

use super::{model::Territory, store};
use crate::platform::{audit, auth::policy::Action, call::Call, error::AppResult};

/// The territory of a name, or a new one, in the transaction of the use case that needs it.
///
/// # Errors
/// Those of the database.
pub async fn find_or_create(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    name: &str,
) -> AppResult<Territory> {
    if let Some(found) = store::find_by_name(txn, name).await? {
        return Ok(found);
    }
    let territory = store::insert(txn, call, name).await?;
    let change = audit::Change {
        action,
        object_id: territory.id.to_string(),
        partner_id: None,
        before: None::<&Territory>,
        after: Some(&territory),
    };
    audit::record(txn, call, change).await?;
    Ok(territory)
}

/// From now on a partner that is just being created works in a territory. Its own audit event tells of it.
///
/// # Errors
/// Those of the database.
pub async fn assign(txn: &DatabaseTransaction, call: &Call, id: PartnerId, territory_id: TerritoryId) -> AppResult<()> {
    store::assign(txn, id, territory_id, call.now()).await
}

/// The territories of these ids that exist for the caller: for a partner the one that it works in.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[TerritoryId]) -> AppResult<Vec<Territory>> {
    if call.may(Action::ReadPartners).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The territory that each of these partners works in, as far as it exists for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_of_partners(call: &Call, partner_ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, Territory>> {
    store::find_of_partners(&call.reader(), call.scope(), partner_ids).await
}
