//! A partner that serves an account, from an instant until another.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, AccountItemId, PartnerId, Timestamp, UserId};

/// A row of `account_incumbents`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_incumbents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountItemId,
    pub account_id: AccountId,
    pub partner_id: PartnerId,
    pub since: Timestamp,
    pub set_by: Option<UserId>,
    pub ended_at: Option<Timestamp>,
    pub ended_by: Option<UserId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
