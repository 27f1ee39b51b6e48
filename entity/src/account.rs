//! An end customer.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, AccountReservation, AccountSize, Country, PartnerId, Timestamp};

/// A row of `accounts`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    pub name: String,
    pub name_key: String,
    pub domain: Option<String>,
    pub country: Country,
    pub industry: Option<String>,
    pub reserved_for: AccountReservation,
    pub parent_id: Option<AccountId>,
    pub created_by_partner_id: Option<PartnerId>,
    pub created_at: Timestamp,
    pub version: i64,
    pub size: Option<AccountSize>,
    pub merged_into_id: Option<AccountId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
