//! A partner company.

use sea_orm::entity::prelude::*;

use crate::value::{
    Country, PartnerId, PartnerState, PartnerStateReason, PartnerTypes, Regions, Tier, Timestamp, UserId,
};

/// A row of `partners`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "partners")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartnerId,
    pub name: String,
    pub name_key: String,
    pub website: String,
    pub domain: String,
    pub country: Country,
    pub types: PartnerTypes,
    pub state: PartnerState,
    pub tier: Tier,
    pub created_at: Timestamp,
    pub activated_at: Option<Timestamp>,
    pub regions: Regions,
    pub industries: String,
    pub description: Option<String>,
    pub manager_id: Option<UserId>,
    pub state_reason: Option<PartnerStateReason>,
    pub state_message: Option<String>,
    pub state_changed_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
