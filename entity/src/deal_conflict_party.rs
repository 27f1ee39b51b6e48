//! A deal registration in a conflict case.

use sea_orm::entity::prelude::*;

use crate::value::{
    DealConflictId, DealConflictResult, DealConflictRole, DealRegistrationState, PartnerId, RegistrationId, Timestamp,
    UserId,
};

/// A row of `deal_conflict_parties`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deal_conflict_parties")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conflict_id: DealConflictId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub registration_id: RegistrationId,
    pub partner_id: PartnerId,
    pub role: DealConflictRole,
    pub stood: DealRegistrationState,
    pub time_left: Option<i64>,
    pub statement: Option<String>,
    pub stated_at: Option<Timestamp>,
    pub stated_by: Option<UserId>,
    pub offered_bp: Option<i32>,
    pub accepted_at: Option<Timestamp>,
    pub accepted_by: Option<UserId>,
    pub share_bp: Option<i32>,
    pub result: Option<DealConflictResult>,
    pub closed_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
