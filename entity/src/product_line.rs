//! A product line of the vendor.

use sea_orm::entity::prelude::*;

use crate::value::{ProductLineId, Timestamp};

/// A row of `product_lines`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "product_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProductLineId,
    pub code: String,
    pub name: String,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
