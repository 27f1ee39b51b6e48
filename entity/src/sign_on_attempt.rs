//! An attempt to sign on through the provider of identities.

use sea_orm::entity::prelude::*;

use crate::value::{SignOnAttemptId, Timestamp, UserId};

/// A row of `sign_on_attempts`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_on_attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SignOnAttemptId,
    pub state_hash: Vec<u8>,
    pub code_hash: Vec<u8>,
    pub return_to: String,
    pub created_at: Timestamp,
    pub returned_at: Option<Timestamp>,
    pub user_id: Option<UserId>,
    pub several_factors: Option<bool>,
    pub completed_at: Option<Timestamp>,
    pub authenticated_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
