//! An item of qualification evidence.

use sea_orm::entity::prelude::*;

use crate::value::{EvidenceId, EvidenceKind, RegistrationId, Timestamp, UserId};

/// A row of `deal_evidence`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deal_evidence")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EvidenceId,
    pub registration_id: RegistrationId,
    pub kind: EvidenceKind,
    pub occurred_at: Option<Timestamp>,
    pub description: String,
    pub proof: Option<String>,
    pub added_at: Timestamp,
    pub added_by: Option<UserId>,
    pub withdrawn_at: Option<Timestamp>,
    pub withdrawn_by: Option<UserId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
