//! How far a partner's onboarding plan is.

use sea_orm::entity::prelude::*;

use crate::value::{PartnerId, Timestamp};

/// A row of `onboarding_plans`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "onboarding_plans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    pub template_version: i32,
    pub begun_at: Timestamp,
    pub last_progress_at: Timestamp,
    pub next_due_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
