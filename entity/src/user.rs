//! A person with an account of their own: staff when `partner_id` is empty.

use sea_orm::entity::prelude::*;

use crate::value::{PartnerId, Roles, Timestamp, UserId, UserState};

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    pub partner_id: Option<PartnerId>,
    pub email: String,
    pub email_key: String,
    pub name: String,
    pub name_key: String,
    pub roles: Roles,
    pub state: UserState,
    pub password_hash: String,
    pub created_at: Timestamp,
    pub version: i64,
    pub erased_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
