//! A step of a partner's onboarding plan.

use sea_orm::entity::prelude::*;

use crate::value::{OnboardingStepId, OnboardingStepKind, OnboardingStepState, PartnerId, Timestamp, UserId};

/// A row of `onboarding_steps`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "onboarding_steps")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OnboardingStepId,
    pub partner_id: PartnerId,
    pub kind: OnboardingStepKind,
    pub title: Option<String>,
    pub required: bool,
    pub due_at: Timestamp,
    pub state: OnboardingStepState,
    pub completed_at: Option<Timestamp>,
    pub completed_by: Option<UserId>,
    pub details: Option<String>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
