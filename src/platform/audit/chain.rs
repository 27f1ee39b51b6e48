//! Chains of audit events: each carries the hash of the one before it.
//!
//! There is one chain per partner and one of the vendor. A single one would make every writer wait for every other.
//! Within a chain writers take turns at the end of their transactions, by the row of `audit_chains`; chains are taken
//! in the order of their names and after every other row, so that nobody waits in a circle.

use std::collections::BTreeMap;

use entity::{audit_chain, audit_event, value::PartnerId};
use sea_orm::{
    ActiveEnum as _, ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, sea_query::OnConflict,
};
use sha2::{Digest as _, Sha256};

use super::super::{
    db::dialect,
    error::{AppError, AppResult},
};

/// The chain of what concerns no partner.
pub const VENDOR: &str = "vendor";

/// How many events from before there were chains: no chain of its own.
pub const UNCHAINED: &str = "unchained";

/// How events are written for hashing by now. Older ones are verified as they were hashed.
const VERSION: i64 = 1;

/// How many events are inserted by one statement: below every limit on parameters.
const INSERTED_AT_ONCE: usize = 500;

/// The chain of what concerns a partner, or none.
#[must_use]
pub fn of(partner_id: Option<PartnerId>) -> String {
    partner_id.map_or_else(|| VENDOR.to_owned(), |id| id.to_string())
}

/// What the first event of a chain carries as the hash of the one before it.
#[must_use]
pub fn genesis(chain: &str) -> Vec<u8> {
    Sha256::new().chain_update("partner-portal audit chain ").chain_update(chain).finalize().to_vec()
}

/// The hash of an event: of every column but itself, so written that no two events are written alike. None when it is
/// of a version that this program does not know.
#[must_use]
pub fn hash(event: &audit_event::Model) -> Option<Vec<u8>> {
    // Without `..`: whoever adds a column decides here about it, and raises the version.
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
        chain,
        sequence,
        previous_hash,
        hash: _,
        hash_version,
    } = event;
    if *hash_version != Some(VERSION) {
        return None;
    }
    let mut fields = Fields(Sha256::new().chain_update("partner-portal audit event 1"));
    fields.add(chain.as_ref().map(String::as_bytes));
    fields.add(sequence.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
    fields.add(previous_hash.as_deref());
    fields.add(Some(id.0.as_bytes()));
    fields.add(Some(&at.micros().to_be_bytes()));
    fields.add(Some(actor_kind.to_value().as_bytes()));
    fields.add(actor_user_id.as_ref().map(|id| id.0.as_bytes().as_slice()));
    fields.add(partner_id.as_ref().map(|id| id.0.as_bytes().as_slice()));
    fields.add(Some(action.as_bytes()));
    fields.add(Some(object_id.as_bytes()));
    fields.add(before.as_ref().map(String::as_bytes));
    fields.add(after.as_ref().map(String::as_bytes));
    fields.add(Some(request_id.as_bytes()));
    fields.add(address.as_ref().map(String::as_bytes));
    fields.add(actor_client_id.as_ref().map(|id| id.0.as_bytes().as_slice()));
    fields.add(responsible_user_id.as_ref().map(|id| id.0.as_bytes().as_slice()));
    Some(fields.0.finalize().to_vec())
}

/// Fields one after the other, each with whether it is there and its length: what moves from one to the next shows.
struct Fields(Sha256);

impl Fields {
    fn add(&mut self, field: Option<&[u8]>) {
        match field {
            None => self.0.update([0]),
            Some(bytes) => {
                self.0.update([1]);
                self.0.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
                self.0.update(bytes);
            }
        }
    }
}

/// Appends what a transaction has recorded to the chains, in the order in which it was recorded.
///
/// # Errors
/// Those of the database.
pub async fn append(txn: &DatabaseTransaction, events: Vec<audit_event::Model>) -> AppResult<()> {
    let mut chains: BTreeMap<String, Vec<audit_event::Model>> = BTreeMap::new();
    for event in events {
        chains.entry(of(event.partner_id)).or_default().push(event);
    }
    let mut chained = Vec::new();
    for (chain, events) in chains {
        let head = hold(txn, &chain).await?;
        let (mut length, mut hash) = (head.length, head.head);
        for event in events {
            length = length.saturating_add(1);
            let event = link(event, &chain, length, hash)?;
            hash = event.hash.clone().unwrap_or_default();
            chained.push(event.into_active_model());
        }
        let head = audit_chain::ActiveModel { chain: Set(chain), length: Set(length), head: Set(hash) };
        audit_chain::Entity::update(head).exec(txn).await?;
    }
    while !chained.is_empty() {
        let rest = chained.split_off(chained.len().min(INSERTED_AT_ONCE));
        audit_event::Entity::insert_many(chained).exec_without_returning(txn).await?;
        chained = rest;
    }
    Ok(())
}

/// The event with its place in the chain.
fn link(mut event: audit_event::Model, chain: &str, sequence: i64, previous: Vec<u8>) -> AppResult<audit_event::Model> {
    event.chain = Some(chain.to_owned());
    event.sequence = Some(sequence);
    event.previous_hash = Some(previous);
    event.hash_version = Some(VERSION);
    let hash = hash(&event).ok_or_else(|| AppError::internal("an audit event of no known version"))?;
    event.hash = Some(hash);
    Ok(event)
}

/// Takes a chain until the end of the transaction; begins it when it is new.
async fn hold(txn: &DatabaseTransaction, chain: &str) -> AppResult<audit_chain::Model> {
    let select = || audit_chain::Entity::find().filter(audit_chain::Column::Chain.eq(chain));
    if let Some(head) = dialect::for_update(txn, select()).one(txn).await? {
        return Ok(head);
    }
    let new = audit_chain::ActiveModel { chain: Set(chain.to_owned()), length: Set(0), head: Set(genesis(chain)) };
    let begun = OnConflict::column(audit_chain::Column::Chain).do_nothing().to_owned();
    audit_chain::Entity::insert(new).on_conflict(begun).exec_without_returning(txn).await?;
    let head = dialect::for_update(txn, select()).one(txn).await?;
    head.ok_or_else(|| AppError::internal("a chain of audit events was begun and is not there"))
}

#[cfg(test)]
mod tests {
    use entity::value::{ActorKind, ApiClientId, AuditEventId, Timestamp, UserId};
    use uuid::Uuid;

    use super::*;

    fn event() -> audit_event::Model {
        let event = audit_event::Model {
            id: AuditEventId(Uuid::from_u128(1)),
            at: Timestamp::from_micros(2),
            actor_kind: ActorKind::User,
            actor_user_id: Some(UserId(Uuid::from_u128(3))),
            partner_id: Some(PartnerId(Uuid::from_u128(4))),
            action: "a".into(),
            object_id: "bc".into(),
            before: None,
            after: Some("{}".into()),
            request_id: "r".into(),
            address: None,
            actor_client_id: None,
            responsible_user_id: Some(UserId(Uuid::from_u128(3))),
            chain: None,
            sequence: None,
            previous_hash: None,
            hash: None,
            hash_version: None,
        };
        link(event, VENDOR, 1, genesis(VENDOR)).unwrap()
    }

    #[test]
    fn the_hash_of_an_event_stays_what_it_was() {
        let stays = "2b2c21249ba1e461587b1cda3d9624f00ac79304ff5a537ec5f19269a2a0c7d8";
        assert_eq!(crate::kernel::hex::encode(&hash(&event()).unwrap()), stays, "raise the version instead");
    }

    #[test]
    fn whatever_differs_between_two_events_shows_in_their_hashes() {
        type Change = fn(&mut audit_event::Model);
        let changes: &[Change] = &[
            |event| event.id = AuditEventId(Uuid::from_u128(9)),
            |event| event.at = Timestamp::from_micros(9),
            |event| event.actor_kind = ActorKind::System,
            |event| event.actor_user_id = None,
            |event| event.partner_id = None,
            |event| event.action = "ab".into(),
            |event| (event.action, event.object_id) = ("ab".into(), "c".into()),
            |event| event.object_id = "b".into(),
            |event| event.before = Some(String::new()),
            |event| (event.before, event.after) = (Some("{}".into()), None),
            |event| event.after = Some("{ }".into()),
            |event| event.request_id = String::new(),
            |event| event.address = Some("::1".into()),
            |event| event.actor_client_id = Some(ApiClientId(Uuid::from_u128(3))),
            |event| event.responsible_user_id = None,
            |event| event.chain = Some("vendo".into()),
            |event| event.sequence = Some(2),
            |event| event.previous_hash = Some(genesis("x")),
        ];
        let mut seen = vec![hash(&event()).unwrap()];
        for change in changes {
            let mut event = event();
            change(&mut event);
            let hash = hash(&event).unwrap();
            assert!(!seen.contains(&hash), "{event:?}");
            seen.push(hash);
        }
        let mut unknown = event();
        unknown.hash_version = Some(VERSION + 1);
        assert_eq!(hash(&unknown), None);
    }
}
