//! Whether a person wants a mail about a kind of notification. Without a row they do.

use sea_orm::entity::prelude::*;

use crate::value::{NotificationKind, UserId};

/// A row of `notification_preferences`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_preferences")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: NotificationKind,
    pub by_mail: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
