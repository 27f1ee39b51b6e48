//! An offer of a place that has become free to somebody on its waiting list.

use sea_orm::entity::prelude::*;

use crate::value::{OfferAnswer, PartnerId, RegistrationId, Timestamp, UserId, WaitlistOfferId};

/// A row of `waitlist_offers`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "waitlist_offers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WaitlistOfferId,
    pub registration_id: RegistrationId,
    pub partner_id: PartnerId,
    pub starts_at: Timestamp,
    pub expires_at: Timestamp,
    pub answer: Option<OfferAnswer>,
    pub answered_at: Option<Timestamp>,
    pub answered_by: Option<UserId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
