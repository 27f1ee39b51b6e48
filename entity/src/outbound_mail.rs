//! A mail that waits to be sent, or was: what it is about, never what it says.

use sea_orm::entity::prelude::*;
use uuid::Uuid;

use crate::value::{MailId, MailKind, MailState, Timestamp};

/// A row of `outbound_mails`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbound_mails")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MailId,
    pub kind: MailKind,
    pub object_id: Uuid,
    pub state: MailState,
    pub created_at: Timestamp,
    pub due_at: Timestamp,
    pub attempts: i64,
    pub settled_at: Option<Timestamp>,
    pub last_problem: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
