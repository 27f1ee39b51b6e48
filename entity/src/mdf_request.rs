//! A request for market development funds with its outcome contract.

use sea_orm::entity::prelude::*;

use crate::value::{
    Currency, Day, MdfActivityType, MdfProgramId, MdfRequestId, MdfRequestState, PartnerId, Timestamp, UserId,
};

/// A row of `mdf_requests`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MdfRequestId,
    pub program_id: MdfProgramId,
    pub partner_id: PartnerId,
    pub state: MdfRequestState,
    pub activity_type: MdfActivityType,
    pub title: String,
    pub audience: String,
    pub starts_on: Day,
    pub ends_on: Day,
    pub currency: Currency,
    pub rate_bp: i64,
    pub planned_cost: i64,
    pub requested_amount: i64,
    pub approved_amount: Option<i64>,
    pub qualified_lead_definition: String,
    pub target_leads: i64,
    pub target_pipeline: i64,
    pub claim_by: Day,
    pub measured_by: Day,
    pub requested_by: Option<UserId>,
    pub requested_at: Timestamp,
    pub decided_by: Option<UserId>,
    pub decided_at: Option<Timestamp>,
    pub decision_reason: Option<String>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
