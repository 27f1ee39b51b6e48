//! A transaction of the ledger of market development funds. Append-only.

use sea_orm::entity::prelude::*;

use crate::value::{LedgerTransactionId, MdfPostingKind, MdfProgramId, PartnerId, Timestamp};

/// A row of `mdf_ledger_transactions`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_ledger_transactions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LedgerTransactionId,
    pub program_id: MdfProgramId,
    pub partner_id: Option<PartnerId>,
    pub kind: MdfPostingKind,
    pub cause: String,
    pub posted_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
