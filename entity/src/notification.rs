//! Something that a person is told of.

use sea_orm::entity::prelude::*;

use crate::value::{NotificationId, NotificationKind, PartnerId, Timestamp, UserId};

/// A row of `notifications`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationId,
    pub user_id: UserId,
    pub partner_id: Option<PartnerId>,
    pub kind: NotificationKind,
    pub object_id: String,
    pub mark: String,
    pub sentence: String,
    pub created_at: Timestamp,
    pub read_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
