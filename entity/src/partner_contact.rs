//! Somebody to talk to at a partner.

use sea_orm::entity::prelude::*;

use crate::value::{PartnerContactId, PartnerContactKind, PartnerId, Timestamp};

/// A row of `partner_contacts`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_contacts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartnerContactId,
    pub partner_id: PartnerId,
    pub kind: PartnerContactKind,
    pub name: String,
    pub email: String,
    pub created_at: Timestamp,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
