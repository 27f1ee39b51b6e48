//! A registration while a conflict about it is open: what stood before stands still, and goes on where it stood when the
//! conflict is over, at the latest at an instant that is known from its beginning.

use chrono::TimeDelta;
use entity::value::{DealRegistrationOutcome as Outcome, DealRegistrationState as State, Timestamp};
use serde::{Deserialize, Serialize};

use super::{DealRegistrationAction, Life, Registration};
use crate::{
    deals::registrations::states::EDGES,
    kernel::{code::Code, graph},
    platform::error::AppError,
};

/// What stood before a conflict was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contest {
    /// Where the claim was.
    pub stood: State,
    /// How it had ended.
    pub outcome: Option<Outcome>,
    /// Why, in words for the partner.
    pub reason: Option<String>,
    /// At which instant the conflict is over by itself, when nobody decides it: what stood before stands again then.
    pub until: Timestamp,
}

/// Whether a claim in this state has ended in a way that a conflict can be about.
#[must_use]
pub const fn has_ended(stood: State) -> bool {
    matches!(stood, State::Rejected | State::Revoked)
}

impl Registration {
    /// A conflict about it is opened that is over by itself at an instant. Its protection, its hold and the decision stand
    /// still: each ends as long after that instant as it was away from now.
    #[must_use]
    pub fn contested(&self, until: Timestamp, now: Timestamp) -> Self {
        let contest = Contest { stood: self.state, outcome: self.outcome, reason: self.outcome_reason.clone(), until };
        Self {
            state: State::Contested,
            outcome: None,
            outcome_reason: None,
            ended_at: None,
            contest: Some(contest),
            ..self.moved(self.state, until.since(now)).changed()
        }
    }

    /// The conflict is over by itself so much later than before.
    #[must_use]
    pub fn postponed(&self, by: TimeDelta) -> Self {
        let Some(contest) = self.contest.clone() else { return self.clone() };
        let stood = contest.stood;
        let contest = Contest { until: contest.until.plus(by), ..contest };
        Self { contest: Some(contest), ..self.moved(stood, by).changed() }
    }

    /// The conflict is over at an instant: what stood before goes on with the time that was left. Of what is not contested,
    /// nothing changes.
    #[must_use]
    pub fn given_back(&self, at: Timestamp) -> Self {
        let Some(Contest { stood, outcome, reason, until }) = self.contest.clone() else { return self.clone() };
        let after = self.moved(stood, at.since(until));
        let heard = if stood == State::Protected { Some(at) } else { after.life.last_update_at };
        Self {
            state: stood,
            outcome,
            outcome_reason: reason,
            ended_at: has_ended(stood).then_some(at),
            contest: None,
            life: Life { last_update_at: heard, ..after.life },
            ..after
        }
    }

    /// Whether its partner can dispute what was decided about it: once, and what ended only where staff refused it.
    #[must_use]
    pub fn is_disputable(&self) -> bool {
        let by_staff = self.outcome.is_none_or(|outcome| {
            matches!(
                outcome,
                Outcome::EvidenceInsufficient
                    | Outcome::AccountNotAvailable
                    | Outcome::CustomerNotConfirmed
                    | Outcome::NotAuthorised
                    | Outcome::Duplicate
                    | Outcome::Other
            )
        });
        self.disputed_at.is_none() && by_staff
    }

    /// Whether its partner could dispute the decision, and has.
    pub(super) fn was_disputed(&self) -> bool {
        self.disputed_at.is_some() && graph::allows(EDGES, &self.state, &DealRegistrationAction::Dispute)
    }

    /// How much of its protection was left when it was contested; none without one.
    #[must_use]
    pub fn protection_left(&self) -> Option<TimeDelta> {
        let contest = self.contest.as_ref().filter(|contest| contest.stood == State::Protected)?;
        Some(self.protected_until?.since(contest.until))
    }

    /// Whether it is contested, and the conflict is over by itself at an instant.
    #[must_use]
    pub fn contest_is_over(&self, now: Timestamp) -> bool {
        self.state == State::Contested && self.contest.as_ref().is_some_and(|contest| contest.until <= now)
    }

    /// Everything that runs in a state is so much later.
    fn moved(&self, stood: State, by: TimeDelta) -> Self {
        let mut after = self.clone();
        if stood == State::Protected {
            after.protected_until = self.protected_until.map(|until| until.plus(by));
        }
        // What is asked stands still anyway.
        if matches!(stood, State::Submitted | State::InReview) {
            after.life.hold_until = self.life.hold_until.map(|until| until.plus(by));
            after.due_at = self.due_at.plus(by);
        }
        after
    }
}

/// Why a decision is not disputed once more.
pub(super) fn disputed_before() -> AppError {
    let sentence =
        "Each decision is disputed once. What the case decided can be appealed, once: `conflict` says until when.";
    AppError::refused(Code::AlreadyDisputed, sentence)
}
