//! What another system calls an account.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, AccountItemId, Timestamp};

/// A row of `account_references`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_references")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountItemId,
    pub account_id: AccountId,
    pub system: String,
    pub external_id: String,
    pub added_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
