//! A merge of two accounts, and whether it was undone.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, AccountMergeId, Timestamp, UserId};

/// A row of `account_merges`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_merges")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountMergeId,
    pub survivor_id: AccountId,
    pub merged_id: AccountId,
    pub reason: String,
    pub policy_version: i32,
    pub merged_at: Timestamp,
    pub merged_by: Option<UserId>,
    pub undo_until: Timestamp,
    pub survivor_before: String,
    pub survivor_after: String,
    pub merged_before: String,
    pub undone_at: Option<Timestamp>,
    pub undone_by: Option<UserId>,
    pub undo_reason: Option<String>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
