//! A joint business plan of a partner and the vendor for a year.

use sea_orm::entity::prelude::*;

use crate::value::{BusinessPlanId, BusinessPlanState, Currency, PartnerId, Timestamp, UserId};

/// A row of `business_plans`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "business_plans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BusinessPlanId,
    pub partner_id: PartnerId,
    pub year: i32,
    pub currency: Currency,
    pub state: BusinessPlanState,
    pub revision: i32,
    pub agreed_revision: Option<i32>,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub agreed_at: Option<Timestamp>,
    pub closed_by: Option<UserId>,
    pub closed_at: Option<Timestamp>,
    pub close_reason: Option<String>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
