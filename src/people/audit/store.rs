//! SQL of audit events.

use chrono::TimeDelta;
use entity::{
    audit_event,
    value::{AuditEventId, Timestamp},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait as _, Select};
use uuid::Uuid;

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
            chain: _,
            sequence,
            previous_hash: _,
            hash,
            hash_version: _,
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
            sequence,
            hash,
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
    let select = chosen(filter).filter(scope.rows_of(audit_event::Column::PartnerId));
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, audit_event::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(AuditEvent::from).collect(), total))
}

/// The events that a filter lets through. Each part is served by an index that ends in the id, the order of the list;
/// ids are ordered by instants, so the ends of a span are ends of ids too.
fn chosen(filter: &AuditFilter) -> Select<audit_event::Entity> {
    use audit_event::Column;
    let AuditFilter { object_id, partner_id, actor_id, client_id, action, request_id, from, to } = filter;
    audit_event::Entity::find()
        .apply_if(object_id.as_deref(), |select, id| select.filter(Column::ObjectId.eq(id)))
        .apply_if(*partner_id, |select, id| select.filter(Column::PartnerId.eq(id)))
        .apply_if(*actor_id, |select, id| select.filter(Column::ActorUserId.eq(id)))
        .apply_if(*client_id, |select, id| select.filter(Column::ActorClientId.eq(id)))
        .apply_if(action.as_deref(), |select, action| select.filter(Column::Action.eq(action)))
        .apply_if(request_id.as_deref(), |select, id| select.filter(Column::RequestId.eq(id)))
        .apply_if(*from, |select, from| {
            select.filter(Column::At.gte(from)).filter(Column::Id.gte(first_id(from.plus(-SLACK))))
        })
        .apply_if(*to, |select, to| select.filter(Column::At.lt(to)).filter(Column::Id.lt(first_id(to.plus(SLACK)))))
}

/// An event's id was made within so long of its instant.
const SLACK: TimeDelta = TimeDelta::seconds(1);

/// No id that was made at this instant or later is smaller.
fn first_id(at: Timestamp) -> AuditEventId {
    let millis = u128::try_from(at.micros().div_euclid(1_000)).unwrap_or(0);
    AuditEventId(Uuid::from_u128(millis << 80))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::ids::{IdSource, SeededIds};

    #[test]
    fn ids_are_ordered_by_instants() {
        let ids: &dyn IdSource = &SeededIds::from_seed(1);
        for micros in [0, 1, 999, 1_000, 1_795_306_712_801_138, 253_402_300_799_999_999] {
            let at = Timestamp::from_micros(micros);
            let id: AuditEventId = ids.new_id(at);
            assert!(first_id(at) <= id && id < first_id(at.plus(TimeDelta::milliseconds(1))), "{at}: {id}");
        }
        assert_eq!(first_id(Timestamp::from_micros(-1)).0, Uuid::nil());
    }
}
