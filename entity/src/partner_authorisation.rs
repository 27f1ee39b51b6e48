//! What a partner may sell where, from an instant until another.

use sea_orm::entity::prelude::*;

use crate::value::{PartnerAuthorisationId, PartnerId, ProductLineId, TerritoryId, Timestamp, UserId};

/// A row of `partner_authorisations`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_authorisations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartnerAuthorisationId,
    pub partner_id: PartnerId,
    pub product_line_id: ProductLineId,
    pub territory_id: TerritoryId,
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    pub granted_by: Option<UserId>,
    pub granted_at: Timestamp,
    pub revoked_by: Option<UserId>,
    pub revoked_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
