//! Audit events: every change of state writes one in its own transaction, behind the one before it.

pub mod chain;
mod recorded;
pub mod verify;

use entity::{
    audit_event,
    value::{ActorKind, PartnerId},
};
use sea_orm::DatabaseTransaction;
use serde::Serialize;

pub use recorded::recording;

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

/// Writes the audit event of a change in the transaction of that change: it joins its chain at the transaction's very
/// end, so that chains are held as shortly as can be. Only within [`recording`], as `Call::once` and
/// `Call::in_transaction` do it: elsewhere it is an error, because the event would be lost.
///
/// # Errors
/// Those of the database, and when this is not the transaction of a use case.
pub async fn record<B: Serialize, A: Serialize>(
    txn: &DatabaseTransaction,
    call: &Call,
    change: Change<'_, B, A>,
) -> AppResult<()> {
    let sides =
        [change.before.map(serde_json::to_value).transpose()?, change.after.map(serde_json::to_value).transpose()?];
    let [before, after] = personal::hidden(txn, call, &change.object_id, sides).await?;
    // One instant for the id and the event: a range of instants is a range of ids.
    let now = call.now();
    recorded::keep(
        txn,
        audit_event::Model {
            id: call.services.ids.new_id(now),
            at: now,
            actor_kind: match call.caller {
                Caller::Anonymous => ActorKind::Anonymous,
                Caller::User(_) => ActorKind::User,
                Caller::Client(_) => ActorKind::Client,
                Caller::System => ActorKind::System,
            },
            actor_user_id: call.user_id(),
            partner_id: change.partner_id,
            action: change.action.name().to_owned(),
            object_id: change.object_id,
            before,
            after,
            request_id: call.origin.request_id.clone(),
            address: call.origin.address.map(|address| address.to_string()),
            actor_client_id: call.caller.client().map(|client| client.client_id),
            responsible_user_id: call.responsible(),
            chain: None,
            sequence: None,
            previous_hash: None,
            hash: None,
            hash_version: None,
        },
    )
}
