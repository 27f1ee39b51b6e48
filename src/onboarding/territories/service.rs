//! Use cases of territories.

use std::collections::HashMap;

use entity::value::{PartnerId, TerritoryId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Define, Territory},
    store,
};
use crate::{
    kernel::code::Code,
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

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
    let territory = Territory {
        id: call.new_id(),
        name: name.to_owned(),
        created_at: call.now(),
        countries: Vec::new(),
        industries: Vec::new(),
    };
    store::insert(txn, &territory).await?;
    record(txn, call, action, None, &territory).await?;
    Ok(territory)
}

/// The territories of these ids, for the decision of another area. No scope: rows of its own named them.
///
/// # Errors
/// Those of the database.
pub async fn of_ids(db: &impl ConnectionTrait, ids: &[TerritoryId]) -> AppResult<Vec<Territory>> {
    store::find_many(db, Scope::Everything, ids).await
}

/// Says what a territory is called and covers, a new one or an old one.
///
/// # Errors
/// `NOT_FOUND`, `REQUIRED`, `CODE_TAKEN`.
pub async fn define(call: Call, command: Define) -> AppResult<Territory> {
    const ACTION: Action = Action::AuthorisePartner;
    call.may(ACTION)?;
    call.once(async |txn| {
        let Define { id, name, countries, industries } = command.clone();
        let before = match id {
            Some(id) => {
                let found = store::find_for_update(txn, id).await?;
                Some(found.ok_or_else(|| AppError::not_found("territoryId"))?)
            }
            None => None,
        };
        let name = name.or_else(|| before.as_ref().map(|old| old.name.clone()));
        let after = Territory {
            id: before.as_ref().map_or_else(|| call.new_id(), |old| old.id),
            name: name.ok_or_else(|| AppError::invalid("name", Code::Required, "A new territory needs a name."))?,
            created_at: before.as_ref().map_or_else(|| call.now(), |old| old.created_at),
            countries: countries.or_else(|| before.as_ref().map(|old| old.countries.clone())).unwrap_or_default(),
            industries: industries.or_else(|| before.as_ref().map(|old| old.industries.clone())).unwrap_or_default(),
        };
        if before.is_some() {
            store::update(txn, &after).await?;
        } else {
            store::insert(txn, &after).await?;
        }
        record(txn, &call, ACTION, before.as_ref(), &after).await?;
        Ok(after)
    })
    .await
}

/// A page of the territories that exist for the caller, by name.
///
/// # Errors
/// `Unauthenticated`; those of the database.
pub async fn list(call: &Call, page: &Page) -> AppResult<Rows<Territory>> {
    call.may(Action::ReadPartners)?;
    store::list(&call.reader(), call.scope(), page).await
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Option<&Territory>,
    after: &Territory,
) -> AppResult<()> {
    let object_id = after.id.to_string();
    audit::record(txn, call, audit::Change { action, object_id, partner_id: None, before, after: Some(after) }).await
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
