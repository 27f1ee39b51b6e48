//! Somebody of staff who took part in a conflict case.

use sea_orm::entity::prelude::*;

use crate::value::{DealConflictId, Timestamp, UserId};

/// A row of `deal_conflict_staff`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deal_conflict_staff")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conflict_id: DealConflictId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    pub since: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
