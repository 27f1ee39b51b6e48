//! Laws of the resolution order, tried on generated rivals.

use std::collections::BTreeSet;

use entity::value::{DealRegistrationState as State, SalesMotion};
use proptest::prelude::*;

use super::*;

/// Whoever is granted the place when everybody who waits is asked for, in some order of asking.
fn winners(claims: &[Claim], incumbents: &[PartnerId], order: &[usize]) -> BTreeSet<PartnerId> {
    let mut won = BTreeSet::new();
    for place in order {
        let own = &claims[*place];
        let others = claims.iter().filter(|claim| claim.registration_id != own.registration_id).cloned().collect();
        let facts = Facts {
            partner_id: own.partner_id,
            qualified_at: own.qualified_at,
            sales_motion: own.sales_motion,
            incumbents: incumbents.to_vec(),
            ..facts(others)
        };
        if resolve(Purpose::Approval, 1, &facts).refused.is_none() {
            won.insert(own.partner_id);
        }
    }
    won
}

/// Rivals of one customer: each partner once, each at an instant of its own, insufficient ones among them.
fn rivals() -> impl Strategy<Value = (Vec<Claim>, Vec<PartnerId>)> {
    let motion = prop_oneof![Just(SalesMotion::NewBusiness), Just(SalesMotion::Renewal)];
    let one = (prop::bool::weighted(0.8), motion, any::<bool>());
    let instants: Vec<i64> = (1..8).collect();
    (prop::collection::vec(one, 1..7), Just(instants).prop_shuffle()).prop_map(|(rivals, instants)| {
        let mut incumbents = Vec::new();
        let mut claims = Vec::new();
        for (number, (sufficient, motion, serves)) in (1u128..).zip(rivals) {
            let at = instants[usize::try_from(number - 1).unwrap()];
            let claim = claim(number, State::InReview, sufficient.then_some(at), None);
            // Whoever is not served by somebody else: an incumbent's renewal, or new business.
            let motion = if serves { motion } else { SalesMotion::NewBusiness };
            if serves {
                incumbents.push(partner(number));
            }
            claims.push(Claim { sales_motion: motion, ..claim });
        }
        (claims, incumbents)
    })
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let states = prop_oneof![
        Just(State::Submitted),
        Just(State::InReview),
        Just(State::Waitlisted),
        Just(State::Protected),
        Just(State::ActionRequired)
    ];
    (1u128..6, states, prop::option::of(0i64..1_000), 900i64..1_100).prop_map(|(number, state, qualified, until)| {
        claim(number, state, qualified, (state == State::Protected).then_some(until))
    })
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

    #[test]
    fn the_same_facts_protect_the_same_partner_in_whatever_order_they_arrive(
        ((claims, incumbents), shuffled) in rivals().prop_flat_map(|it| {
            let places: Vec<usize> = (0..it.0.len()).collect();
            (Just(it), Just(places).prop_shuffle())
        })
    ) {
        let places: Vec<usize> = (0..claims.len()).collect();
        let won = winners(&claims, &incumbents, &places);
        prop_assert!(won.len() <= 1, "{won:?}");
        prop_assert_eq!(won.is_empty(), claims.iter().all(|claim| claim.qualified_at.is_none()));
        prop_assert_eq!(&winners(&claims, &incumbents, &shuffled), &won);
        let arrived: Vec<Claim> = shuffled.iter().map(|place| claims[*place].clone()).collect();
        prop_assert_eq!(&winners(&arrived, &incumbents, &places), &won);
    }

    #[test]
    fn a_rival_that_is_insufficient_changes_nothing(claims in prop::collection::vec(any_claim(), 0..6)) {
        let mut facts = facts(claims);
        let before = resolve(Purpose::Approval, 1, &facts).refused;
        facts.claims.push(claim(9, State::InReview, None, None));
        prop_assert_eq!(resolve(Purpose::Approval, 1, &facts).refused, before);
    }

    #[test]
    fn every_receipt_replays(claims in prop::collection::vec(any_claim(), 0..6), approval in any::<bool>()) {
        let purpose = if approval { Purpose::Approval } else { Purpose::Registration };
        let receipt = resolve(purpose, 1, &facts(claims)).receipt;
        prop_assert!(matches!(replays(&receipt), Ok(Some(true))));
    }
}
