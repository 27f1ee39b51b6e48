//! A registrable domain of an account, the one that it goes by among them.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, AccountItemId, Timestamp};

/// A row of `account_domains`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_domains")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountItemId,
    pub account_id: AccountId,
    pub domain: String,
    pub added_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
