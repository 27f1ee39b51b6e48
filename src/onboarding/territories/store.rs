//! SQL of territories.

use std::collections::HashMap;

use entity::{
    territory, territory_partner,
    value::{PartnerId, TerritoryId, Timestamp},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
};

use super::model::{Territory, name_key};
use crate::platform::{auth::Scope, call::Call, error::AppResult};

impl From<territory::Model> for Territory {
    fn from(row: territory::Model) -> Self {
        let territory::Model { id, name, name_key: _, created_at } = row;
        Self { id, name, created_at }
    }
}

/// The territories that exist for the caller: for a partner the one that it works in.
fn visible(scope: Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Nothing | Scope::Partner(_) => {
            let own = territory_partner::Entity::find()
                .select_only()
                .column(territory_partner::Column::TerritoryId)
                .filter(scope.rows_of(territory_partner::Column::PartnerId))
                .into_query();
            Condition::all().add(territory::Column::Id.in_subquery(own))
        }
    }
}

/// The territories of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[TerritoryId]) -> AppResult<Vec<Territory>> {
    let found =
        territory::Entity::find().filter(territory::Column::Id.is_in(ids.iter().copied())).filter(visible(scope));
    Ok(found.all(db).await?.into_iter().map(Territory::from).collect())
}

/// The territory of a name. No scope: whether a name is taken does not depend on who asks.
pub async fn find_by_name(db: &impl ConnectionTrait, name: &str) -> AppResult<Option<Territory>> {
    let found = territory::Entity::find().filter(territory::Column::NameKey.eq(name_key(name))).one(db).await?;
    Ok(found.map(Territory::from))
}

/// The territory of each of these partners that exist for the caller.
pub async fn find_of_partners(
    db: &impl ConnectionTrait,
    scope: Scope,
    partner_ids: &[PartnerId],
) -> AppResult<HashMap<PartnerId, Territory>> {
    let places = territory_partner::Entity::find()
        .filter(territory_partner::Column::PartnerId.is_in(partner_ids.iter().copied()))
        .filter(scope.rows_of(territory_partner::Column::PartnerId))
        .all(db)
        .await?;
    let mut ids: Vec<_> = places.iter().map(|place| place.territory_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found: HashMap<_, _> = find_many(db, scope, &ids).await?.into_iter().map(|found| (found.id, found)).collect();
    let of = |place: territory_partner::Model| Some((place.partner_id, found.get(&place.territory_id)?.clone()));
    Ok(places.into_iter().filter_map(of).collect())
}

/// Inserts a territory.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, name: &str) -> AppResult<Territory> {
    let territory = Territory { id: call.new_id(), name: name.to_owned(), created_at: call.now() };
    let row = territory::ActiveModel {
        id: Set(territory.id),
        name: Set(territory.name.clone()),
        name_key: Set(name_key(name)),
        created_at: Set(territory.created_at),
    };
    territory::Entity::insert(row).exec_without_returning(db).await?;
    Ok(territory)
}

/// Remembers which territory a partner works in.
pub async fn assign(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    territory_id: TerritoryId,
    since: Timestamp,
) -> AppResult<()> {
    let row = territory_partner::ActiveModel {
        partner_id: Set(partner_id),
        territory_id: Set(territory_id),
        since: Set(since),
    };
    territory_partner::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}
