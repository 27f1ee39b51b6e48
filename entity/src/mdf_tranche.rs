//! A part of an approved claim that becomes payable by its own condition.

use sea_orm::entity::prelude::*;

use crate::value::{MdfClaimId, MdfTrancheId, MdfTrancheKind, MdfTrancheState, Timestamp};

/// A row of `mdf_tranches`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_tranches")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MdfTrancheId,
    pub claim_id: MdfClaimId,
    pub kind: MdfTrancheKind,
    pub amount: i64,
    pub state: MdfTrancheState,
    pub payable_at: Option<Timestamp>,
    pub paid_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
