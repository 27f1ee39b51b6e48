//! Whose turn it is on a waiting list: pure, by the same resolution that grants protection.

use entity::value::{ProductLineId, Timestamp};

use super::{
    facts::Facts,
    resolution::{Purpose, resolve},
};

/// Product lines that are offered to somebody until an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    /// Which ones.
    pub lines: Vec<ProductLineId>,
    /// Until when.
    pub until: Timestamp,
}

/// How a place became free last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freed {
    /// When.
    pub at: Timestamp,
    /// Whether the deal was won: then there is nothing to wait for.
    pub won: bool,
}

/// Whether somebody who waits has a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// From this instant on: now, or when whoever holds the place, or is offered it, is due to leave it.
    At(Timestamp),
    /// Not as far as is known.
    None,
}

/// The turn of somebody who waits for product lines, by the facts without those whose turn comes before. Whoever let an
/// offer pass has another turn once the place was held again.
#[must_use]
pub fn turn(
    policy_version: i32,
    facts: &Facts,
    lines: &[ProductLineId],
    (freed, passed_at): (Option<Freed>, Option<Timestamp>),
    busy: &[Busy],
    is_open: bool,
) -> Turn {
    let held_until =
        facts.rivals().filter(|claim| claim.is_protected(facts.now)).filter_map(|claim| claim.protected_until).max();
    let busy_until = busy.iter().filter(|it| it.lines.iter().any(|line| lines.contains(line))).map(|it| it.until).max();
    let at = held_until.into_iter().chain(busy_until).fold(facts.now, Timestamp::max);
    if is_open && at > facts.now {
        return Turn::None;
    }
    // A protection that ends by the clock ends without a win, as far as is known.
    let freed = held_until.map(|at| Freed { at, won: false }).or(freed);
    let won = freed.is_some_and(|freed| freed.won);
    let had_it = passed_at.is_some_and(|passed| freed.is_none_or(|freed| freed.at <= passed));
    if won || (had_it && !is_open) {
        return Turn::None;
    }
    let then = Facts { now: at, ..facts.clone() };
    match resolve(Purpose::Approval, policy_version, &then).refused {
        None => Turn::At(at),
        Some(_) => Turn::None,
    }
}

#[cfg(test)]
mod tests {
    use entity::value::{
        AccountReservation, DealRegistrationState as State, PartnerId, PartnerState, RegistrationId, SalesMotion,
        TypedId as _,
    };
    use uuid::Uuid;

    use super::*;
    use crate::{
        accounts::accounts::model::Finding,
        deals::registrations::rules::{conflicts::ConflictPolicy, facts::Claim},
    };

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn claim(number: u128, state: State, qualified: i64, until: Option<i64>) -> Claim {
        Claim {
            registration_id: RegistrationId::from_uuid(Uuid::from_u128(number)),
            partner_id: PartnerId::from_uuid(Uuid::from_u128(number)),
            state,
            qualified_at: Some(at(qualified)),
            protected_until: until.map(at),
            sales_motion: SalesMotion::NewBusiness,
            offered_from: None,
            offered_until: None,
            let_pass: false,
        }
    }

    fn facts(claims: Vec<Claim>) -> Facts {
        Facts {
            now: at(1_000),
            partner_id: PartnerId::from_uuid(Uuid::from_u128(1)),
            partner_state: PartnerState::Active,
            reserved_for: AccountReservation::Open,
            account_found_by: Finding::Given,
            evidence_total: 70,
            qualified_at: Some(at(500)),
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
    fn whose_turn_it_is_and_from_when_on() {
        let line = ProductLineId::from_uuid(Uuid::from_u128(1));
        let other = ProductLineId::from_uuid(Uuid::from_u128(2));
        let freed = |at_, won| Some(Freed { at: at(at_), won });
        let busy = |line, until| vec![Busy { lines: vec![line], until: at(until) }];
        let held = || vec![claim(2, State::Protected, 1, Some(2_000))];
        for (facts, freed, passed, busy, is_open, wanted) in [
            (facts(vec![]), freed(900, false), None, vec![], false, Turn::At(at(1_000))),
            // A win leaves nothing to wait for.
            (facts(vec![]), freed(900, true), None, vec![], false, Turn::None),
            // The instant at which a protection ends by the clock, and the end of somebody else's offer.
            (facts(held()), freed(900, true), None, vec![], false, Turn::At(at(2_000))),
            (facts(vec![]), freed(900, false), None, busy(line, 1_500), false, Turn::At(at(1_500))),
            (facts(vec![]), freed(900, false), None, busy(other, 1_500), false, Turn::At(at(1_000))),
            // Whoever let it pass has another turn once it was held again.
            (facts(vec![]), freed(900, false), Some(at(950)), vec![], false, Turn::None),
            (facts(vec![]), freed(960, false), Some(at(950)), vec![], false, Turn::At(at(1_000))),
            (facts(held()), freed(900, false), Some(at(950)), vec![], false, Turn::At(at(2_000))),
            // Nobody knows when a reservation ends, and an earlier rival is decided first.
            (
                Facts { reserved_for: AccountReservation::Direct, ..facts(vec![]) },
                None,
                None,
                vec![],
                false,
                Turn::None,
            ),
            (
                Facts { direct_opportunities: vec!["x".to_owned()], ..facts(vec![]) },
                None,
                None,
                vec![],
                false,
                Turn::None,
            ),
            (facts(vec![claim(3, State::InReview, 400, None)]), freed(900, false), None, vec![], false, Turn::None),
            (
                Facts { partner_state: PartnerState::Suspended, ..facts(vec![]) },
                freed(900, false),
                None,
                vec![],
                false,
                Turn::None,
            ),
            // An offer that is open stays open while nothing stands against it.
            (facts(vec![]), freed(900, false), Some(at(950)), vec![], true, Turn::At(at(1_000))),
            (facts(held()), freed(900, false), None, vec![], true, Turn::None),
        ] {
            assert_eq!(turn(1, &facts, &[line], (freed, passed), &busy, is_open), wanted, "{facts:?}");
        }
    }
}
