//! A claim to protection, and the sale that it is about.

use sea_orm::entity::prelude::*;

use crate::value::{
    AccountId, Currency, Day, DealFields, DealRegistrationOutcome, DealRegistrationState, DealRole, DealStage,
    PartnerId, RegistrationId, SalesMotion, Timestamp, UserId,
};

/// A row of `deal_registrations`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deal_registrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RegistrationId,
    pub partner_id: PartnerId,
    pub account_id: Option<AccountId>,
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
    pub draft_customer: Option<String>,
    pub asked_fields: DealFields,
    pub asked_message: Option<String>,
    pub asked_at: Option<Timestamp>,
    pub answer: Option<String>,
    pub reviewer_id: Option<UserId>,
    pub review_left: Option<i64>,
    pub sales_motion: SalesMotion,
    pub hold_until: Option<Timestamp>,
    pub last_update_at: Option<Timestamp>,
    pub progress_note: Option<String>,
    pub advanced_at: Option<Timestamp>,
    pub extensions: i32,
    pub extended_at: Option<Timestamp>,
    pub term_months: Option<i32>,
    pub recurring_minor: Option<i64>,
    pub recurring_currency: Option<Currency>,
    pub credited_user_id: Option<UserId>,
    pub credit_bp: Option<i32>,
    pub contested_from: Option<DealRegistrationState>,
    pub contested_outcome: Option<DealRegistrationOutcome>,
    pub contested_reason: Option<String>,
    pub contested_until: Option<Timestamp>,
    pub disputed_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
