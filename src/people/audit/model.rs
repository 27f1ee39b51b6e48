//! The words of audit events.

use entity::value::{ActorKind, ApiClientId, AuditEventId, PartnerId, Timestamp, UserId};

/// Somebody changed something.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    /// Its id.
    pub id: AuditEventId,
    /// When.
    pub at: Timestamp,
    /// What kind of caller.
    pub actor_kind: ActorKind,
    /// The person, if one.
    pub actor_user_id: Option<UserId>,
    /// The partner that it concerns, if one.
    pub partner_id: Option<PartnerId>,
    /// What was done.
    pub action: String,
    /// The global id of the object.
    pub object_id: String,
    /// The object before, as JSON.
    pub before: Option<String>,
    /// The object after, as JSON.
    pub after: Option<String>,
    /// The request that it was done in.
    pub request_id: String,
    /// Where the request came from, if from outside.
    pub address: Option<String>,
    /// The API client, if one did it.
    pub actor_client_id: Option<ApiClientId>,
    /// The person who answers for it.
    pub responsible_user_id: Option<UserId>,
    /// Its place in its chain; none from before there were chains.
    pub sequence: Option<i64>,
    /// Its hash.
    pub hash: Option<Vec<u8>>,
}

/// Which events a list shows.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// About this object.
    pub object_id: Option<String>,
    /// Concerning this partner.
    pub partner_id: Option<PartnerId>,
    /// By this person.
    pub actor_id: Option<UserId>,
    /// By this API client.
    pub client_id: Option<ApiClientId>,
    /// Of this action.
    pub action: Option<String>,
    /// Done in this request.
    pub request_id: Option<String>,
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
}
