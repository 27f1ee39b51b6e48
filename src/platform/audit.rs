//! Audit events: every change of state writes one in its own transaction.

use entity::{
    audit_event,
    value::{ActorKind, AuditEventId, PartnerId},
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait};
use serde::Serialize;

use super::{
    auth::{Caller, policy::Action},
    call::Call,
    error::AppResult,
    personal,
};

/// What is written of a change. `before` and `after` must hold no secrets; names and addresses of people are hidden.
pub struct Change<'a, B: Serialize, A: Serialize> {
    /// What was done.
    pub action: Action,
    /// The global id of the object that changed.
    pub object_id: String,
    /// The partner that the change concerns, if one: it may read the event.
    pub partner_id: Option<PartnerId>,
    /// The object before; `None` when it was created.
    pub before: Option<&'a B>,
    /// The object after; `None` when it is gone.
    pub after: Option<&'a A>,
}

/// Writes the audit event of a change in the transaction of that change.
///
/// # Errors
/// Those of the database.
pub async fn record<B: Serialize, A: Serialize>(
    txn: &DatabaseTransaction,
    call: &Call,
    change: Change<'_, B, A>,
) -> AppResult<()> {
    let sides =
        [change.before.map(serde_json::to_value).transpose()?, change.after.map(serde_json::to_value).transpose()?];
    let [before, after] = personal::hidden(txn, call, &change.object_id, sides).await?;
    let event = audit_event::ActiveModel {
        id: Set(call.new_id::<AuditEventId>()),
        at: Set(call.now()),
        actor_kind: Set(match call.caller {
            Caller::Anonymous => ActorKind::Anonymous,
            Caller::User(_) => ActorKind::User,
            Caller::Client(_) => ActorKind::Client,
            Caller::System => ActorKind::System,
        }),
        actor_user_id: Set(call.user_id()),
        partner_id: Set(change.partner_id),
        action: Set(change.action.name().to_owned()),
        object_id: Set(change.object_id),
        before: Set(before),
        after: Set(after),
        request_id: Set(call.origin.request_id.clone()),
        address: Set(call.origin.address.map(|address| address.to_string())),
        actor_client_id: Set(call.caller.client().map(|client| client.client_id)),
        responsible_user_id: Set(call.responsible()),
    };
    audit_event::Entity::insert(event).exec_without_returning(txn).await?;
    Ok(())
}
