//! The targets of a joint business plan, and who agreed to them.

use sea_orm::entity::prelude::*;

use crate::value::{BusinessPlanId, PartnerId, Timestamp, UserId};

/// A row of `business_plan_revisions`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "business_plan_revisions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub plan_id: BusinessPlanId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision: i32,
    pub partner_id: PartnerId,
    pub pipeline_minor: i64,
    pub revenue_minor: i64,
    pub certifications: i64,
    pub mdf_activities: i64,
    pub note: Option<String>,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub partner_agreed_by: Option<UserId>,
    pub partner_agreed_at: Option<Timestamp>,
    pub vendor_agreed_by: Option<UserId>,
    pub vendor_agreed_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
