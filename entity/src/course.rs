//! A course that people of partners take.

use sea_orm::entity::prelude::*;

use crate::value::{CourseId, Timestamp};

/// A row of `courses`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "courses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CourseId,
    pub code: String,
    pub edition: i64,
    pub title: String,
    pub is_foundation: bool,
    pub pass_mark_bp: i64,
    pub validity_months: Option<i64>,
    pub created_at: Timestamp,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
