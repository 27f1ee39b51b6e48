//! SQL of audit events.

use entity::{audit_event, value::AuditEventId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::model::{AuditEvent, AuditFilter};
use crate::platform::{
    auth::Scope,
    error::AppResult,
    graphql::page::{Page, Rows},
};

impl From<audit_event::Model> for AuditEvent {
    fn from(row: audit_event::Model) -> Self {
        let audit_event::Model {
            id,
            at,
            actor_kind,
            actor_user_id,
            partner_id,
            action,
            object_id,
            before,
            after,
            request_id,
            address,
            actor_client_id,
            responsible_user_id,
        } = row;
        Self {
            id,
            at,
            actor_kind,
            actor_user_id,
            partner_id,
            action,
            object_id,
            before,
            after,
            request_id,
            address,
            actor_client_id,
            responsible_user_id,
        }
    }
}

/// The events of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[AuditEventId]) -> AppResult<Vec<AuditEvent>> {
    let rows = audit_event::Entity::find()
        .filter(audit_event::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(audit_event::Column::PartnerId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(AuditEvent::from).collect())
}

/// A page of the events that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &AuditFilter,
    page: &Page,
) -> AppResult<Rows<AuditEvent>> {
    let mut select = audit_event::Entity::find().filter(scope.rows_of(audit_event::Column::PartnerId));
    if let Some(object_id) = &filter.object_id {
        select = select.filter(audit_event::Column::ObjectId.eq(object_id.as_str()));
    }
    if let Some(partner_id) = filter.partner_id {
        select = select.filter(audit_event::Column::PartnerId.eq(partner_id));
    }
    if let Some(actor_id) = filter.actor_id {
        select = select.filter(audit_event::Column::ActorUserId.eq(actor_id));
    }
    if let Some(action) = &filter.action {
        select = select.filter(audit_event::Column::Action.eq(action.as_str()));
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, audit_event::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(AuditEvent::from).collect(), total))
}
