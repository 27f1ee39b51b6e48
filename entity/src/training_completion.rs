//! A course that a person took, with the result.

use sea_orm::entity::prelude::*;

use crate::value::{CompletionId, CourseId, PartnerId, Timestamp, UserId};

/// A row of `training_completions`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "training_completions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CompletionId,
    pub course_id: CourseId,
    pub user_id: UserId,
    pub partner_id: PartnerId,
    pub source: String,
    pub external_id: String,
    pub score_bp: i64,
    pub is_passed: bool,
    pub completed_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub recorded_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
