//! One change of state: who, what, when, before and after.

use sea_orm::entity::prelude::*;

use crate::value::{ActorKind, ApiClientId, AuditEventId, PartnerId, Timestamp, UserId};

/// A row of `audit_events`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEventId,
    pub at: Timestamp,
    pub actor_kind: ActorKind,
    pub actor_user_id: Option<UserId>,
    pub partner_id: Option<PartnerId>,
    pub action: String,
    pub object_id: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub request_id: String,
    pub address: Option<String>,
    pub actor_client_id: Option<ApiClientId>,
    pub responsible_user_id: Option<UserId>,
    pub chain: Option<String>,
    pub sequence: Option<i64>,
    pub previous_hash: Option<Vec<u8>>,
    pub hash: Option<Vec<u8>>,
    pub hash_version: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
