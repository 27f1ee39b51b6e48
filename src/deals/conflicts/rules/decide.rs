//! Whether a case can be decided so: the parties, their shares, and whether the one that gets the place may have it.

use std::collections::HashSet;

use entity::value::{
    AccountReservation, DealConflictOutcome as Outcome, DealConflictRole as Role, DealRegistrationState, PartnerState,
    RegistrationId, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    deals::{conflicts::model::Share, registrations::rules::facts::Facts},
    kernel::{code::Code, decision::Decision},
};

/// All parts of a deal together, in basis points.
const WHOLE: i64 = 10_000;

/// A party as the decision sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartyFact {
    /// Which registration.
    pub registration_id: RegistrationId,
    /// On which side it is.
    pub role: Role,
    /// Where it was before it was contested.
    pub stood: DealRegistrationState,
}

/// Every fact that the decision uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecisionFacts {
    /// The instant of the decision.
    pub now: Timestamp,
    /// How it is decided.
    pub outcome: Outcome,
    /// Who is in the case.
    pub parties: Vec<PartyFact>,
    /// Who is to have the place.
    pub winner_id: Option<RegistrationId>,
    /// The parts of the parties.
    pub shares: Vec<Share>,
    /// What is known of the winner when it does not hold the place yet.
    pub winner: Option<Facts>,
}

impl DecisionFacts {
    fn has_holder(&self) -> bool {
        self.parties.iter().any(|party| party.role == Role::Holder)
    }

    fn winner_role(&self) -> Option<Role> {
        let winner = self.parties.iter().find(|party| Some(party.registration_id) == self.winner_id)?;
        Some(winner.role)
    }

    /// Each party has a part, and all of them together are the whole.
    fn shares_are_whole(&self) -> bool {
        let parties: HashSet<_> = self.parties.iter().map(|party| party.registration_id).collect();
        let named: HashSet<_> = self.shares.iter().map(|share| share.registration_id).collect();
        let sum: i64 = self.shares.iter().map(|share| i64::from(share.basis_points)).sum();
        let positive = self.shares.iter().all(|share| share.basis_points > 0);
        parties.len() > 1 && named == parties && self.shares.len() == parties.len() && positive && sum == WHOLE
    }
}

/// Whether a case can be decided so.
#[must_use]
pub fn decide(version: i32, facts: &DecisionFacts, rationale: &str) -> Decision {
    let (named, role, free) = (facts.winner_id.is_some(), facts.winner_role(), !facts.has_holder());
    let (needed, possible) = match facts.outcome {
        Outcome::Upheld | Outcome::BothRejected => (false, false),
        Outcome::Reassigned => (true, true),
        // Who shares keeps the place.
        Outcome::Shared => (free, free || role != Some(Role::Claimant)),
        Outcome::CoSell => (free, true),
    };
    let decision = Decision::begin("conflict.decide", version, facts)
        .step(
            "winner_is_named",
            named || !needed,
            Code::Required,
            "With this outcome one of the registrations gets the place: say which.",
        )
        .step(
            "winner_is_possible",
            !named || possible,
            Code::OutOfRange,
            "With this outcome nobody else gets the place: leave it out.",
        )
        .step("winner_is_a_party", !named || role.is_some(), Code::NotFound, "It is one of the case's registrations.")
        .step(
            "winner_is_another",
            facts.outcome != Outcome::Reassigned || role != Some(Role::Holder),
            Code::OutOfRange,
            "It does not hold the place already: who keeps it is `UPHELD`.",
        );
    let decision = if facts.outcome == Outcome::Shared {
        let sentence =
            "Each of the registrations, two at least, has a part, and all parts are 10,000 basis points together.";
        decision.step("shares_are_whole", facts.shares_are_whole(), Code::OutOfRange, sentence)
    } else {
        let sentence = "There are parts only where the deal is shared.";
        decision.step("no_shares", facts.shares.is_empty(), Code::OutOfRange, sentence)
    };
    let decision = match &facts.winner {
        Some(winner) if role == Some(Role::Claimant) => may_have_it(decision, facts, winner),
        _ => decision,
    };
    decision.step("decided_by_ops", true, Code::NotAllowed, rationale)
}

/// Whether the one that does not hold the place may have it. The case overrides the order in which claims come, and what is
/// reserved for the vendor's own team; not who may have a protection at all, nor one of somebody who is no party.
fn may_have_it(decision: Decision, facts: &DecisionFacts, winner: &Facts) -> Decision {
    let parties: HashSet<_> = facts.parties.iter().map(|party| party.registration_id).collect();
    let stranger =
        winner.rivals().find(|claim| claim.is_protected(facts.now) && !parties.contains(&claim.registration_id));
    let mut decision = decision
        .step(
            "partner_eligible",
            matches!(winner.partner_state, PartnerState::Onboarding | PartnerState::Active),
            Code::PartnerNotActive,
            "The partner may hold a place.",
        )
        .step(
            "evidence_sufficient",
            winner.qualified_at.is_some(),
            Code::EvidenceInsufficient,
            format!("The evidence has {} points.", winner.evidence_total),
        )
        .staff_step(
            "nobody_else_protected",
            stranger.is_none(),
            Code::ProtectedByAnotherPartner,
            match stranger {
                Some(claim) => {
                    format!("{} is protected, and no party. Decide about that one first.", claim.registration_id)
                }
                None => "Nobody who is no party is protected.".to_owned(),
            },
        );
    if winner.reserved_for == AccountReservation::Direct {
        let sentence = "The account is reserved for the vendor's own team, and granted all the same.";
        decision = decision.notice("not_reserved_for_direct", Code::AccountReservedForDirect, sentence);
    }
    if !winner.uncovered_lines.is_empty() {
        let sentence = "The partner is not authorised for a product line there; it is granted all the same.";
        decision = decision.notice("authorised_there", Code::TerritoryNotAuthorised, sentence);
    }
    if let Some(reference) = winner.direct_opportunities.first() {
        let sentence =
            format!("The vendor's own team has an open opportunity, {reference}; it is granted all the same.");
        decision = decision.notice("no_direct_opportunity", Code::DirectOpportunityOpen, sentence);
    }
    decision
}

/// The field of the input that a rule is about.
#[must_use]
pub fn field_of(rule: &str) -> &'static str {
    match rule {
        "shares_are_whole" | "no_shares" => "shares",
        _ => "winnerRegistrationId",
    }
}

#[cfg(test)]
mod tests {
    use entity::value::TypedId as _;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> RegistrationId {
        RegistrationId::from_uuid(Uuid::from_u128(number))
    }

    fn facts(outcome: Outcome, roles: &[Role], winner: Option<u128>, shares: &[(u128, i32)]) -> DecisionFacts {
        let party = |(number, role): (u128, &Role)| PartyFact {
            registration_id: id(number),
            role: *role,
            stood: DealRegistrationState::Waitlisted,
        };
        DecisionFacts {
            now: Timestamp::from_micros(0),
            outcome,
            parties: (1..).zip(roles).map(party).collect(),
            winner_id: winner.map(id),
            shares: shares.iter().map(|(it, bp)| Share { registration_id: id(*it), basis_points: *bp }).collect(),
            winner: None,
        }
    }

    #[test]
    fn an_outcome_names_who_gets_the_place_where_somebody_does() {
        use Outcome::{BothRejected, CoSell, Reassigned, Shared, Upheld};
        let (both, claimants) = ([Role::Holder, Role::Claimant], [Role::Claimant, Role::Claimant]);
        let halves = [(1, 4_000), (2, 6_000)];
        for (facts, code) in [
            (facts(Upheld, &both, None, &[]), None),
            (facts(Upheld, &both, Some(1), &[]), Some(Code::OutOfRange)),
            (facts(Upheld, &both, None, &halves), Some(Code::OutOfRange)),
            (facts(BothRejected, &both, None, &[]), None),
            (facts(BothRejected, &both, Some(2), &[]), Some(Code::OutOfRange)),
            (facts(Reassigned, &both, Some(2), &[]), None),
            (facts(Reassigned, &both, None, &[]), Some(Code::Required)),
            (facts(Reassigned, &both, Some(1), &[]), Some(Code::OutOfRange)),
            (facts(Reassigned, &both, Some(3), &[]), Some(Code::NotFound)),
            (facts(CoSell, &both, None, &[]), None),
            (facts(CoSell, &both, Some(2), &[]), None),
            (facts(CoSell, &claimants, None, &[]), Some(Code::Required)),
            (facts(Shared, &both, None, &halves), None),
            (facts(Shared, &both, Some(1), &halves), None),
            (facts(Shared, &both, Some(2), &halves), Some(Code::OutOfRange)),
            (facts(Shared, &claimants, None, &halves), Some(Code::Required)),
            (facts(Shared, &claimants, Some(1), &halves), None),
            (facts(Shared, &[Role::Holder], None, &[(1, 10_000)]), Some(Code::OutOfRange)),
            (facts(Shared, &both, None, &[(1, 4_000), (1, 6_000)]), Some(Code::OutOfRange)),
            (facts(Shared, &both, None, &[(1, 4_000), (2, 5_999)]), Some(Code::OutOfRange)),
            (facts(Shared, &both, None, &[(1, 0), (2, 10_000)]), Some(Code::OutOfRange)),
            (facts(Shared, &both, None, &[(1, 4_000), (2, 5_000), (3, 1_000)]), Some(Code::OutOfRange)),
        ] {
            let (receipt, refused) = decide(1, &facts, "because").finish();
            assert_eq!(refused.map(|(code, _)| code), code, "{facts:?}");
            let replayed: DecisionFacts = serde_json::from_value(receipt.inputs.clone()).unwrap();
            assert_eq!(decide(1, &replayed, "because").finish().0, receipt);
        }
    }

    proptest! {
        #[test]
        fn shares_are_accepted_exactly_when_they_are_the_whole(parts in prop::collection::vec(-1i32..6_000, 2..6)) {
            let roles = vec![Role::Holder; parts.len()];
            let mut shares: Vec<(u128, i32)> = (1..).zip(parts).collect();
            let sum: i32 = shares.iter().map(|(_, bp)| bp).sum();
            let whole = shares.iter().all(|(_, bp)| *bp > 0) && sum == 10_000;
            let decide = |shares: &[(u128, i32)]| decide(1, &facts(Outcome::Shared, &roles, None, shares), "x").is_granted();
            prop_assert_eq!(decide(&shares), whole);
            shares[0].1 += 10_000 - sum;
            prop_assert_eq!(decide(&shares), shares.iter().all(|(_, bp)| *bp > 0));
        }
    }
}
