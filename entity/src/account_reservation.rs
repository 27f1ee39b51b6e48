//! For whom an account, or one product line of it, is reserved: by whom and why.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, AccountItemId, AccountReservation, ProductLineId, Timestamp, UserId};

/// A row of `account_reservations`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_reservations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountItemId,
    pub account_id: AccountId,
    pub product_line_id: Option<ProductLineId>,
    pub reserved_for: AccountReservation,
    pub owner_id: Option<UserId>,
    pub reason: String,
    pub reserved_at: Timestamp,
    pub reserved_by: Option<UserId>,
    pub released_at: Option<Timestamp>,
    pub released_by: Option<UserId>,
    pub release_reason: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
