//! Which partners an account exists for: those that registered a deal on it.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, PartnerId, Timestamp};

/// A row of `account_partners`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_partners")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    pub since: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
