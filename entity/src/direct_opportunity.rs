//! An open opportunity of the vendor's own team on a product line of an account, as another system calls it.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, AccountItemId, DirectOpportunityOutcome, ProductLineId, Timestamp, UserId};

/// A row of `direct_opportunities`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "direct_opportunities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountItemId,
    pub account_id: AccountId,
    pub product_line_id: ProductLineId,
    pub reference: String,
    pub opened_at: Timestamp,
    pub recorded_by: Option<UserId>,
    pub closed_at: Option<Timestamp>,
    pub closed_by: Option<UserId>,
    pub outcome: Option<DirectOpportunityOutcome>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
