//! A file that proves an item of evidence.

use sea_orm::entity::prelude::*;

use crate::value::{EvidenceFileId, EvidenceId, PartnerId, RegistrationId, Timestamp, UserId};

/// A row of `evidence_files`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "evidence_files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EvidenceFileId,
    pub evidence_id: EvidenceId,
    pub registration_id: RegistrationId,
    pub partner_id: PartnerId,
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub sha256: Vec<u8>,
    pub storage_key: String,
    pub added_at: Timestamp,
    pub added_by: Option<UserId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
