//! A payment recorded by finance. One reference pays once, and each tranche is paid once.

use sea_orm::entity::prelude::*;

use crate::value::{Day, MdfClaimId, MdfPaymentId, MdfTrancheId, Timestamp, UserId};

/// A row of `mdf_payments`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MdfPaymentId,
    pub tranche_id: MdfTrancheId,
    pub claim_id: MdfClaimId,
    pub reference: String,
    pub reference_key: String,
    pub amount: i64,
    pub paid_on: Day,
    pub recorded_by: Option<UserId>,
    pub recorded_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
