//! A company's application to become a partner.

use sea_orm::entity::prelude::*;

use crate::value::{
    ApplicationFields, ApplicationId, ApplicationOutcome, ApplicationState, Country, InvitationId, PartnerId,
    PartnerTypes, Regions, Timestamp, UserId,
};

/// A row of `partner_applications`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_applications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApplicationId,
    pub state: ApplicationState,
    pub outcome: Option<ApplicationOutcome>,
    pub legal_name: String,
    pub name_key: String,
    pub website: String,
    pub domain: String,
    pub country: Country,
    pub types: PartnerTypes,
    pub regions: Regions,
    pub industries: String,
    pub expected_business: String,
    pub contact_name: String,
    pub contact_email: String,
    pub fit: String,
    pub submitted_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<UserId>,
    pub decision_note: Option<String>,
    pub partner_id: Option<PartnerId>,
    pub invitation_id: Option<InvitationId>,
    pub token_hash: Option<Vec<u8>>,
    pub email_key: String,
    pub assigned_to: Option<UserId>,
    pub due_at: Option<Timestamp>,
    pub review_left: Option<i64>,
    pub asked_fields: ApplicationFields,
    pub asked_message: Option<String>,
    pub asked_at: Option<Timestamp>,
    pub answer: Option<String>,
    pub decision_reason: Option<String>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
