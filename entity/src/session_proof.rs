//! How lately, and how well, somebody proved in a session that it is them. Without a row: when it was opened, by password.

use sea_orm::entity::prelude::*;

use crate::value::{SessionId, Timestamp};

/// A row of `session_proofs`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session_proofs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: SessionId,
    pub proven_at: Timestamp,
    pub second_factor: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
