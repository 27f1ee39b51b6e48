//! What a component of a partner's activity adds up to: the stream, folded.

use sea_orm::entity::prelude::*;

use crate::value::{EngagementComponent, PartnerId, Timestamp};

/// A row of `engagement_totals`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "engagement_totals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub component: EngagementComponent,
    /// Millionths of a point, without decay.
    pub raw_micros: i64,
    /// Points, decayed to `as_of`.
    pub decayed: f64,
    pub as_of: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
