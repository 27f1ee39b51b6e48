//! SQL of territories.

use std::collections::HashMap;

use entity::{
    partner_authorisation, territory, territory_partner,
    value::{PartnerId, TerritoryId, Timestamp},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, sea_query::Expr,
};

use super::model::{Territory, name_key};
use crate::{
    kernel::code::Code,
    platform::{
        auth::Scope,
        db::{Unique, dialect},
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// Each name belongs to one territory, regardless of case.
const ONE_TERRITORY_PER_NAME: Unique =
    Unique { name: "a_name_belongs_to_one_territory", columns: "territories.name_key" };

fn read(row: territory::Model) -> AppResult<Territory> {
    let territory::Model { id, name, name_key: _, created_at, countries, industries } = row;
    let (countries, industries) = (serde_json::from_str(&countries)?, serde_json::from_str(&industries)?);
    Ok(Territory { id, name, created_at, countries, industries })
}

/// The territories that exist for the caller: for a partner the one that it works in, and those that it was ever
/// authorised for.
fn visible(scope: Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Nothing | Scope::Partner(_) => {
            let own = territory_partner::Entity::find()
                .select_only()
                .column(territory_partner::Column::TerritoryId)
                .filter(scope.rows_of(territory_partner::Column::PartnerId))
                .into_query();
            let authorised = partner_authorisation::Entity::find()
                .select_only()
                .column(partner_authorisation::Column::TerritoryId)
                .filter(scope.rows_of(partner_authorisation::Column::PartnerId))
                .into_query();
            Condition::any()
                .add(territory::Column::Id.in_subquery(own))
                .add(territory::Column::Id.in_subquery(authorised))
        }
    }
}

/// The territories of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[TerritoryId]) -> AppResult<Vec<Territory>> {
    let found =
        territory::Entity::find().filter(territory::Column::Id.is_in(ids.iter().copied())).filter(visible(scope));
    found.all(db).await?.into_iter().map(read).collect()
}

/// The territory of a name. No scope: whether a name is taken does not depend on who asks.
pub async fn find_by_name(db: &impl ConnectionTrait, name: &str) -> AppResult<Option<Territory>> {
    let found = territory::Entity::find().filter(territory::Column::NameKey.eq(name_key(name))).one(db).await?;
    found.map(read).transpose()
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

/// A page of territories, by name.
pub async fn list(db: &impl ConnectionTrait, scope: Scope, page: &Page) -> AppResult<Rows<Territory>> {
    let select = territory::Entity::find().filter(visible(scope));
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, Some(territory::Column::NameKey), territory::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(read).collect::<AppResult<_>>()?, total))
}

/// A territory, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, id: TerritoryId) -> AppResult<Option<Territory>> {
    dialect::for_update(db, territory::Entity::find_by_id(id)).one(db).await?.map(read).transpose()
}

/// Inserts a territory.
pub async fn insert(db: &impl ConnectionTrait, territory: &Territory) -> AppResult<()> {
    let row = territory::ActiveModel {
        id: Set(territory.id),
        name: Set(territory.name.clone()),
        name_key: Set(name_key(&territory.name)),
        created_at: Set(territory.created_at),
        countries: Set(serde_json::to_string(&territory.countries)?),
        industries: Set(serde_json::to_string(&territory.industries)?),
    };
    let inserted = territory::Entity::insert(row).exec_without_returning(db).await.map_err(AppError::from);
    inserted.map(drop).map_err(taken)
}

/// Records what a territory that was held is called and covers now.
pub async fn update(db: &impl ConnectionTrait, territory: &Territory) -> AppResult<()> {
    let updated = territory::Entity::update_many()
        .col_expr(territory::Column::Name, Expr::value(territory.name.clone()))
        .col_expr(territory::Column::NameKey, Expr::value(name_key(&territory.name)))
        .col_expr(territory::Column::Countries, Expr::value(serde_json::to_string(&territory.countries)?))
        .col_expr(territory::Column::Industries, Expr::value(serde_json::to_string(&territory.industries)?))
        .filter(territory::Column::Id.eq(territory.id))
        .exec(db)
        .await
        .map_err(AppError::from);
    updated.map(drop).map_err(taken)
}

fn taken(error: AppError) -> AppError {
    error.on_violation(&ONE_TERRITORY_PER_NAME, || {
        AppError::invalid("name", Code::CodeTaken, "There is a territory of this name already.")
    })
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
