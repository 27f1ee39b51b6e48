//! Which territory a partner works in.

use sea_orm::entity::prelude::*;

use crate::value::{PartnerId, TerritoryId, Timestamp};

/// A row of `territory_partners`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "territory_partners")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    pub territory_id: TerritoryId,
    pub since: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
