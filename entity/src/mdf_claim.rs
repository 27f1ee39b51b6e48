//! A claim for reimbursement of an approved activity.

use sea_orm::entity::prelude::*;

use crate::value::{Currency, MdfClaimId, MdfClaimState, MdfProgramId, MdfRequestId, PartnerId, Timestamp, UserId};

/// A row of `mdf_claims`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_claims")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MdfClaimId,
    pub request_id: MdfRequestId,
    pub program_id: MdfProgramId,
    pub partner_id: PartnerId,
    pub state: MdfClaimState,
    pub currency: Currency,
    pub claimed_cost: i64,
    pub accepted_cost: Option<i64>,
    pub proofs: String,
    pub actual_results: String,
    pub submitted_by: Option<UserId>,
    pub submitted_at: Timestamp,
    pub decided_by: Option<UserId>,
    pub decided_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
