//! Two accounts that may be the same customer, and what was decided about them.

use sea_orm::entity::prelude::*;

use crate::value::{AccountDuplicateId, AccountDuplicateState, AccountId, MatchVerdict, Timestamp, UserId};

/// A row of `account_pairs`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_pairs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountDuplicateId,
    pub first_id: AccountId,
    pub second_id: AccountId,
    pub verdict: Option<MatchVerdict>,
    pub score_bp: i64,
    pub reasons: String,
    pub matcher_version: i32,
    pub state: AccountDuplicateState,
    pub found_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<UserId>,
    pub decision_reason: Option<String>,
    pub first_profile: Option<String>,
    pub second_profile: Option<String>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
