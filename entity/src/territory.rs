//! A territory.

use sea_orm::entity::prelude::*;

use crate::value::{TerritoryId, Timestamp};

/// A row of `territories`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "territories")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TerritoryId,
    pub name: String,
    pub name_key: String,
    pub created_at: Timestamp,
    pub countries: String,
    pub industries: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
