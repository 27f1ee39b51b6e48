//! A single-use invitation to become a user; only its token's hash is kept.

use sea_orm::entity::prelude::*;

use crate::value::{InvitationId, PartnerId, Roles, Timestamp, UserId};

/// A row of `invitations`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    pub token_hash: Vec<u8>,
    pub partner_id: Option<PartnerId>,
    pub email: String,
    pub email_key: String,
    pub name: String,
    pub roles: Roles,
    pub invited_by_id: Option<UserId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
