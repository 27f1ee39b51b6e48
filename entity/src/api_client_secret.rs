//! A secret of an API client; only its hash is kept, and its last four characters to tell it from the other one.

use sea_orm::entity::prelude::*;

use crate::value::{ApiClientId, ApiClientSecretId, Timestamp};

/// A row of `api_client_secrets`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_client_secrets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiClientSecretId,
    pub client_id: ApiClientId,
    pub slot: i64,
    pub secret_hash: Vec<u8>,
    pub hint: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
