//! SQL of authorisations.

use entity::{
    partner_authorisation, product_line, territory,
    value::{PartnerAuthorisationId, PartnerId, ProductLineId, TerritoryId, Timestamp},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::model::Authorisation;
use crate::platform::{
    auth::Scope,
    db::{Unique, dialect},
    error::{AppError, AppResult},
};

/// A partner is authorised once for a product line in a territory at a time.
pub const ONE_AUTHORISATION: Unique = Unique {
    name: "one_authorisation_per_partner_line_and_territory",
    columns: "partner_authorisations.partner_id, partner_authorisations.product_line_id, partner_authorisations.territory_id",
};

impl From<partner_authorisation::Model> for Authorisation {
    fn from(row: partner_authorisation::Model) -> Self {
        let partner_authorisation::Model {
            id,
            partner_id,
            product_line_id,
            territory_id,
            starts_at,
            ends_at,
            granted_by,
            granted_at,
            revoked_by,
            revoked_at,
            version,
        } = row;
        Self {
            id,
            partner_id,
            product_line_id,
            territory_id,
            starts_at,
            ends_at,
            granted_by,
            granted_at,
            revoked_by,
            revoked_at,
            version,
        }
    }
}

/// The authorisations of these ids that exist for the caller.
pub async fn find_many(
    db: &impl ConnectionTrait,
    scope: Scope,
    ids: &[PartnerAuthorisationId],
) -> AppResult<Vec<Authorisation>> {
    let rows = partner_authorisation::Entity::find()
        .filter(partner_authorisation::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(partner_authorisation::Column::PartnerId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Authorisation::from).collect())
}

/// The authorisations of these partners that exist for the caller and were not taken back, in the order in which they
/// were granted: what is over by the clock is among them until it is granted anew.
pub async fn find_of_partners(
    db: &impl ConnectionTrait,
    scope: Scope,
    ids: &[PartnerId],
) -> AppResult<Vec<Authorisation>> {
    let rows = partner_authorisation::Entity::find()
        .filter(partner_authorisation::Column::PartnerId.is_in(ids.iter().copied()))
        .filter(partner_authorisation::Column::RevokedAt.is_null())
        .filter(scope.rows_of(partner_authorisation::Column::PartnerId))
        .order_by_asc(partner_authorisation::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Authorisation::from).collect())
}

/// Who of these partners was ever authorised for anything.
pub async fn ever_authorised(db: &impl ConnectionTrait, ids: &[PartnerId]) -> AppResult<Vec<PartnerId>> {
    let any = partner_authorisation::Entity::find()
        .select_only()
        .column(partner_authorisation::Column::PartnerId)
        .distinct()
        .filter(partner_authorisation::Column::PartnerId.is_in(ids.iter().copied()));
    Ok(any.into_tuple().all(db).await?)
}

/// The authorisations of these partners that hold at an instant.
pub async fn find_in_force(
    db: &impl ConnectionTrait,
    ids: &[PartnerId],
    now: Timestamp,
) -> AppResult<Vec<Authorisation>> {
    let open_ended = Condition::any()
        .add(partner_authorisation::Column::EndsAt.is_null())
        .add(partner_authorisation::Column::EndsAt.gt(now));
    let rows = partner_authorisation::Entity::find()
        .filter(partner_authorisation::Column::PartnerId.is_in(ids.iter().copied()))
        .filter(partner_authorisation::Column::RevokedAt.is_null())
        .filter(partner_authorisation::Column::StartsAt.lte(now))
        .filter(open_ended)
        .order_by_asc(partner_authorisation::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Authorisation::from).collect())
}

/// An authorisation that exists for the caller, held until the transaction ends.
pub async fn find_for_update(
    db: &impl ConnectionTrait,
    scope: Scope,
    id: PartnerAuthorisationId,
) -> AppResult<Option<Authorisation>> {
    let found =
        partner_authorisation::Entity::find_by_id(id).filter(scope.rows_of(partner_authorisation::Column::PartnerId));
    Ok(dialect::for_update(db, found).one(db).await?.map(Authorisation::from))
}

/// How many of these product lines there are.
pub async fn count_lines(db: &impl ConnectionTrait, ids: &[ProductLineId]) -> AppResult<u64> {
    Ok(product_line::Entity::find().filter(product_line::Column::Id.is_in(ids.iter().copied())).count(db).await?)
}

/// How many of these territories there are.
pub async fn count_territories(db: &impl ConnectionTrait, ids: &[TerritoryId]) -> AppResult<u64> {
    Ok(territory::Entity::find().filter(territory::Column::Id.is_in(ids.iter().copied())).count(db).await?)
}

/// Inserts authorisations.
pub async fn insert(db: &impl ConnectionTrait, all: &[Authorisation]) -> AppResult<()> {
    let rows = all.iter().map(|it| partner_authorisation::ActiveModel {
        id: Set(it.id),
        partner_id: Set(it.partner_id),
        product_line_id: Set(it.product_line_id),
        territory_id: Set(it.territory_id),
        starts_at: Set(it.starts_at),
        ends_at: Set(it.ends_at),
        granted_by: Set(it.granted_by),
        granted_at: Set(it.granted_at),
        revoked_by: Set(it.revoked_by),
        revoked_at: Set(it.revoked_at),
        version: Set(it.version),
    });
    partner_authorisation::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Records that an authorisation that was held is taken back.
pub async fn revoke(db: &impl ConnectionTrait, before: &Authorisation, after: &Authorisation) -> AppResult<()> {
    let updated = partner_authorisation::Entity::update_many()
        .col_expr(partner_authorisation::Column::RevokedBy, Expr::value(after.revoked_by))
        .col_expr(partner_authorisation::Column::RevokedAt, Expr::value(after.revoked_at))
        .col_expr(partner_authorisation::Column::Version, Expr::value(after.version))
        .filter(partner_authorisation::Column::Id.eq(before.id))
        .filter(partner_authorisation::Column::RevokedAt.is_null())
        .filter(partner_authorisation::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}
