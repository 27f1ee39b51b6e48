//! Named examples of the resolution order; its laws are beside them.

mod laws;

use std::collections::BTreeSet;

use entity::value::{
    AccountId, DealRegistrationState as State, PartnerId, ProductLineId, RegistrationId, SalesMotion, Timestamp,
    TypedId as _,
};
use uuid::Uuid;

use super::*;
use crate::{accounts::accounts::model::Finding, deals::registrations::rules::conflicts::ConflictPolicy};

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
        sales_motion: SalesMotion::NewBusiness,
        offered_from: None,
        offered_until: None,
        let_pass: false,
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
        sales_motion: SalesMotion::NewBusiness,
        uncovered_lines: Vec::new(),
        incumbents: Vec::new(),
        direct_opportunities: Vec::new(),
        conflicts: ConflictPolicy::default(),
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
        (Approval, facts(vec![queued(State::Submitted, Some(499))]), Some(Code::RivalQualifiedEarlier), NotAvailable),
        (Approval, facts(vec![queued(State::Waitlisted, Some(499))]), Some(Code::RivalQualifiedEarlier), NotAvailable),
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

/// Each kind that somebody else can be in the way by, alone.
fn in_the_way() -> Vec<(Kind, Facts)> {
    vec![
        (Kind::ProtectedByAnotherPartner, facts(vec![claim(2, State::Protected, Some(1), Some(2_000))])),
        (Kind::AccountReservedForDirect, Facts { reserved_for: AccountReservation::Direct, ..facts(vec![]) }),
        (Kind::DirectOpportunityOpen, Facts { direct_opportunities: vec!["opp-1".to_owned()], ..facts(vec![]) }),
        (
            Kind::IncumbentPartner,
            Facts { sales_motion: SalesMotion::Renewal, incumbents: vec![partner(2)], ..facts(vec![]) },
        ),
    ]
}

fn with(facts: &Facts, kinds: &[Kind], consequence: Consequence) -> Facts {
    let mut facts = facts.clone();
    let policy = &mut facts.conflicts;
    for kind in kinds {
        let of = match kind {
            Kind::ProtectedByAnotherPartner => &mut policy.protected_by_another_partner,
            Kind::RivalInReview => &mut policy.rival_in_review,
            Kind::DirectOpportunityOpen => &mut policy.direct_opportunity_open,
            Kind::AccountReservedForDirect => &mut policy.account_reserved_for_direct,
            Kind::IncumbentPartner => &mut policy.incumbent_partner,
            Kind::TerritoryNotAuthorised => &mut policy.territory_not_authorised,
            Kind::ProbableDuplicateAccount => &mut policy.probable_duplicate_account,
            Kind::OwnDuplicate => &mut policy.own_duplicate,
        };
        *of = consequence;
    }
    facts
}

#[test]
fn a_partner_reads_the_same_whoever_is_in_the_way_and_whatever_that_leads_to() {
    for consequence in [Consequence::Waitlist, Consequence::Refuse, Consequence::Escalate] {
        let mut told = Vec::new();
        for (kind, facts) in in_the_way() {
            let resolved = resolve(Purpose::Registration, 1, &with(&facts, Kind::HOLDERS, consequence));
            assert_eq!(resolved.conflicts, [(kind, consequence)]);
            let (may_queue, availability) = (resolved.may_queue(), resolved.availability);
            assert_eq!(may_queue, consequence == Consequence::Waitlist);
            let refused = consequence != Consequence::Escalate;
            assert_eq!(availability, if refused { Availability::NotAvailable } else { Availability::Review });
            let steps = resolved.receipt.steps.into_iter().filter(|step| step.audience == Audience::Partner);
            told.push((resolved.receipt.outcome, steps.collect::<Vec<_>>(), may_queue, availability));
        }
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
        assert_eq!(told[0].0 == "ACCOUNT_NOT_AVAILABLE", consequence != Consequence::Escalate);
    }
}

#[test]
fn each_conflict_leads_to_what_the_policy_says() {
    use Consequence::{AllowWithNotice, Escalate, Refuse, Waitlist};
    let mut worlds = in_the_way();
    worlds.push((Kind::RivalInReview, facts(vec![claim(3, State::Submitted, Some(700), None)])));
    worlds.push((
        Kind::TerritoryNotAuthorised,
        Facts { uncovered_lines: vec![ProductLineId(Uuid::from_u128(9))], ..facts(vec![]) },
    ));
    worlds.push((
        Kind::ProbableDuplicateAccount,
        Facts { probable_accounts: vec![AccountId(Uuid::from_u128(9))], ..facts(vec![]) },
    ));
    worlds.push((Kind::OwnDuplicate, facts(vec![claim(OWN, State::Submitted, None, None)])));
    let seen: BTreeSet<Kind> = worlds.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(seen.len(), Kind::ALL.len());
    for (kind, facts) in worlds {
        for consequence in [Refuse, Waitlist, Escalate, AllowWithNotice] {
            if !kind.may_lead_to().contains(&consequence) {
                continue;
            }
            let facts = with(&facts, &[kind], consequence);
            let taken_in = resolve(Purpose::Registration, 1, &facts);
            let refused = matches!(consequence, Refuse | Waitlist);
            assert_eq!(taken_in.refused.as_ref().map(|(code, _)| *code), refused.then_some(kind.code()), "{kind:?}");
            assert!(!taken_in.is_clean(), "{kind:?}");
            if !refused {
                let noted = taken_in.receipt.steps.iter().find(|step| step.code == Some(kind.code())).unwrap();
                assert_eq!((noted.passed, noted.audience), (false, Audience::Staff), "{kind:?}");
            }
            // Whoever decides may grant what was left to a person, but for a protection, which stands.
            let granted = resolve(Purpose::Approval, 1, &facts);
            let stands = match kind {
                Kind::RivalInReview | Kind::ProbableDuplicateAccount => false,
                Kind::ProtectedByAnotherPartner => true,
                _ => refused,
            };
            assert_eq!(
                granted.refused.map(|(code, _)| code),
                stands.then_some(kind.code()),
                "{kind:?} {consequence:?}"
            );
        }
    }
}

#[test]
fn what_follows_up_is_the_business_of_whoever_serves_the_customer() {
    let renewal = |mut claim: Claim| {
        claim.sales_motion = SalesMotion::Renewal;
        claim
    };
    let earlier = || claim(2, State::Submitted, Some(10), None);
    for (motion, incumbents, rival, code) in [
        // The incumbent comes first, though the rival was qualified earlier.
        (SalesMotion::Renewal, vec![OWN], earlier(), None),
        (SalesMotion::Expansion, vec![OWN, 7], earlier(), None),
        // Among incumbents, and without any, time decides.
        (SalesMotion::Renewal, vec![OWN, 2], renewal(earlier()), Some(Code::RivalQualifiedEarlier)),
        (SalesMotion::Renewal, vec![], earlier(), Some(Code::RivalQualifiedEarlier)),
        (SalesMotion::NewBusiness, vec![OWN], earlier(), Some(Code::RivalQualifiedEarlier)),
        // Somebody else's renewal.
        (SalesMotion::Renewal, vec![7], claim(2, State::Submitted, None, None), Some(Code::IncumbentPartner)),
        // New business waits for the renewal of the incumbent, even one that was qualified later.
        (
            SalesMotion::NewBusiness,
            vec![2],
            renewal(claim(2, State::Submitted, Some(900), None)),
            Some(Code::RivalQualifiedEarlier),
        ),
        (SalesMotion::NewBusiness, vec![2], renewal(claim(2, State::Submitted, None, None)), None),
    ] {
        let incumbents: Vec<PartnerId> = incumbents.into_iter().map(partner).collect();
        let facts = Facts { sales_motion: motion, incumbents, ..facts(vec![rival]) };
        assert_eq!(resolve(Purpose::Approval, 1, &facts).refused.map(|(code, _)| code), code, "{facts:?}");
    }
}

#[test]
fn a_draft_of_somebody_else_claims_nothing() {
    let resolved = resolve(Purpose::Registration, 1, &facts(vec![claim(2, State::Draft, Some(1), None)]));
    assert!(resolved.is_clean());
}

#[test]
fn a_place_that_is_offered_is_nobody_elses_until_the_offer_is_over() {
    let offered = |from: i64, until: i64| Claim {
        offered_from: Some(Timestamp::from_micros(from)),
        offered_until: Some(Timestamp::from_micros(until)),
        ..claim(2, State::Waitlisted, Some(10), None)
    };
    for (claim, code) in [
        (offered(1_000, 1_001), Some(Code::ProtectedByAnotherPartner)),
        // Planned: it is their turn later, and they were qualified earlier.
        (offered(1_001, 1_002), Some(Code::RivalQualifiedEarlier)),
        // Over at this very instant: the turn has passed.
        (offered(900, 1_000), None),
        (Claim { let_pass: true, ..claim(2, State::Waitlisted, Some(10), None) }, None),
        (claim(2, State::Waitlisted, Some(10), None), Some(Code::RivalQualifiedEarlier)),
    ] {
        let resolved = resolve(Purpose::Approval, 1, &facts(vec![claim]));
        assert_eq!(resolved.refused.map(|(code, _)| code), code);
    }
    let asked = resolve(Purpose::Registration, 1, &facts(vec![offered(1_000, 1_001)]));
    assert_eq!((asked.availability, asked.may_queue()), (Availability::NotAvailable, true));
}

#[test]
fn receipts_of_before_are_replayed() {
    let (one, other) = (Uuid::from_u128(1).to_string(), Uuid::from_u128(2).to_string());
    let at = Timestamp::from_micros;
    let inputs = serde_json::json!({
        "now": at(NOW), "partnerId": one, "partnerState": "ACTIVE", "reservedFor": "OPEN", "accountFoundBy": "SAME_DOMAIN",
        "evidenceTotal": 70, "qualifiedAt": at(500), "takenMeanwhile": false,
        "claims": [{ "registrationId": other, "partnerId": other, "state": "PROTECTED", "qualifiedAt": at(1), "protectedUntil": at(2_000) }],
    });
    // As it was written before there were territories, opportunities, incumbents and a policy of conflicts.
    let step = |rule: &str, code: Option<Code>| Step {
        rule: rule.to_owned(),
        passed: code.is_none(),
        code,
        sentence: String::new(),
        audience: Audience::Staff,
    };
    let receipt = Receipt {
        decision: "registration.approve".to_owned(),
        policy_version: 1,
        outcome: "PROTECTED_BY_ANOTHER_PARTNER".to_owned(),
        inputs,
        steps: vec![
            step("partner_eligible", None),
            step("no_own_duplicate", None),
            step("not_reserved_for_direct", None),
            step("not_protected_by_another", Some(Code::ProtectedByAnotherPartner)),
        ],
    };
    assert!(matches!(replays(&receipt), Ok(Some(true))));
    let forged = Receipt { outcome: "GRANTED".to_owned(), ..receipt.clone() };
    assert!(matches!(replays(&forged), Ok(Some(false))));
    let other_rule = Receipt { steps: vec![step("incumbent_first", Some(Code::IncumbentPartner))], ..receipt.clone() };
    assert!(matches!(replays(&other_rule), Ok(Some(false))));
    let other_decision = Receipt { decision: "registration.reject".to_owned(), ..receipt.clone() };
    assert!(matches!(replays(&other_decision), Ok(None)));
    assert!(replays(&Receipt { inputs: serde_json::Value::Null, ..receipt }).is_err());
}
