//! Everything that an account is recognised by, as it is compared.

use sea_orm::entity::prelude::*;

use crate::value::AccountId;

/// A row of `account_match_subjects`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_match_subjects")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    pub subject: String,
    pub keys: String,
    pub matcher_version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
