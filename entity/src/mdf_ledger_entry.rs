//! An entry of the ledger: an amount moves from one account to another, so that it is balanced by its form.

use sea_orm::entity::prelude::*;

use crate::value::{LedgerEntryId, LedgerTransactionId, MdfAccount};

/// A row of `mdf_ledger_entries`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_ledger_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LedgerEntryId,
    pub transaction_id: LedgerTransactionId,
    pub from_account: MdfAccount,
    pub to_account: MdfAccount,
    pub amount: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
