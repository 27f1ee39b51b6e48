//! How often somebody guessed. Who it was is kept as a keyed hash only.

use sea_orm::entity::prelude::*;

use crate::value::Timestamp;

/// A row of `attempt_buckets`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attempt_buckets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: Vec<u8>,
    pub attempts: i64,
    pub latest_at: Timestamp,
    pub free_at: Timestamp,
    pub kept_until: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
