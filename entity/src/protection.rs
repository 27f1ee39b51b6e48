//! The protection of one (account, product line) for one partner, from an instant until another.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, PartnerId, ProductLineId, ProtectionEnd, ProtectionId, RegistrationId, Timestamp};

/// A row of `protections`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "protections")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProtectionId,
    pub registration_id: RegistrationId,
    pub partner_id: PartnerId,
    pub account_id: AccountId,
    pub product_line_id: ProductLineId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub end_reason: Option<ProtectionEnd>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
