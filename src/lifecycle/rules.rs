//! What follows from a change of a partner's life: pure, from what the areas say the partner has.

use std::collections::BTreeMap;

use entity::value::{Currency, PartnerState, PartnerStateReason};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::model::{Consequence, ConsequenceKind as Kind, PartnerChange};
use crate::{
    kernel::{code::Code, decision::Decision, graph, hex, money::Money},
    onboarding::partners::{model::Partner, states::EDGES},
};

/// The version of the rules.
pub const POLICY_VERSION: i32 = 1;

/// An amount of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Worth {
    /// Its id.
    pub id: String,
    /// The amount.
    pub amount: Money,
}

/// What a partner has, as the areas say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Holdings {
    /// People who may sign in.
    pub people: Vec<String>,
    /// Live sessions.
    pub sessions: u64,
    /// API clients that were not revoked.
    pub clients: Vec<String>,
    /// Invitations that can be accepted.
    pub invitations: Vec<String>,
    /// Registrations under protection, with their amounts.
    pub protected: Vec<Worth>,
    /// Registrations that are not decided, with their amounts.
    pub undecided: Vec<Worth>,
    /// Requests for funds that are not decided.
    pub requests: Vec<Worth>,
    /// Approved requests that nothing was claimed of, with what is committed to them.
    pub committed: Vec<Worth>,
    /// What is free in each program, by the id of the allocation.
    pub free: Vec<Worth>,
    /// What is committed to claims, payable or held back, one of each program.
    pub claimed: Vec<Worth>,
}

/// The state that a change leads to; none when it cannot be made.
#[must_use]
pub fn leads_to(partner: &Partner, change: PartnerChange) -> Option<PartnerState> {
    let step = change.step();
    if !graph::allows(EDGES, &partner.state, &step) {
        return None;
    }
    Some(match change {
        PartnerChange::Suspend => PartnerState::Suspended,
        PartnerChange::Terminate => PartnerState::Terminated,
        PartnerChange::Reinstate if partner.activated_at.is_some() => PartnerState::Active,
        PartnerChange::Reinstate => PartnerState::Onboarding,
    })
}

/// Whether a reason is one for a change.
#[must_use]
pub const fn is_reason_for(change: PartnerChange, reason: PartnerStateReason) -> bool {
    let for_going_on = matches!(reason, PartnerStateReason::Resolved);
    match (change, reason) {
        (_, PartnerStateReason::Other) => true,
        (PartnerChange::Reinstate, _) => for_going_on,
        (PartnerChange::Suspend | PartnerChange::Terminate, _) => !for_going_on,
    }
}

/// What follows from a change; what concerns nothing is left out.
#[must_use]
pub fn consequences(change: PartnerChange, has: &Holdings) -> Vec<Consequence> {
    let all = match change {
        PartnerChange::Suspend => of_suspension(has),
        PartnerChange::Reinstate => of_reinstatement(has),
        PartnerChange::Terminate => of_termination(has),
    };
    all.into_iter().filter(|consequence| consequence.count > 0).collect()
}

fn of_suspension(has: &Holdings) -> Vec<Consequence> {
    vec![
        of_ids(Kind::PeopleReadOnly, &has.people, "People who still sign in and read, and start nothing new"),
        of_ids(Kind::ApiClientsReadOnly, &has.clients, "API clients that still read, and start nothing new"),
        of_ids(Kind::InvitationsPaused, &has.invitations, "Invitations that cannot be accepted until it is reinstated"),
        worth(Kind::ProtectionsKept, &[&has.protected], "Protections that stay in force and run on"),
        worth(
            Kind::RegistrationsWait,
            &[&has.undecided],
            "Registrations that cannot be approved until it is reinstated",
        ),
        worth(
            Kind::MdfRequestsWait,
            &[&has.requests],
            "Requests for funds that cannot be approved until it is reinstated",
        ),
        worth(Kind::MdfCommitmentsKept, &[&has.committed], "Approved requests that keep their funds"),
    ]
}

fn of_reinstatement(has: &Holdings) -> Vec<Consequence> {
    vec![
        of_ids(Kind::PeopleRegain, &has.people, "People who may start new things again"),
        of_ids(Kind::ApiClientsRegain, &has.clients, "API clients that may start new things again"),
        worth(Kind::RegistrationsGoOn, &[&has.undecided], "Registrations that can be approved again"),
        worth(Kind::MdfRequestsGoOn, &[&has.requests], "Requests for funds that can be approved again"),
    ]
}

fn of_termination(has: &Holdings) -> Vec<Consequence> {
    vec![
        of_ids(Kind::PeopleLoseAccess, &has.people, "People who cannot sign in any more"),
        Consequence {
            kind: Kind::SessionsEnd,
            count: has.sessions,
            amounts: Vec::new(),
            objects: Vec::new(),
            sentence: format!("Sessions that end: {}.", has.sessions),
        },
        of_ids(Kind::ApiClientsRevoked, &has.clients, "API clients that are revoked for good"),
        of_ids(Kind::InvitationsRevoked, &has.invitations, "Invitations that are taken back"),
        worth(Kind::ProtectionsReleased, &[&has.protected], "Registrations whose protection is released for others"),
        worth(Kind::RegistrationsRefused, &[&has.undecided], "Registrations not decided yet that are refused"),
        worth(Kind::MdfRequestsCancelled, &[&has.requests], "Requests for funds not decided yet that are cancelled"),
        worth(Kind::MdfCommitmentsReleased, &[&has.committed], "Approved requests without a claim that are cancelled"),
        worth(
            Kind::MdfFundsReturned,
            &[&has.free, &has.committed],
            "Allocations and commitments whose funds return to their programs",
        ),
        worth(Kind::MdfClaimsGoOn, &[&has.claimed], "Programs in which what was claimed is still decided and paid"),
    ]
}

fn of_ids(kind: Kind, ids: &[String], what: &str) -> Consequence {
    let count = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    Consequence { kind, count, amounts: Vec::new(), objects: ids.to_vec(), sentence: format!("{what}: {count}.") }
}

fn worth(kind: Kind, parts: &[&[Worth]], what: &str) -> Consequence {
    let all = || parts.iter().flat_map(|part| part.iter());
    let mut sums: BTreeMap<String, (Currency, i64)> = BTreeMap::new();
    for one in all() {
        let sum = sums.entry(one.amount.currency.to_string()).or_insert((one.amount.currency, 0));
        sum.1 = sum.1.saturating_add(one.amount.minor_units);
    }
    let count = u64::try_from(all().count()).unwrap_or(u64::MAX);
    let amounts = sums.into_values().map(|(currency, minor_units)| Money { minor_units, currency }).collect();
    let objects = all().map(|one| one.id.clone()).collect();
    Consequence { kind, count, amounts, objects, sentence: format!("{what}: {count}.") }
}

/// What stands for a preview: the same as long as the same would follow. Sessions come and go by the minute, and nobody
/// decides by their number: they are not in it.
#[must_use]
pub fn digest(partner: &Partner, change: PartnerChange, consequences: &[Consequence]) -> String {
    let lasting: Vec<_> = consequences.iter().filter(|consequence| consequence.kind != Kind::SessionsEnd).collect();
    let written = serde_json::json!([partner.id, partner.version, partner.state, change, lasting]).to_string();
    hex::encode(&Sha256::digest(written.as_bytes()))
}

/// What the decision sees.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// The partner's state.
    pub state: PartnerState,
    /// The change.
    pub change: PartnerChange,
    /// Why.
    pub reason: PartnerStateReason,
    /// The digest of what was shown.
    pub shown: String,
    /// The digest of what would follow now.
    pub present: String,
    /// What follows.
    pub consequences: Vec<Consequence>,
}

/// Whether a change is made.
#[must_use]
pub fn decide(facts: &Facts) -> Decision {
    let Facts { state, change, reason, .. } = facts;
    let mut decision = Decision::begin(change.decision(), POLICY_VERSION, facts)
        .step(
            "open",
            graph::allows(EDGES, state, &change.step()),
            Code::WrongState,
            format!("The partner is {state}; `allowedActions` says what can be done."),
        )
        .step(
            "reason",
            is_reason_for(*change, *reason),
            Code::OutOfRange,
            format!("The reason is {reason}; a partner is suspended or terminated for what is wrong, and reinstated when it is resolved."),
        )
        .staff_step(
            "as_shown",
            facts.shown == facts.present,
            Code::PreviewOutdated,
            "What follows is what `previewPartnerChange` showed; look at it again if it is not.",
        );
    for consequence in &facts.consequences {
        decision = decision.step("consequence", true, Code::WrongState, consequence.sentence.clone());
    }
    decision
}
