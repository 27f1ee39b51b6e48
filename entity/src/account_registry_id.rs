//! By what a public registry knows an account.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, AccountItemId, RegistryIdKind, Timestamp};

/// A row of `account_registry_ids`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_registry_ids")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountItemId,
    pub account_id: AccountId,
    pub kind: RegistryIdKind,
    pub value: String,
    pub added_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
