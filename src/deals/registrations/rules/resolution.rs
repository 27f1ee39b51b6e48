//! Who is protected (`domain.md §4`, resolution order): one pure function over gathered facts, asked when a deal is
//! registered and again when it is approved. Tier plays no part: it lengthens protection instead.

use entity::value::{
    AccountId, AccountReservation, DealRegistrationOutcome, DealRegistrationState as State, PartnerId, PartnerState,
    RegistrationId, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    accounts::accounts::model::Finding,
    kernel::{
        code::Code,
        decision::{Audience, Decision, Receipt, Step},
    },
};

/// What a partner is told about an account that is not available, whatever the reason.
pub const NOT_AVAILABLE: &str = "This account is not available for a new deal with these product lines at the moment. \
    With sufficient evidence you can register the deal for the waiting list: set `joinWaitlist`.";

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Whether a registration is taken in.
    Registration,
    /// Whether a registration is granted protection.
    Approval,
}

/// An open registration on the same account and a common product line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Which one.
    pub registration_id: RegistrationId,
    /// Whose.
    pub partner_id: PartnerId,
    /// Where it is, as stored.
    pub state: State,
    /// When its evidence became sufficient.
    pub qualified_at: Option<Timestamp>,
    /// At which instant its protection ends.
    pub protected_until: Option<Timestamp>,
}

/// Every fact that the decision uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// The instant of the decision.
    pub now: Timestamp,
    /// Whose registration it is.
    pub partner_id: PartnerId,
    /// Where the partner is in its life with the vendor.
    pub partner_state: PartnerState,
    /// For whom the account is reserved.
    pub reserved_for: AccountReservation,
    /// By which evidence the account was found.
    pub account_found_by: Finding,
    /// The points of the evidence.
    pub evidence_total: i32,
    /// When the evidence became sufficient.
    pub qualified_at: Option<Timestamp>,
    /// The other open registrations on the same account and a common product line, of anybody.
    pub claims: Vec<Claim>,
    /// The database refused a second holder: somebody else committed first.
    pub taken_meanwhile: bool,
    /// Other accounts that may be the same customer as this one, which is new.
    #[serde(default)]
    pub probable_accounts: Vec<AccountId>,
}

/// What a partner may learn about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Nothing is in the way.
    Clear,
    /// Somebody has to look at it.
    Review,
    /// Not at the moment.
    NotAvailable,
}

/// How the decision came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// Why.
    pub receipt: Receipt,
    /// The code and sentence of the rule that refused, as those who decide may read them.
    pub refused: Option<(Code, String)>,
    /// The same, as the partner may learn it.
    pub availability: Availability,
}

impl Claim {
    /// Whether it is protected at an instant.
    #[must_use]
    pub fn is_protected(&self, now: Timestamp) -> bool {
        self.state == State::Protected && self.protected_until.is_some_and(|until| now < until)
    }

    /// Whether its protection has ended by the clock, and nobody has written that down yet.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.state == State::Protected && !self.is_protected(now)
    }
}

impl Facts {
    fn own_duplicate(&self) -> bool {
        self.claims.iter().any(|claim| claim.partner_id == self.partner_id && !claim.has_expired(self.now))
    }

    fn rivals(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| claim.partner_id != self.partner_id && !claim.has_expired(self.now))
    }

    fn protected_rival(&self) -> Option<&Claim> {
        self.rivals().find(|claim| claim.is_protected(self.now))
    }

    fn waiting_rivals(&self) -> impl Iterator<Item = &Claim> {
        self.rivals().filter(|claim| !claim.is_protected(self.now))
    }

    fn earlier_rival(&self) -> Option<&Claim> {
        let own = self.qualified_at?;
        self.waiting_rivals().find(|claim| claim.qualified_at.is_some_and(|theirs| theirs < own))
    }
}

/// Decides in the order of the domain: eligibility, reserved for direct, protection in force, earliest qualified,
/// commit order.
#[must_use]
pub fn resolve(purpose: Purpose, policy_version: i32, facts: &Facts) -> Resolved {
    let name = match purpose {
        Purpose::Registration => "registration.register",
        Purpose::Approval => "registration.approve",
    };
    let eligible = matches!(facts.partner_state, PartnerState::Onboarding | PartnerState::Active);
    let decision = Decision::begin(name, policy_version, facts)
        .step(
            "partner_eligible",
            eligible,
            Code::PartnerNotActive,
            if eligible { "The partner may register deals." } else { "The partner is not active at the moment." },
        )
        .step(
            "no_own_duplicate",
            !facts.own_duplicate(),
            Code::OwnDuplicate,
            if facts.own_duplicate() {
                "The partner has an open registration on this account with one of these product lines already."
            } else {
                "The partner has no other open registration on this account with these product lines."
            },
        );
    let decision = blocked(decision, facts);
    let decision = match purpose {
        Purpose::Approval => first_in_time(decision, facts),
        Purpose::Registration => decision,
    };
    let (mut receipt, refused) = decision.finish();
    let not_available = refused.as_ref().is_some_and(|(code, _)| {
        matches!(code, Code::AccountReservedForDirect | Code::ProtectedByAnotherPartner | Code::RivalQualifiedEarlier)
    });
    let doubtful = refused.is_none() && !facts.probable_accounts.is_empty();
    if doubtful {
        doubt(&mut receipt, &facts.probable_accounts);
    }
    let availability = match (not_available, facts.waiting_rivals().next()) {
        (false, _) if doubtful => Availability::Review,
        (true, _) => Availability::NotAvailable,
        (false, Some(_)) => Availability::Review,
        (false, None) => Availability::Clear,
    };
    if purpose == Purpose::Registration && not_available {
        fold(&mut receipt);
    }
    Resolved { receipt, refused, availability }
}

/// Steps 2 and 3: whatever stands against it, only staff read what it is.
fn blocked(decision: Decision, facts: &Facts) -> Decision {
    let reserved = facts.reserved_for == AccountReservation::Direct;
    let protected = facts.protected_rival();
    decision
        .staff_step(
            "not_reserved_for_direct",
            !reserved,
            Code::AccountReservedForDirect,
            if reserved {
                "The account is reserved for the vendor's own team."
            } else {
                "The account is not reserved for the vendor's own team."
            },
        )
        .staff_step(
            "not_protected_by_another",
            protected.is_none(),
            Code::ProtectedByAnotherPartner,
            match protected {
                Some(claim) => format!("{} of {} is protected and stands.", claim.registration_id, claim.partner_id),
                None => "No other partner is protected on this account with a common product line.".to_owned(),
            },
        )
}

/// Steps 5 and 6, and the evidence without which there is no place in the queue.
fn first_in_time(decision: Decision, facts: &Facts) -> Decision {
    let earlier = facts.earlier_rival();
    decision
        .step(
            "evidence_sufficient",
            facts.qualified_at.is_some(),
            Code::EvidenceInsufficient,
            format!(
                "The evidence has {} points{}.",
                facts.evidence_total,
                if facts.qualified_at.is_some() { " and is sufficient" } else { " and is not sufficient" }
            ),
        )
        .staff_step(
            "earliest_qualified",
            earlier.is_none(),
            Code::RivalQualifiedEarlier,
            match earlier {
                Some(claim) => format!(
                    "{} of {} was qualified earlier. Decide that one first.",
                    claim.registration_id, claim.partner_id
                ),
                None => "No undecided registration of another partner was qualified earlier.".to_owned(),
            },
        )
        .staff_step(
            "first_to_commit",
            !facts.taken_meanwhile,
            Code::ProtectedByAnotherPartner,
            if facts.taken_meanwhile {
                "Another registration was granted the place at the same moment."
            } else {
                "Nobody else was granted the place at the same moment."
            },
        )
}

/// A new account may be a customer that another account is already: a person looks at it, and only staff read why.
fn doubt(receipt: &mut Receipt, probable: &[AccountId]) {
    let listed: Vec<String> = probable.iter().map(ToString::to_string).collect();
    receipt.steps.push(Step {
        rule: "no_probable_duplicate_account".to_owned(),
        passed: false,
        code: Some(Code::ProbableDuplicateAccount),
        sentence: format!("The account may be the same customer as {}.", listed.join(", ")),
        audience: Audience::Staff,
    });
}

/// The receipt of a partner's own request tells one thing, whatever the reason: not available.
fn fold(receipt: &mut Receipt) {
    "ACCOUNT_NOT_AVAILABLE".clone_into(&mut receipt.outcome);
    receipt.steps.push(Step {
        rule: "account_available".to_owned(),
        passed: false,
        code: Some(Code::AccountNotAvailable),
        sentence: NOT_AVAILABLE.to_owned(),
        audience: Audience::Partner,
    });
}

/// The receipt of a refusal by ops: the code and the reason that they gave.
#[must_use]
pub fn rejection(
    policy_version: i32,
    inputs: serde_json::Value,
    outcome: DealRegistrationOutcome,
    reason: &str,
) -> Receipt {
    Receipt {
        decision: "registration.reject".to_owned(),
        policy_version,
        outcome: outcome.to_string(),
        inputs,
        steps: vec![Step {
            rule: "decided_by_ops".to_owned(),
            passed: false,
            code: None,
            sentence: reason.to_owned(),
            audience: Audience::Partner,
        }],
    }
}

#[cfg(test)]
mod tests {
    use entity::value::TypedId as _;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const NOW: i64 = 1_000;
    const OWN: u128 = 1;

    fn partner(number: u128) -> PartnerId {
        PartnerId::from_uuid(Uuid::from_u128(number))
    }

    fn claim(number: u128, state: State, qualified: Option<i64>, until: Option<i64>) -> Claim {
        Claim {
            registration_id: RegistrationId::from_uuid(Uuid::from_u128(number)),
            partner_id: partner(number),
            state,
            qualified_at: qualified.map(Timestamp::from_micros),
            protected_until: until.map(Timestamp::from_micros),
        }
    }

    fn facts(claims: Vec<Claim>) -> Facts {
        Facts {
            now: Timestamp::from_micros(NOW),
            partner_id: partner(OWN),
            partner_state: PartnerState::Active,
            reserved_for: AccountReservation::Open,
            account_found_by: Finding::SameDomain,
            evidence_total: 70,
            qualified_at: Some(Timestamp::from_micros(500)),
            claims,
            taken_meanwhile: false,
            probable_accounts: Vec::new(),
        }
    }

    #[test]
    fn the_resolution_order() {
        use Availability::{Clear, NotAvailable, Review};
        use Purpose::{Approval, Registration};
        let protected = |until| claim(2, State::Protected, Some(10), Some(until));
        let queued = |state, at| claim(3, state, at, None);
        let direct = |claims| Facts { reserved_for: AccountReservation::Direct, ..facts(claims) };
        let cases = [
            (Registration, facts(vec![]), None, Clear),
            (Approval, facts(vec![]), None, Clear),
            (Registration, Facts { partner_state: PartnerState::Onboarding, ..facts(vec![]) }, None, Clear),
            (
                Approval,
                Facts { partner_state: PartnerState::Suspended, ..direct(vec![]) },
                Some(Code::PartnerNotActive),
                Clear,
            ),
            (
                Registration,
                Facts { partner_state: PartnerState::Terminated, ..facts(vec![]) },
                Some(Code::PartnerNotActive),
                Clear,
            ),
            (Registration, direct(vec![protected(2_000)]), Some(Code::AccountReservedForDirect), NotAvailable),
            (Registration, Facts { reserved_for: AccountReservation::PartnerLed, ..facts(vec![]) }, None, Clear),
            (Registration, facts(vec![protected(1_001)]), Some(Code::ProtectedByAnotherPartner), NotAvailable),
            // The exact instant of its end is already free.
            (Registration, facts(vec![protected(1_000)]), None, Clear),
            (Approval, facts(vec![protected(1_001)]), Some(Code::ProtectedByAnotherPartner), NotAvailable),
            (Approval, facts(vec![protected(1_000)]), None, Clear),
            (Registration, facts(vec![claim(OWN, State::Submitted, None, None)]), Some(Code::OwnDuplicate), Clear),
            (Registration, facts(vec![claim(OWN, State::Protected, None, Some(999))]), None, Clear),
            (Registration, facts(vec![queued(State::Submitted, Some(400))]), None, Review),
            (
                Approval,
                facts(vec![queued(State::Submitted, Some(499))]),
                Some(Code::RivalQualifiedEarlier),
                NotAvailable,
            ),
            (
                Approval,
                facts(vec![queued(State::Waitlisted, Some(499))]),
                Some(Code::RivalQualifiedEarlier),
                NotAvailable,
            ),
            // At the same instant, and without sufficient evidence, nobody is earlier: the commit order decides.
            (Approval, facts(vec![queued(State::InReview, Some(500))]), None, Review),
            (Approval, facts(vec![queued(State::InReview, None)]), None, Review),
            (Approval, Facts { qualified_at: None, ..facts(vec![]) }, Some(Code::EvidenceInsufficient), Clear),
            (Registration, Facts { qualified_at: None, ..facts(vec![]) }, None, Clear),
            (
                Approval,
                Facts { taken_meanwhile: true, ..facts(vec![]) },
                Some(Code::ProtectedByAnotherPartner),
                NotAvailable,
            ),
        ];
        for (purpose, facts, code, availability) in cases {
            let resolved = resolve(purpose, 1, &facts);
            assert_eq!(resolved.refused.map(|(code, _)| code), code, "{purpose:?} {facts:?}");
            assert_eq!(resolved.availability, availability, "{purpose:?} {facts:?}");
        }
    }

    #[test]
    fn a_partner_reads_the_same_whatever_stands_against_it() {
        let readable = |facts: &Facts| {
            let receipt = resolve(Purpose::Registration, 1, facts).receipt;
            let steps: Vec<_> = receipt.steps.into_iter().filter(|step| step.audience == Audience::Partner).collect();
            (receipt.outcome, steps)
        };
        let protected = readable(&facts(vec![claim(2, State::Protected, Some(1), Some(2_000))]));
        let reserved = readable(&Facts { reserved_for: AccountReservation::Direct, ..facts(vec![]) });
        assert_eq!(protected, reserved);
        assert_eq!(protected.0, "ACCOUNT_NOT_AVAILABLE");
    }

    fn any_claim() -> impl Strategy<Value = Claim> {
        let states = prop_oneof![
            Just(State::Submitted),
            Just(State::InReview),
            Just(State::Waitlisted),
            Just(State::Protected),
            Just(State::ActionRequired)
        ];
        (1u128..6, states, prop::option::of(0i64..1_000), 900i64..1_100).prop_map(
            |(number, state, qualified, until)| {
                claim(number, state, qualified, (state == State::Protected).then_some(until))
            },
        )
    }

    proptest! {
        #[test]
        fn whoever_is_suspended_is_never_protected(claims in prop::collection::vec(any_claim(), 0..6)) {
            let facts = Facts { partner_state: PartnerState::Suspended, ..facts(claims) };
            prop_assert!(resolve(Purpose::Approval, 1, &facts).refused.is_some());
        }

        #[test]
        fn the_same_facts_give_the_same_receipt_from_the_receipt(claims in prop::collection::vec(any_claim(), 0..6)) {
            let facts = facts(claims);
            let first = resolve(Purpose::Approval, 3, &facts);
            let replayed: Facts = serde_json::from_value(first.receipt.inputs.clone()).unwrap();
            prop_assert_eq!(resolve(Purpose::Approval, 3, &replayed), first);
        }

        #[test]
        fn a_later_rival_changes_nothing(claims in prop::collection::vec(any_claim(), 0..6), later in 501i64..2_000) {
            let mut facts = facts(claims);
            let before = resolve(Purpose::Approval, 1, &facts).refused;
            facts.claims.push(claim(9, State::Submitted, Some(later), None));
            prop_assert_eq!(resolve(Purpose::Approval, 1, &facts).refused, before);
        }

        #[test]
        fn with_a_protection_in_force_nobody_else_gets_the_place(claims in prop::collection::vec(any_claim(), 0..6), until in 1_001i64..2_000) {
            let mut facts = facts(claims);
            facts.claims.push(claim(9, State::Protected, Some(1), Some(until)));
            prop_assert!(resolve(Purpose::Approval, 1, &facts).refused.is_some());
        }
    }
}
