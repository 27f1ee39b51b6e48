//! What the clock makes of a case: deadlines that are missed, offers that lapse, and what is upheld because nobody decided.

use entity::value::{DealConflictId, DealConflictOutcome as Outcome, DealConflictState as State, Timestamp, UserId};

use crate::deals::{
    conflicts::model::{Appealed, BY_DEFAULT, Conflict, Decided, Offer},
    registrations::rules::policy::cases::CasePolicy,
};

/// How many deadlines the vendor misses before what stood is upheld.
const MOST_MISSED: i32 = 2;

impl Conflict {
    /// A case that is opened now.
    #[must_use]
    pub fn opened(
        id: DealConflictId,
        (version, policy): (i32, CasePolicy),
        (rationale, owner_id): (Option<String>, Option<UserId>),
        (now, by): (Timestamp, Option<UserId>),
    ) -> Self {
        Self {
            id,
            state: State::Open,
            opened_at: now,
            opened_by: by,
            rationale,
            owner_id,
            policy_version: version,
            policy,
            due_at: now,
            overdue_at: now,
            default_at: now,
            missed_deadlines: 0,
            offer: None,
            decision: None,
            first_outcome: None,
            appeal: None,
            version: 1,
        }
        .due_from(now)
    }

    /// The vendor's time for the decision begins.
    fn due_from(self, now: Timestamp) -> Self {
        let due_at = self.policy.due(now);
        let default_at = self.policy.due(due_at);
        Self { due_at, overdue_at: due_at, default_at, missed_deadlines: 0, ..self }
    }

    /// Sharing is offered to the parties. They have as long to accept as the vendor has to decide; then it is the vendor's
    /// turn again.
    #[must_use]
    pub fn offered(&self, offer: Offer) -> Self {
        let now = offer.at;
        let after = Self { state: State::Offered, offer: Some(offer), ..self.changed() };
        let accept_by = after.policy.due(now);
        Self { due_at: accept_by, ..after.due_from(accept_by) }
    }

    /// A party declined what was offered: it is the vendor's turn again.
    #[must_use]
    pub fn declined(&self, now: Timestamp) -> Self {
        Self { state: self.undecided(), offer: None, ..self.changed() }.due_from(now)
    }

    /// It is decided.
    #[must_use]
    pub fn decided(&self, decision: Decided) -> Self {
        Self { state: State::Decided, decision: Some(decision), offer: None, ..self.changed() }
    }

    /// It is appealed: open once more, with time of its own.
    #[must_use]
    pub fn appealed(&self, appeal: Appealed) -> Self {
        let (now, first_outcome) = (appeal.at, self.decision.as_ref().map(|decision| decision.outcome));
        Self { state: State::Appealed, appeal: Some(appeal), first_outcome, owner_id: None, ..self.changed() }
            .due_from(now)
    }

    /// As it is at an instant, whether or not that was written down yet: the parties did not accept an offer in time, the
    /// vendor missed a deadline, or both.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        if !self.is_open() || now < self.due_at {
            return self;
        }
        if self.state == State::Offered {
            let (state, due_at) = (self.undecided(), self.overdue_at);
            return Self { state, due_at, offer: None, ..self }.as_of(now);
        }
        let missed_deadlines = self.missed_deadlines.saturating_add(1);
        if missed_deadlines < MOST_MISSED {
            return Self { missed_deadlines, due_at: self.default_at, ..self }.as_of(now);
        }
        let at = self.default_at;
        Self { missed_deadlines, ..self }.upheld(at, BY_DEFAULT)
    }

    /// What stood is upheld because nobody decided: in an appeal, what was decided before.
    #[must_use]
    pub fn upheld(self, at: Timestamp, rationale: &str) -> Self {
        let (outcome, winner_id) = match &self.decision {
            Some(first) => (first.outcome, first.winner_id),
            None => (Outcome::Upheld, None),
        };
        let rationale = rationale.to_owned();
        let decision = Decided { outcome, rationale, winner_id, at, by: None, by_default: true };
        Self { state: State::Decided, decision: Some(decision), offer: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use entity::value::{RegistrationId, TypedId as _};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    /// A Monday morning.
    fn monday() -> Timestamp {
        chrono::DateTime::parse_from_rfc3339("2026-03-02T09:00:00Z").unwrap().to_utc().into()
    }

    fn opened() -> Conflict {
        let id = DealConflictId::from_uuid(Uuid::from_u128(1));
        Conflict::opened(id, (1, CasePolicy::default()), (None, None), (monday(), None))
    }

    fn before(at: Timestamp) -> Timestamp {
        Timestamp::from_micros(at.micros() - 1)
    }

    fn offer(at: Timestamp) -> Offer {
        Offer { rationale: "both".to_owned(), winner_id: None, at, by: None }
    }

    fn appeal(at: Timestamp) -> Appealed {
        let registration_id = RegistrationId::from_uuid(Uuid::from_u128(2));
        Appealed { at, by: None, registration_id, statement: "look again".to_owned() }
    }

    #[test]
    fn a_deadline_is_set_anew_once_and_then_what_stood_is_upheld() {
        let it = opened();
        let (thursday, tuesday) = (monday().plus_days(3), monday().plus_days(8));
        assert_eq!((it.due_at, it.overdue_at, it.default_at), (thursday, thursday, tuesday));
        for (at, state, missed, due) in [
            (before(thursday), State::Open, 0, thursday),
            (thursday, State::Open, 1, tuesday),
            (before(tuesday), State::Open, 1, tuesday),
            (tuesday, State::Decided, 2, tuesday),
            (tuesday.plus_days(400), State::Decided, 2, tuesday),
        ] {
            let then = it.clone().as_of(at);
            assert_eq!((then.state, then.missed_deadlines, then.due_at), (state, missed, due), "{at}");
        }
        let decision = it.as_of(tuesday).decision.unwrap();
        assert_eq!((decision.outcome, decision.at, decision.by_default), (Outcome::Upheld, tuesday, true));
    }

    #[test]
    fn an_offer_that_nobody_accepts_lapses_and_the_vendors_time_begins_anew() {
        let it = opened().as_of(monday().plus_days(4)).offered(offer(monday().plus_days(4)));
        // Friday; accepted by Wednesday, decided by Monday, upheld on Thursday.
        let (wednesday, next_monday, thursday) =
            (monday().plus_days(9), monday().plus_days(14), monday().plus_days(17));
        assert_eq!((it.due_at, it.overdue_at, it.default_at), (wednesday, next_monday, thursday));
        for (at, state, missed) in [
            (before(wednesday), State::Offered, 0),
            (wednesday, State::Open, 0),
            (before(next_monday), State::Open, 0),
            (next_monday, State::Open, 1),
            (thursday, State::Decided, 2),
        ] {
            let then = it.clone().as_of(at);
            assert_eq!((then.state, then.missed_deadlines), (state, missed), "{at}");
        }
        assert_eq!(it.as_of(wednesday).offer, None);
    }

    #[test]
    fn an_appeal_that_nobody_decides_leaves_what_was_decided() {
        let decision = Decided {
            outcome: Outcome::Reassigned,
            rationale: "theirs".to_owned(),
            winner_id: None,
            at: monday(),
            by: None,
            by_default: false,
        };
        let it = opened().decided(decision).appealed(appeal(monday().plus_days(1)));
        assert_eq!((it.state, it.first_outcome), (State::Appealed, Some(Outcome::Reassigned)));
        let over = it.clone().as_of(it.default_at);
        assert_eq!(over.state, State::Decided);
        let decision = over.decision.unwrap();
        assert_eq!((decision.outcome, decision.by_default), (Outcome::Reassigned, true));
    }

    proptest! {
        #[test]
        fn reading_in_between_changes_nothing(offered in any::<bool>(), appealed in any::<bool>(), one in 0i64..40 * 86_400, more in 0i64..40 * 86_400) {
            let mut it = opened();
            if appealed {
                it = it.upheld(monday(), "x").appealed(appeal(monday()));
            }
            if offered {
                it = it.offered(offer(monday()));
            }
            let (one, both) = (monday().micros() + one * 1_000_000, monday().micros() + (one + more) * 1_000_000);
            let (one, both) = (Timestamp::from_micros(one), Timestamp::from_micros(both));
            prop_assert_eq!(it.clone().as_of(one).as_of(both), it.clone().as_of(both));
            // What the registrations were told at the beginning is when it is over.
            prop_assert_eq!(it.clone().as_of(both).is_open(), both < it.default_at);
        }
    }
}
