//! Somebody's wish for another e-mail address; only its token's hash is kept.

use sea_orm::entity::prelude::*;

use crate::value::{AddressChangeId, Timestamp, UserId};

/// A row of `address_changes`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "address_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AddressChangeId,
    pub token_hash: Vec<u8>,
    pub user_id: UserId,
    pub email: String,
    pub email_key: String,
    pub old_email: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
