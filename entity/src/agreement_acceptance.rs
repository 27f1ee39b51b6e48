//! That a partner accepted an agreement.

use sea_orm::entity::prelude::*;

use crate::value::{AgreementAcceptanceId, AgreementId, PartnerId, Timestamp, UserId};

/// A row of `agreement_acceptances`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agreement_acceptances")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgreementAcceptanceId,
    pub agreement_id: AgreementId,
    pub partner_id: PartnerId,
    pub sha256: String,
    pub accepted_by: Option<UserId>,
    pub accepted_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
