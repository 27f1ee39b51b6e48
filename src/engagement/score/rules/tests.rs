//! The laws of the score.

use entity::value::{EngagementComponent, PartnerId, PartnerType};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::engagement::activity::model::POINT;

const POLICY: Policy = Policy::SHIPPED;
const NOW: i64 = 1_772_442_000_000_000;
const DAY: i64 = 86_400_000_000;

fn now() -> Timestamp {
    Timestamp::from_micros(NOW)
}

fn counted(component: EngagementComponent, value_micros: i64, days_ago: i64) -> Counted {
    Counted { partner_id: PartnerId(Uuid::nil()), component, value_micros, occurred_at: now().plus_days(-days_ago) }
}

fn reseller() -> PartnerTypes {
    [PartnerType::Reseller].into_iter().collect()
}

fn streams() -> impl Strategy<Value = Vec<Counted>> {
    let one = (0..6_usize, 1..=2 * POINT, 0..500 * DAY).prop_map(|(component, value_micros, ago)| Counted {
        occurred_at: Timestamp::from_micros(NOW - ago),
        ..counted(EngagementComponent::ALL[component], value_micros, 0)
    });
    prop::collection::vec(one, 0..60)
}

fn types() -> impl Strategy<Value = PartnerTypes> {
    use PartnerType::{
        Distributor, Influence, ManagedServiceProvider, Reseller, Retention, SoftwareVendor, SystemIntegrator,
    };
    let all = [Influence, Reseller, Distributor, SystemIntegrator, ManagedServiceProvider, SoftwareVendor, Retention];
    prop::sample::subsequence(all.to_vec(), 0..=7).prop_map(|types| types.into_iter().collect())
}

#[test]
fn nothing_is_nothing_and_the_target_is_fifty() {
    let none = score(&POLICY, &reseller(), &Totals::new(), now());
    assert_eq!((none.hundredths, none.band), (0, EngagementBand::Dormant));
    for policy in &POLICY.components {
        let totals = replay(&POLICY, [counted(policy.component, i64::from(policy.target) * POINT, 0)]);
        let at_target = score(&POLICY, &reseller(), &totals, now());
        let own = at_target.components.iter().find(|own| own.policy.component == policy.component).unwrap();
        assert!((own.sub_score - 50.0).abs() < 1e-12, "{own:?}");
        assert_eq!(at_target.hundredths, i64::from(policy.weights_bp[1] / 2));
        // After one half-life: half the points, and so 100 · (1 − 2^(−1/2)).
        let later = score(&POLICY, &reseller(), &totals, now().plus_days(policy.half_life_days.into()));
        let own = later.components.iter().find(|own| own.policy.component == policy.component).unwrap();
        assert!((own.sub_score - 29.289_321_881_345_25).abs() < 1e-9, "{own:?}");
    }
}

#[test]
fn weights_add_to_one_and_several_types_are_judged_by_the_mean() {
    for column in 0..4 {
        let sum: i32 = POLICY.components.iter().map(|component| component.weights_bp[column]).sum();
        assert_eq!(sum, 10_000);
    }
    let both: PartnerTypes = [PartnerType::Influence, PartnerType::SystemIntegrator].into_iter().collect();
    let weights: Vec<f64> = POLICY.components.iter().map(|component| component.weight(&both)).collect();
    assert_eq!(weights, [0.175, 0.2, 0.225, 0.175, 0.125, 0.1]);
}

#[test]
fn bands_begin_at_their_edges() {
    use EngagementBand::{AtRisk, Champion, Developing, Dormant, Engaged};
    for (hundredths, wanted) in [
        (0, Dormant),
        (999, Dormant),
        (1000, AtRisk),
        (2499, AtRisk),
        (2500, Developing),
        (4999, Developing),
        (5000, Engaged),
        (7499, Engaged),
        (7500, Champion),
        (10_000, Champion),
    ] {
        assert_eq!(band(hundredths), wanted, "{hundredths}");
    }
}

#[test]
fn a_partner_is_new_for_sixty_days_to_the_microsecond() {
    let end = now().plus_days(60);
    assert!(is_new(&POLICY, now(), Timestamp::from_micros(end.micros() - 1)));
    assert!(!is_new(&POLICY, now(), end));
}

#[test]
fn the_change_is_seen_against_what_was_there_before() {
    let stream = [
        counted(EngagementComponent::Training, POINT, 90),
        counted(EngagementComponent::Training, POINT, 10),
        counted(EngagementComponent::PortalUse, POINT, 30),
        counted(EngagementComponent::PortalUse, POINT, 29),
        counted(EngagementComponent::Responsiveness, POINT, 1),
    ];
    let before = earlier(&POLICY, &replay(&POLICY, stream), &stream, now(), 30);
    let then = replay(&POLICY, stream.into_iter().filter(|counted| counted.occurred_at <= now().plus_days(-30)));
    let scored = |totals| score(&POLICY, &reseller(), totals, now().plus_days(-30));
    assert_eq!(scored(&before).hundredths, scored(&then).hundredths);
    assert_eq!(before.keys().collect::<Vec<_>>(), then.keys().collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn a_score_is_within_0_and_100_and_its_contributions_add_up_exactly(stream in streams(), types in types()) {
        let score = score(&POLICY, &types, &replay(&POLICY, stream), now());
        prop_assert!((0..=10_000).contains(&score.hundredths));
        prop_assert_eq!(score.components.iter().map(|own| own.contribution).sum::<i64>(), score.hundredths);
        for own in &score.components {
            prop_assert!(own.contribution >= 0);
            prop_assert!((0.0..=100.0).contains(&own.sub_score));
            prop_assert!(own.raw_micros > 0 || own.contribution == 0);
        }
        prop_assert!((score.components.iter().map(|own| own.weight).sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_more_positive_event_never_lowers_it(
        stream in streams(), types in types(), component in 0..6_usize, value in 1..=2 * POINT, ago in 0..500_i64, place in 0..60_usize,
    ) {
        let before = score(&POLICY, &types, &replay(&POLICY, stream.clone()), now());
        let mut more = stream;
        more.insert(place.min(more.len()), counted(EngagementComponent::ALL[component], value, ago));
        let after = score(&POLICY, &types, &replay(&POLICY, more), now());
        prop_assert!(after.hundredths >= before.hundredths, "{} < {}", after.hundredths, before.hundredths);
    }

    #[test]
    fn without_events_it_only_falls(stream in streams(), types in types(), days in 0..400_i64, more in 0..400_i64) {
        let totals = replay(&POLICY, stream);
        let first = score(&POLICY, &types, &totals, now().plus_days(days));
        let second = score(&POLICY, &types, &totals, now().plus_days(days + more));
        prop_assert!(second.hundredths <= first.hundredths);
    }

    #[test]
    fn a_replay_equals_the_incremental_path_bit_for_bit(stream in streams()) {
        let mut totals = Totals::new();
        for one in &stream {
            // As it is done with each append: read the component's row, fold, write it.
            let total = fold(POLICY.half_life_days(one.component), totals.get(&one.component).copied(), one.value_micros, one.occurred_at);
            totals.insert(one.component, total);
        }
        let replayed = replay(&POLICY, stream);
        prop_assert_eq!(&replayed, &totals);
        for (component, total) in &replayed {
            prop_assert_eq!(total.decayed.to_bits(), totals[component].decayed.to_bits());
        }
    }

    #[test]
    fn the_order_of_the_stream_hardly_matters(stream in streams(), types in types()) {
        let one = score(&POLICY, &types, &replay(&POLICY, stream.clone()), now());
        let other = score(&POLICY, &types, &replay(&POLICY, stream.into_iter().rev()), now());
        prop_assert!((one.hundredths - other.hundredths).abs() <= 1);
        for (one, other) in one.components.iter().zip(&other.components) {
            prop_assert_eq!(one.raw_micros, other.raw_micros);
            prop_assert!((one.decayed - other.decayed).abs() <= 1e-9);
        }
    }

    #[test]
    fn what_was_there_before_is_found_again(stream in streams(), types in types()) {
        let then = now().plus_days(-30);
        let before = earlier(&POLICY, &replay(&POLICY, stream.clone()), &stream, now(), 30);
        let wanted = replay(&POLICY, stream.into_iter().filter(|counted| counted.occurred_at <= then));
        let (found, wanted) = (score(&POLICY, &types, &before, then), score(&POLICY, &types, &wanted, then));
        prop_assert!((found.hundredths - wanted.hundredths).abs() <= 1);
    }

    #[test]
    fn what_is_promised_for_an_action_is_what_it_adds(stream in streams(), types in types()) {
        let totals = replay(&POLICY, stream.clone());
        let before = score(&POLICY, &types, &totals, now());
        for next in next_best(&POLICY, &types, &totals, now()) {
            let value = NextAction::ALL.iter().find(|(action, ..)| *action == next.action).unwrap().2;
            let more = stream.iter().copied().chain([counted(next.component, value, 0)]);
            let after = score(&POLICY, &types, &replay(&POLICY, more), now());
            prop_assert_eq!(after.hundredths - before.hundredths, next.gain);
        }
    }
}
