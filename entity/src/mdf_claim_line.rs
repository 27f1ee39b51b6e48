//! One invoice of a claim. The same invoice is claimed once in the whole system.

use sea_orm::entity::prelude::*;

use crate::value::{Day, MdfClaimId};

/// A row of `mdf_claim_lines`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mdf_claim_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub claim_id: MdfClaimId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub issuer: String,
    pub number: String,
    pub issued_on: Day,
    pub amount: i64,
    pub invoice_key: String,
    pub content_hash: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
