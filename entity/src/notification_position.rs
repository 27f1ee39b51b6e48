//! How far the notifications of one kind that the clock brings have been told.

use sea_orm::entity::prelude::*;
use uuid::Uuid;

use crate::value::Timestamp;

/// A row of `notification_positions`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_positions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: String,
    pub at: Timestamp,
    pub object_id: Uuid,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
