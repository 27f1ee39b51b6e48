//! A claim to protection, and the sale that it is about.

use sea_orm::entity::prelude::*;

use crate::value::{
    AccountId, Currency, Day, DealRegistrationOutcome, DealRegistrationState, DealRole, DealStage, PartnerId,
    RegistrationId, Timestamp, UserId,
};

/// A row of `deal_registrations`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deal_registrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RegistrationId,
    pub partner_id: PartnerId,
    pub account_id: AccountId,
    pub amount_minor: i64,
    pub currency: Currency,
    pub expected_close_on: Day,
    pub contact_name: String,
    pub contact_email: String,
    pub partner_role: DealRole,
    pub need: String,
    pub evidence_score: String,
    pub policy_version: i32,
    pub state: DealRegistrationState,
    pub outcome: Option<DealRegistrationOutcome>,
    pub outcome_reason: Option<String>,
    pub deal_stage: DealStage,
    pub submitted_at: Timestamp,
    pub due_at: Timestamp,
    pub qualified_at: Option<Timestamp>,
    pub protected_from: Option<Timestamp>,
    pub protected_until: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub won_amount_minor: Option<i64>,
    pub won_currency: Option<Currency>,
    pub closed_on: Option<Day>,
    pub created_by: Option<UserId>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
