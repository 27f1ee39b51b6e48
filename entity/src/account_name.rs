//! Another name of an account, beside the one that it goes by.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, AccountItemId, AccountNameKind, Timestamp};

/// A row of `account_names`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_names")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountItemId,
    pub account_id: AccountId,
    pub name: String,
    pub name_key: String,
    pub kind: AccountNameKind,
    pub language: Option<String>,
    pub added_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
