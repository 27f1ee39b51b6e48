//! What an outcome means for each registration in a case.

use std::collections::HashSet;

use entity::value::{
    DealConflictOutcome as Outcome, DealConflictResult, DealConflictRole as Role, ProductLineId, RegistrationId,
};

/// A registration as far as its fate depends on it.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Which one.
    pub registration_id: RegistrationId,
    /// On which side it is.
    pub role: Role,
    /// What it is about.
    pub lines: HashSet<ProductLineId>,
}

/// What becomes of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// What stood before stands again.
    Back,
    /// It is protected.
    Protected,
    /// It ends.
    Ended,
}

/// What becomes of each registration: whoever is to have the place has it, whoever is in the way of that loses it, and
/// everybody else is where they stood.
#[must_use]
pub fn fates(
    outcome: Outcome,
    winner: Option<RegistrationId>,
    parties: &[Claimed],
) -> Vec<(RegistrationId, Fate, DealConflictResult)> {
    let newcomer = parties.iter().find(|it| Some(it.registration_id) == winner && it.role == Role::Claimant);
    let fate = |it: &Claimed| match outcome {
        Outcome::BothRejected => Fate::Ended,
        Outcome::Upheld => Fate::Back,
        Outcome::Reassigned | Outcome::Shared | Outcome::CoSell => match newcomer {
            Some(newcomer) if newcomer.registration_id == it.registration_id => Fate::Protected,
            Some(newcomer) if it.role == Role::Holder && !it.lines.is_disjoint(&newcomer.lines) => Fate::Ended,
            _ => Fate::Back,
        },
    };
    let result = |it: &Claimed, fate: Fate| {
        let protected = fate == Fate::Protected || (fate == Fate::Back && it.role == Role::Holder);
        match (outcome, protected) {
            (Outcome::Shared, _) => DealConflictResult::Shared,
            (Outcome::CoSell, true) => DealConflictResult::CoSell,
            (_, true) => DealConflictResult::Granted,
            (_, false) => DealConflictResult::NotGranted,
        }
    };
    parties.iter().map(|it| (it.registration_id, fate(it), result(it, fate(it)))).collect()
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

    fn party(number: u128, role: Role, lines: &[u128]) -> Claimed {
        let lines = lines.iter().map(|line| ProductLineId::from_uuid(Uuid::from_u128(*line))).collect();
        Claimed { registration_id: id(number), role, lines }
    }

    #[test]
    fn whoever_is_in_the_way_loses_the_place_and_nobody_else() {
        use DealConflictResult::{CoSell, Granted, NotGranted, Shared};
        use Fate::{Back, Ended, Protected};
        let parties = [
            party(1, Role::Holder, &[1]),
            party(2, Role::Claimant, &[1, 2]),
            party(3, Role::Claimant, &[1]),
            party(4, Role::Holder, &[3]),
        ];
        for (outcome, winner, wanted) in [
            (Outcome::Upheld, None, [(Back, Granted), (Back, NotGranted), (Back, NotGranted), (Back, Granted)]),
            (
                Outcome::Reassigned,
                Some(id(2)),
                [(Ended, NotGranted), (Protected, Granted), (Back, NotGranted), (Back, Granted)],
            ),
            (Outcome::Shared, None, [(Back, Shared), (Back, Shared), (Back, Shared), (Back, Shared)]),
            (Outcome::CoSell, Some(id(1)), [(Back, CoSell), (Back, NotGranted), (Back, NotGranted), (Back, CoSell)]),
            (
                Outcome::CoSell,
                Some(id(3)),
                [(Ended, NotGranted), (Back, NotGranted), (Protected, CoSell), (Back, CoSell)],
            ),
            (
                Outcome::BothRejected,
                None,
                [(Ended, NotGranted), (Ended, NotGranted), (Ended, NotGranted), (Ended, NotGranted)],
            ),
        ] {
            let found = fates(outcome, winner, &parties);
            let found: Vec<_> = found.into_iter().map(|(_, fate, result)| (fate, result)).collect();
            assert_eq!(found, wanted, "{outcome}");
        }
    }

    fn any_outcome() -> impl Strategy<Value = Outcome> {
        use Outcome::{BothRejected, CoSell, Reassigned, Shared, Upheld};
        prop_oneof![Just(Upheld), Just(Reassigned), Just(Shared), Just(CoSell), Just(BothRejected)]
    }

    proptest! {
        #[test]
        fn a_line_has_one_holder_afterwards_when_it_had_one_before(
            outcome in any_outcome(),
            lines in prop::collection::vec(prop::collection::vec(0u128..4, 1..3), 1..6),
            winner in 0usize..6,
        ) {
            let mut taken = HashSet::new();
            let parties: Vec<Claimed> = (1..).zip(&lines).map(|(number, lines)| {
                let free = lines.iter().all(|line| !taken.contains(line));
                if free { taken.extend(lines.iter().copied()) }
                party(number, if free { Role::Holder } else { Role::Claimant }, lines)
            }).collect();
            let winner = parties.get(winner).map(|it| it.registration_id);
            let mut held = HashSet::new();
            for ((_, fate, _), party) in fates(outcome, winner, &parties).into_iter().zip(&parties) {
                if fate == Fate::Protected || (fate == Fate::Back && party.role == Role::Holder) {
                    for line in &party.lines {
                        prop_assert!(held.insert(*line), "{line} is held twice");
                    }
                }
            }
        }
    }
}
