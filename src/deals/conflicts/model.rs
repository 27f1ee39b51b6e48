//! The words of conflict cases.

mod commands;

use entity::value::{
    DealConflictId, DealConflictOutcome as Outcome, DealConflictResult, DealConflictRole as Role,
    DealConflictState as State, DealRegistrationState, PartnerId, RegistrationId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

pub use commands::{
    Acceptance, Appeal, Assign, ConflictFilter, Decide, Declining, Dispute, OpenConflict, Share, Statement,
};

use crate::{
    deals::registrations::rules::policy::cases::CasePolicy,
    kernel::code::Code,
    platform::error::{AppError, AppResult},
};

/// What every party reads when the vendor has missed its own deadline twice.
pub const BY_DEFAULT: &str =
    "Nobody decided in time, so that what stood before stands. You can appeal, and somebody else looks at it.";

/// What every party reads when nobody is left who claims the place.
pub const NOBODY_LEFT: &str = "Nobody contests it any more.";

/// A conflict about deal registrations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// Its id.
    pub id: DealConflictId,
    /// Where it is, as stored: `as_of` says what it is at an instant.
    pub state: State,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Who opened it.
    pub opened_by: Option<UserId>,
    /// Why staff opened it; none of a partner's dispute.
    pub rationale: Option<String>,
    /// Who of staff is to decide it.
    pub owner_id: Option<UserId>,
    /// The version of the policy that it was opened under.
    pub policy_version: i32,
    /// By when it is decided and appealed, as that version says.
    pub policy: CasePolicy,
    /// By when something is to happen: the decision, or what the parties say to an offer.
    pub due_at: Timestamp,
    /// From when on the vendor has missed a deadline.
    pub overdue_at: Timestamp,
    /// When it is upheld by the clock.
    pub default_at: Timestamp,
    /// How many deadlines the vendor has missed since it was opened, offered or appealed.
    pub missed_deadlines: i32,
    /// What is offered to the parties.
    pub offer: Option<Offer>,
    /// What was decided.
    pub decision: Option<Decided>,
    /// What was decided before it was appealed.
    pub first_outcome: Option<Outcome>,
    /// The appeal.
    pub appeal: Option<Appealed>,
    /// Grows by one with each change.
    pub version: i64,
}

/// Sharing that is offered to the parties.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Why, in words for the partners.
    pub rationale: String,
    /// Who would be protected, where nobody is.
    pub winner_id: Option<RegistrationId>,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it.
    pub by: Option<UserId>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// How.
    pub outcome: Outcome,
    /// Why, in words for the partners.
    pub rationale: String,
    /// Who got the place.
    pub winner_id: Option<RegistrationId>,
    /// When.
    pub at: Timestamp,
    /// Who decided; none for the clock.
    pub by: Option<UserId>,
    /// Whether nobody decided in time.
    pub by_default: bool,
}

/// The appeal of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Appealed {
    /// When.
    pub at: Timestamp,
    /// Who appealed.
    pub by: Option<UserId>,
    /// For which registration.
    pub registration_id: RegistrationId,
    /// Why.
    pub statement: String,
}

/// A registration in a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Party {
    /// The case.
    pub conflict_id: DealConflictId,
    /// The registration.
    pub registration_id: RegistrationId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// On which side it is.
    pub role: Role,
    /// Where it was before it was contested.
    pub stood: DealRegistrationState,
    /// How much of its protection was left then, in microseconds.
    pub time_left: Option<i64>,
    /// What its partner says.
    pub statement: Option<String>,
    /// When that was said.
    pub stated_at: Option<Timestamp>,
    /// Who said it.
    pub stated_by: Option<UserId>,
    /// The part that it is offered, in basis points.
    pub offered_bp: Option<i32>,
    /// When it accepted that.
    pub accepted_at: Option<Timestamp>,
    /// Who accepted.
    pub accepted_by: Option<UserId>,
    /// Its part of the deal, in basis points.
    pub share_bp: Option<i32>,
    /// What was decided, as it concerns this one.
    pub result: Option<DealConflictResult>,
    /// When it left the case, or the case was decided.
    pub closed_at: Option<Timestamp>,
}

/// A case with the registrations in it, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The conflict.
    pub conflict: Conflict,
    /// Its parties.
    pub parties: Vec<Party>,
}

impl Conflict {
    /// Whether it waits to be decided.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.state, State::Decided)
    }

    /// Where it is when nothing is offered.
    #[must_use]
    pub const fn undecided(&self) -> State {
        if self.appeal.is_some() { State::Appealed } else { State::Open }
    }

    /// Nothing while it is open.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn expect_open(&self) -> AppResult<()> {
        if self.is_open() {
            return Ok(());
        }
        Err(AppError::refused(Code::WrongState, "The case is decided. A party can appeal once; then it is open again."))
    }

    /// Nothing when the caller has seen this version, or does not say which.
    ///
    /// # Errors
    /// `VERSION_CONFLICT`.
    pub fn expect_version(&self, expected: Option<i64>) -> AppResult<()> {
        match expected {
            Some(expected) if expected != self.version => Err(AppError::version_conflict(self.version)),
            _ => Ok(()),
        }
    }

    /// Until when its decision can be appealed; none while there is nothing to appeal.
    #[must_use]
    pub fn appealable_until(&self) -> Option<Timestamp> {
        let decision = self.decision.as_ref().filter(|_| !self.is_open() && self.appeal.is_none())?;
        Some(self.policy.appealable_until(decision.at))
    }

    /// The next version of it.
    #[must_use]
    pub fn changed(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }
}

impl Party {
    /// Whether it is in the case still.
    #[must_use]
    pub const fn is_in(&self) -> bool {
        self.closed_at.is_none()
    }

    /// The part that it is offered, if it is in the case still.
    #[must_use]
    pub fn offered_share(&self) -> Option<Share> {
        let basis_points = self.offered_bp.filter(|_| self.is_in())?;
        Some(Share { registration_id: self.registration_id, basis_points })
    }

    /// What was decided, as it concerns this one: of what the clock has decided, too.
    #[must_use]
    pub fn result_in(&self, conflict: &Conflict) -> Option<DealConflictResult> {
        if conflict.is_open() {
            return self.result;
        }
        let by_the_clock = match self.role {
            Role::Holder => DealConflictResult::Granted,
            Role::Claimant => DealConflictResult::NotGranted,
        };
        Some(self.result.unwrap_or(by_the_clock))
    }

    /// Until when its partner can appeal; none while it cannot, and when the decision gave it what it wanted.
    #[must_use]
    pub fn appealable_until(&self, conflict: &Conflict) -> Option<Timestamp> {
        conflict.appealable_until().filter(|_| self.result_in(conflict) != Some(DealConflictResult::Granted))
    }
}

impl Case {
    /// The parties that are in it still.
    pub fn present(&self) -> impl Iterator<Item = &Party> {
        self.parties.iter().filter(|party| party.is_in())
    }

    /// The party of a registration.
    #[must_use]
    pub fn party(&self, id: RegistrationId) -> Option<&Party> {
        self.parties.iter().find(|party| party.registration_id == id)
    }
}
