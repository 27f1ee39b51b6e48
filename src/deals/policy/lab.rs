//! The policy lab: past decisions replayed under a draft, from the facts on their receipts.
//!
//! Replayed is what left a receipt: registrations that were taken in, and protections that were granted. What the draft
//! says of conflicts and of evidence counts. Evidence is scored anew as it was at the time, with the places in the queue of
//! the rivals too. Whether somebody was authorised who needed no authorisation then is not known, and is not replayed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::value::{PartnerId, ReceiptId, RegistrationId, Timestamp};

use crate::{
    deals::registrations::{
        self,
        model::{Evidence, NewEvidence, Registration},
        rules::{
            evidence,
            facts::Facts,
            policy::{DealPolicy, EvidencePolicy},
            resolution::{Availability, Purpose, Resolved, resolve},
        },
    },
    kernel::{code::Code, decision::Receipt, money::Money},
    platform::{
        call::Call,
        error::{AppError, AppResult},
        policies,
        receipts::{self, Kept, Walk},
    },
};

/// So many decisions are replayed at most.
pub const MOST_REPLAYED: u64 = 5_000;

/// So many are read at once.
const AT_ONCE: u64 = 500;

/// How a decision comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, async_graphql::Enum)]
#[graphql(name = "DealPolicyOutcome")]
pub enum Outcome {
    /// Taken in, with nothing against it.
    Clear,
    /// Taken in for a closer look.
    Review,
    /// Taken in for the waiting list.
    Waitlist,
    /// Not taken in.
    Refused,
    /// Protected.
    Protected,
    /// Not protected.
    NotProtected,
}

/// Which decisions are replayed.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Those made from this instant on.
    pub from: Timestamp,
    /// Those made before this instant.
    pub to: Timestamp,
}

/// A decision that would have come out otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The receipt of the decision as it was made.
    pub receipt_id: ReceiptId,
    /// When it was made.
    pub decided_at: Timestamp,
    /// About which registration.
    pub registration_id: RegistrationId,
    /// Whose.
    pub partner_id: PartnerId,
    /// The amount that the partner expects.
    pub amount: Money,
    /// How it came out.
    pub before: Outcome,
    /// How it would have come out.
    pub after: Outcome,
    /// The receipt that it would have had.
    pub receipt: Receipt,
}

/// How much of what differs in the same way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    /// How many decisions.
    pub decisions: i64,
    /// Their amounts together.
    pub amount: Money,
}

/// What a draft would have changed.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The version that was written last, which the draft changes.
    pub base_version: i32,
    /// How many decisions were replayed.
    pub replayed: i64,
    /// Those that would have come out otherwise, oldest first.
    pub differences: Vec<Difference>,
}

impl Preview {
    /// What differs, added up by what a key says and the currency.
    #[must_use]
    pub fn totals<K: Ord>(&self, key: impl Fn(&Difference) -> K) -> Vec<(K, Total)> {
        let mut added: BTreeMap<(K, &'static str), Total> = BTreeMap::new();
        for it in &self.differences {
            let none = Total { decisions: 0, amount: Money { minor_units: 0, currency: it.amount.currency } };
            let total = added.entry((key(it), it.amount.currency.code())).or_insert(none);
            total.decisions = total.decisions.saturating_add(1);
            total.amount.minor_units = total.amount.minor_units.saturating_add(it.amount.minor_units);
        }
        added.into_iter().map(|((key, _), total)| (key, total)).collect()
    }
}

/// How a decision came out.
#[must_use]
pub fn outcome_of(purpose: Purpose, resolved: &Resolved, sufficient: bool) -> Outcome {
    match (purpose, resolved.availability, &resolved.refused) {
        (Purpose::Approval, _, None) => Outcome::Protected,
        (Purpose::Approval, _, Some(_)) => Outcome::NotProtected,
        (Purpose::Registration, Availability::NotAvailable, _) if sufficient && resolved.may_queue() => {
            Outcome::Waitlist
        }
        (Purpose::Registration, Availability::NotAvailable, _) | (Purpose::Registration, _, Some(_)) => {
            Outcome::Refused
        }
        (Purpose::Registration, Availability::Review, None) => Outcome::Review,
        (Purpose::Registration, Availability::Clear, None) => Outcome::Clear,
    }
}

/// The instant at which evidence would have become sufficient, and was so until the decision: not before the registration
/// was handed in, by what was there at each instant and not withdrawn by then.
#[must_use]
pub fn qualified_under(
    policy: &EvidencePolicy,
    registration: &Registration,
    items: &[&Evidence],
    decided_at: Timestamp,
) -> Option<Timestamp> {
    let moved = items.iter().flat_map(|item| [Some(item.added_at), item.withdrawn_at]).flatten();
    let instants: BTreeSet<Timestamp> = moved.chain([registration.submitted_at]).collect();
    instants.range(registration.submitted_at..=decided_at).fold(None, |since, at| {
        // A place that was lost begins anew.
        let sufficient = points_under(policy, registration, items, *at).sufficient;
        sufficient.then(|| since.unwrap_or(*at))
    })
}

fn points_under(
    policy: &EvidencePolicy,
    registration: &Registration,
    items: &[&Evidence],
    at: Timestamp,
) -> evidence::EvidenceScore {
    let there: Vec<NewEvidence> =
        items.iter().filter(|item| item.counts_at(at)).map(|item| item.item.clone()).collect();
    evidence::score(policy, &registration.need, &there)
}

/// Replays what was decided in a span of time.
///
/// # Errors
/// `OUT_OF_RANGE` for a span that is empty or has too many decisions; those of the database.
pub async fn preview(call: &Call, base_version: i32, draft: &DealPolicy, asked: Asked) -> AppResult<Preview> {
    if asked.from >= asked.to {
        return Err(AppError::invalid("to", Code::OutOfRange, "The span ends before it begins."));
    }
    let decisions = [Purpose::Registration.decision(), Purpose::Approval.decision()];
    let mut lab = Lab { call, draft, weighed: HashMap::new() };
    let mut preview = Preview { base_version, replayed: 0, differences: Vec::new() };
    let (mut after, mut left) = (None, MOST_REPLAYED);
    loop {
        let walk = Walk { decisions: &decisions, from: asked.from, before: asked.to, after, limit: AT_ONCE };
        let page = receipts::walk(&call.reader(), walk).await?;
        let Some(last) = page.last() else { return Ok(preview) };
        after = Some(last.id);
        let read = u64::try_from(page.len()).unwrap_or(u64::MAX);
        let Some(still) = left.checked_sub(read) else {
            let sentence = format!("At most {MOST_REPLAYED} decisions are replayed at once. Choose a shorter span.");
            return Err(AppError::invalid("to", Code::OutOfRange, sentence));
        };
        left = still;
        preview.replayed = preview.replayed.saturating_add(i64::try_from(read).unwrap_or(0));
        preview.differences.extend(lab.replay(page).await?);
    }
}

/// Replaying under a draft.
struct Lab<'a> {
    call: &'a Call,
    draft: &'a DealPolicy,
    /// What evidence was worth under the versions that were met.
    weighed: HashMap<i32, Option<EvidencePolicy>>,
}

/// A decision with its facts.
struct Decided {
    kept: Kept,
    purpose: Purpose,
    facts: Facts,
    registration_id: RegistrationId,
}

impl Lab<'_> {
    async fn replay(&mut self, page: Vec<Kept>) -> AppResult<Vec<Difference>> {
        let mut decided = Vec::new();
        for kept in page {
            let Some(purpose) = Purpose::of_decision(&kept.receipt.decision) else { continue };
            let Ok(registration_id) = kept.object_id.parse::<RegistrationId>() else { continue };
            let facts: Facts = serde_json::from_value(kept.receipt.inputs.clone())?;
            decided.push(Decided { kept, purpose, facts, registration_id });
        }
        let mut ids: BTreeSet<RegistrationId> = decided.iter().map(|it| it.registration_id).collect();
        ids.extend(decided.iter().flat_map(|it| it.facts.claims.iter().map(|claim| claim.registration_id)));
        let (mut registrations, mut evidence) = (HashMap::new(), HashMap::<RegistrationId, Vec<Evidence>>::new());
        let ids: Vec<RegistrationId> = ids.into_iter().collect();
        for some in ids.chunks(500) {
            let found = registrations::find_many(self.call, some).await?;
            registrations.extend(found.into_iter().map(|it| (it.id, it)));
            for item in registrations::evidence_of(self.call, some).await? {
                evidence.entry(item.registration_id).or_default().push(item);
            }
        }
        let mut differences = Vec::new();
        for it in decided {
            let Some(registration) = registrations.get(&it.registration_id) else { continue };
            let reweighed = self.reweighed(it.kept.receipt.policy_version).await?;
            let facts = under(self.draft, &it, reweighed, &registrations, &evidence);
            differences.extend(difference(&it, &facts, registration));
        }
        Ok(differences)
    }

    /// Whether evidence is worth something else under the draft than it was under a version. What is not known any more
    /// is not.
    async fn reweighed(&mut self, version: i32) -> AppResult<bool> {
        let then = match self.weighed.get(&version) {
            Some(known) => known.clone(),
            None => {
                let found = policies::read::<DealPolicy>(&self.call.reader(), Some(version), self.call.now()).await?;
                let evidence = found.map(|kept| kept.policy.evidence);
                self.weighed.insert(version, evidence.clone());
                evidence
            }
        };
        Ok(then.is_some_and(|then| then != self.draft.evidence))
    }
}

/// The facts of a decision as they would have been under a draft.
fn under(
    draft: &DealPolicy,
    decided: &Decided,
    reweighed: bool,
    registrations: &HashMap<RegistrationId, Registration>,
    evidence: &HashMap<RegistrationId, Vec<Evidence>>,
) -> Facts {
    let mut facts = Facts { conflicts: draft.conflicts, ..decided.facts.clone() };
    if !reweighed {
        return facts;
    }
    let at = decided.facts.now;
    let items = |id: RegistrationId| evidence.get(&id).map_or_else(Vec::new, |items| items.iter().collect());
    if let Some(own) = registrations.get(&decided.registration_id) {
        let items = items(own.id);
        facts.evidence_total = points_under(&draft.evidence, own, &items, at).total;
        facts.qualified_at = qualified_under(&draft.evidence, own, &items, at);
    }
    for claim in &mut facts.claims {
        if let Some(rival) = registrations.get(&claim.registration_id) {
            claim.qualified_at = qualified_under(&draft.evidence, rival, &items(rival.id), at);
        }
    }
    facts
}

fn difference(decided: &Decided, facts: &Facts, registration: &Registration) -> Option<Difference> {
    let version = decided.kept.receipt.policy_version;
    let outcome = |facts: &Facts| {
        let resolved = resolve(decided.purpose, version, facts);
        (outcome_of(decided.purpose, &resolved, facts.qualified_at.is_some()), resolved.receipt)
    };
    let ((before, _), (after, receipt)) = (outcome(&decided.facts), outcome(facts));
    (before != after).then_some(Difference {
        receipt_id: decided.kept.id,
        decided_at: decided.kept.decided_at,
        registration_id: registration.id,
        partner_id: registration.partner_id,
        amount: registration.amount,
        before,
        after,
        receipt,
    })
}
