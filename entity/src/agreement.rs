//! A text that partners accept.

use sea_orm::entity::prelude::*;

use crate::value::{AgreementId, AgreementState, PartnerType, Timestamp, UserId};

/// A row of `agreements`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agreements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgreementId,
    pub text_version: i32,
    pub partner_type: Option<PartnerType>,
    pub title: String,
    pub text: String,
    pub sha256: String,
    pub state: AgreementState,
    pub effective_at: Option<Timestamp>,
    pub reacceptance_due_at: Option<Timestamp>,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub published_by: Option<UserId>,
    pub published_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
