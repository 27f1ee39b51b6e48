//! One thing that a merge moved: what undoing it moves back.

use sea_orm::entity::prelude::*;

use crate::value::{AccountMergeId, AccountMoveKind};

/// A row of `account_merge_moves`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_merge_moves")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub merge_id: AccountMergeId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: AccountMoveKind,
    #[sea_orm(primary_key, auto_increment = false)]
    pub object_id: Uuid,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
