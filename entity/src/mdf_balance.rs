//! The balances of a partner in a program: what the entries of the ledger add up to.

use sea_orm::entity::prelude::*;

use crate::value::{Currency, MdfProgramId, PartnerId};

/// A row of `mdf_balances`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_balances")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub program_id: MdfProgramId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    pub currency: Currency,
    pub allocated: i64,
    pub committed: i64,
    pub payable: i64,
    pub held_back: i64,
    pub paid: i64,
    pub returned: i64,
    pub forfeited: i64,
    pub clawed_back: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
