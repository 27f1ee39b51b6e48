//! A program of market development funds.

use sea_orm::entity::prelude::*;

use crate::value::{Currency, Day, MdfProgramId, Timestamp, UserId};

/// A row of `mdf_programs`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_programs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MdfProgramId,
    pub name: String,
    pub starts_on: Day,
    pub ends_on: Day,
    pub currency: Currency,
    pub budget: i64,
    pub activities: String,
    pub execution_bp: i64,
    pub claim_window_days: i64,
    pub measurement_window_days: i64,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
