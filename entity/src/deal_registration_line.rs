//! One product line of a deal registration: the unit that claims are compared by.

use sea_orm::entity::prelude::*;

use crate::value::{AccountId, PartnerId, ProductLineId, RegistrationId, Timestamp};

/// A row of `deal_registration_lines`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deal_registration_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub registration_id: RegistrationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_line_id: ProductLineId,
    pub account_id: Option<AccountId>,
    pub partner_id: PartnerId,
    pub closed_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
