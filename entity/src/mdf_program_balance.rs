//! What a program has not allocated yet.

use sea_orm::entity::prelude::*;

use crate::value::MdfProgramId;

/// A row of `mdf_program_balances`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_program_balances")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub program_id: MdfProgramId,
    pub unallocated: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
