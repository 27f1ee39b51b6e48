//! Walks the chains of audit events and finds what was changed past the product.
//!
//! Bounded memory: pages of one chain at a time. One snapshot of the database: what is written meanwhile is not seen.

use std::collections::BTreeMap;

use entity::{audit_chain, audit_event, value::AuditEventId};
use sea_orm::{
    ColumnTrait as _, DatabaseTransaction, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use sha2::{Digest as _, Sha256};

use super::{
    super::{db::Db, error::AppResult},
    chain::{UNCHAINED, genesis, hash, of},
};

/// How many events are in memory at once.
const PAGE: u64 = 1_000;

/// How many faults are told: whoever sees so many knows enough.
const TOLD: usize = 100;

/// How far a chain reached at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many events.
    pub length: i64,
    /// The hash of the last one.
    pub hash: Vec<u8>,
}

/// What heads of chains were at some time, as operators keep them elsewhere.
pub type Anchors = BTreeMap<String, Head>;

/// The first thing in a chain that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tampered {
    /// The chain.
    pub chain: String,
    /// Its place there, counted from one.
    pub sequence: i64,
    /// The event, where there is one.
    pub event: Option<AuditEventId>,
    /// What is wrong with it.
    pub fault: &'static str,
}

/// What a walk along all chains has found.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// How many chains.
    pub chains: u64,
    /// How many events in them.
    pub events: u64,
    /// How many events from before there were chains.
    pub unchained: u64,
    /// A digest over the heads of all chains: the same only while nothing is written.
    pub digest: Vec<u8>,
    /// The first fault of each chain.
    pub tampered: Vec<Tampered>,
}

/// Walks along all chains; `told` hears of each as it ends.
///
/// # Errors
/// Those of the database.
pub async fn verify(db: &Db, anchors: &Anchors, told: &mut dyn FnMut(&str, &Head)) -> AppResult<Verified> {
    let txn = db.begin_snapshot().await?;
    let mut found = Verified::default();
    let mut digest = Sha256::new().chain_update("partner-portal audit heads 1");
    unchained(&txn, &mut found).await?;
    let mut anchored = anchors.iter().peekable();
    let mut last = String::new();
    while let Some(chain) = next(&txn, &last).await? {
        // Anchors are walked beside the chains, both in the order of their names: what is skipped is gone.
        while let Some((gone, _)) = anchored.next_if(|(name, _)| **name < chain) {
            fault(&mut found, gone, 1, None, "the chain of an anchor is gone");
        }
        let anchor = anchored.next_if(|(name, _)| **name == chain).map(|(_, head)| head);
        let walk = walk(&txn, &chain, anchor, &mut found).await?;
        digest.update(u64::try_from(chain.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(&chain);
        digest.update(walk.length.to_be_bytes());
        digest.update(&walk.hash);
        found.chains = found.chains.saturating_add(1);
        told(&chain, &walk);
        last = chain;
    }
    for (gone, _) in anchored {
        fault(&mut found, gone, 1, None, "the chain of an anchor is gone");
    }
    found.digest = digest.finalize().to_vec();
    Ok(found)
}

fn fault(found: &mut Verified, chain: &str, sequence: i64, event: Option<AuditEventId>, fault: &'static str) {
    if found.tampered.len() < TOLD {
        found.tampered.push(Tampered { chain: chain.to_owned(), sequence, event, fault });
    }
}

/// Events without a chain are those from before there were chains, and there are as many as there were then.
async fn unchained(txn: &DatabaseTransaction, found: &mut Verified) -> AppResult<()> {
    let without = audit_event::Entity::find().filter(audit_event::Column::Chain.is_null()).count(txn).await?;
    let wanted = audit_chain::Entity::find_by_id(UNCHAINED).one(txn).await?.map_or(0, |row| row.length);
    if i64::try_from(without) != Ok(wanted) {
        fault(found, UNCHAINED, wanted, None, "there are more or fewer events without a chain than there were");
    }
    found.unchained = without;
    Ok(())
}

/// The next chain by name, of those that have a head or an event: a seek in each index.
async fn next(txn: &DatabaseTransaction, last: &str) -> AppResult<Option<String>> {
    let head = audit_chain::Entity::find()
        .select_only()
        .column(audit_chain::Column::Chain)
        .filter(audit_chain::Column::Chain.gt(last))
        .filter(audit_chain::Column::Chain.ne(UNCHAINED))
        .order_by_asc(audit_chain::Column::Chain)
        .into_tuple::<String>()
        .one(txn)
        .await?;
    let event = audit_event::Entity::find()
        .select_only()
        .column(audit_event::Column::Chain)
        .filter(audit_event::Column::Chain.gt(last))
        .order_by_asc(audit_event::Column::Chain)
        .into_tuple::<String>()
        .one(txn)
        .await?;
    Ok(match (head, event) {
        (Some(head), Some(event)) => Some(head.min(event)),
        (head, event) => head.or(event),
    })
}

/// Walks along one chain and compares it with its head; returns how far its events reach.
async fn walk(txn: &DatabaseTransaction, chain: &str, anchor: Option<&Head>, found: &mut Verified) -> AppResult<Head> {
    let mut reached = Head { length: 0, hash: genesis(chain) };
    let mut intact = true;
    loop {
        let page = audit_event::Entity::find()
            .filter(audit_event::Column::Chain.eq(chain))
            .filter(audit_event::Column::Sequence.gt(reached.length))
            .order_by_asc(audit_event::Column::Sequence)
            .limit(PAGE)
            .all(txn)
            .await?;
        let Some(end) = page.last().and_then(|event| event.sequence) else { break };
        found.events = found.events.saturating_add(u64::try_from(page.len()).unwrap_or(0));
        for event in &page {
            let problem = problem(&reached, event).or_else(|| {
                let anchored = anchor.filter(|anchor| Some(anchor.length) == event.sequence)?;
                (Some(&anchored.hash) != event.hash.as_ref()).then_some("it is not what it was at its anchor")
            });
            if let Some(problem) = problem.filter(|_| intact) {
                intact = false;
                fault(found, chain, event.sequence.unwrap_or(0), Some(event.id), problem);
            }
            reached =
                Head { length: event.sequence.unwrap_or(reached.length), hash: event.hash.clone().unwrap_or_default() };
        }
        reached.length = end;
    }
    if intact {
        against_head(txn, chain, anchor, &reached, found).await?;
    }
    Ok(reached)
}

/// What is wrong with an event behind the one that was reached.
fn problem(reached: &Head, event: &audit_event::Model) -> Option<&'static str> {
    if event.sequence != Some(reached.length.saturating_add(1)) {
        return Some("the events before it are missing");
    }
    if event.previous_hash.as_ref() != Some(&reached.hash) {
        return Some("it does not follow the event before it");
    }
    if event.chain != Some(of(event.partner_id)) {
        return Some("it concerns another partner than its chain");
    }
    let Some(hash) = hash(event) else { return Some("it was written by a version that is not known here") };
    (event.hash != Some(hash)).then_some("it is not what was recorded")
}

async fn against_head(
    txn: &DatabaseTransaction,
    chain: &str,
    anchor: Option<&Head>,
    reached: &Head,
    found: &mut Verified,
) -> AppResult<()> {
    let behind = reached.length.saturating_add(1);
    let Some(head) = audit_chain::Entity::find_by_id(chain).one(txn).await? else {
        fault(found, chain, reached.length, None, "the head of the chain is gone");
        return Ok(());
    };
    if head.length > reached.length {
        fault(found, chain, behind, None, "the last events are missing");
    } else if head.length < reached.length {
        fault(found, chain, head.length.saturating_add(1), None, "there are events behind the head of the chain");
    } else if head.head != reached.hash {
        fault(found, chain, reached.length, None, "the head of the chain is another");
    } else if anchor.is_some_and(|anchor| anchor.length > reached.length) {
        fault(found, chain, behind, None, "the chain is shorter than it was at its anchor");
    }
    Ok(())
}
