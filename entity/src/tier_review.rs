//! A monthly review of a partner's tier.

use sea_orm::entity::prelude::*;

use crate::value::{Day, PartnerId, Tier, TierReviewId, TierReviewState, Timestamp, UserId};

/// A row of `tier_reviews`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tier_reviews")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TierReviewId,
    pub partner_id: PartnerId,
    pub month: String,
    pub as_on: Day,
    pub reviewed_at: Timestamp,
    pub tier: Tier,
    pub earned_tier: Tier,
    pub proposed_tier: Option<Tier>,
    pub state: TierReviewState,
    pub policy_version: i32,
    pub figures: String,
    pub decided_by: Option<UserId>,
    pub decided_at: Option<Timestamp>,
    pub reason: Option<String>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
