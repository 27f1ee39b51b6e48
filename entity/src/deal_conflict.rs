//! A conflict about deal registrations.

use sea_orm::entity::prelude::*;

use crate::value::{DealConflictId, DealConflictOutcome, DealConflictState, RegistrationId, Timestamp, UserId};

/// A row of `deal_conflicts`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deal_conflicts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DealConflictId,
    pub state: DealConflictState,
    pub opened_at: Timestamp,
    pub opened_by: Option<UserId>,
    pub rationale: Option<String>,
    pub owner_id: Option<UserId>,
    pub policy_version: i32,
    pub decide_days: i32,
    pub appeal_days: i32,
    pub due_at: Timestamp,
    pub overdue_at: Timestamp,
    pub default_at: Timestamp,
    pub missed_deadlines: i32,
    pub offered_at: Option<Timestamp>,
    pub offered_by: Option<UserId>,
    pub offer_rationale: Option<String>,
    pub offer_winner_id: Option<RegistrationId>,
    pub outcome: Option<DealConflictOutcome>,
    pub decision_rationale: Option<String>,
    pub winner_id: Option<RegistrationId>,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<UserId>,
    pub by_default: bool,
    pub first_outcome: Option<DealConflictOutcome>,
    pub appealed_at: Option<Timestamp>,
    pub appealed_by: Option<UserId>,
    pub appellant_id: Option<RegistrationId>,
    pub appeal_statement: Option<String>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
