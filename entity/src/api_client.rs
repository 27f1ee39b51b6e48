//! A program of an integrator that calls the API: of the vendor when `partner_id` is empty.

use sea_orm::entity::prelude::*;

use crate::value::{ApiClientId, ClientScopes, PartnerId, Timestamp, UserId};

/// A row of `api_clients`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_clients")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiClientId,
    pub partner_id: Option<PartnerId>,
    pub name: String,
    pub scopes: ClientScopes,
    pub address_ranges: String,
    pub requests_per_minute: i64,
    pub created_by: UserId,
    pub responsible_id: UserId,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
