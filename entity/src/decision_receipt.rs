//! Why a decision came out as it did: the steps in order, with the inputs as the rule saw them.

use sea_orm::entity::prelude::*;

use crate::value::{PartnerId, ReceiptId, Timestamp};

/// A row of `decision_receipts`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "decision_receipts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReceiptId,
    pub decision: String,
    pub policy_version: i32,
    pub decided_at: Timestamp,
    pub partner_id: Option<PartnerId>,
    pub object_id: String,
    pub outcome: String,
    pub inputs: String,
    pub steps: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
