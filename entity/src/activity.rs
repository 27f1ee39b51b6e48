//! One thing that happened at a partner: a link of its append-only stream.

use sea_orm::entity::prelude::*;

use crate::value::{ActivityId, ActivityKind, EngagementComponent, PartnerId, Timestamp, UserId};

/// A row of `activities`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "activities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ActivityId,
    pub partner_id: PartnerId,
    /// The place in the partner's stream: larger ones were recorded later. There may be gaps.
    pub sequence: i64,
    pub kind: ActivityKind,
    /// Empty when the kind counts for no component.
    pub component: Option<EngagementComponent>,
    /// Millionths of a point.
    pub value_micros: i64,
    /// The global id of the object that it was about.
    pub object_id: Option<String>,
    pub user_id: Option<UserId>,
    /// Under which name it counts once.
    pub dedupe_key: String,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
