//! What a program gives to a partner, with the arithmetic behind it.

use sea_orm::entity::prelude::*;

use crate::value::{Currency, MdfAllocationId, MdfProgramId, PartnerId, Timestamp, UserId};

/// A row of `mdf_allocations`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_allocations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MdfAllocationId,
    pub program_id: MdfProgramId,
    pub partner_id: PartnerId,
    pub currency: Currency,
    pub potential: i64,
    pub lambda_bp: i64,
    pub factor_bp: i64,
    pub amount: i64,
    pub allocated_by: Option<UserId>,
    pub allocated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
