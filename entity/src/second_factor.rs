//! What somebody proves beside their password that it is them.

use sea_orm::entity::prelude::*;

use crate::value::{SecondFactorId, SecondFactorKind, Timestamp, UserId};

/// A row of `second_factors`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SecondFactorId,
    pub user_id: UserId,
    pub kind: SecondFactorKind,
    pub created_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub last_step: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
