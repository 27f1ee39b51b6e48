//! What can be asked of conflict cases: typed, so that it cannot be wrong.

use entity::value::{DealConflictId, DealConflictOutcome, DealConflictState, RegistrationId, UserId};

/// A partner disputes what was decided about its registration.
#[derive(Clone, Debug)]
pub struct Dispute {
    /// Why.
    pub statement: String,
}

/// Staff open a case between registrations.
#[derive(Clone, Debug)]
pub struct OpenConflict {
    /// Which ones: two or more, each once.
    pub registration_ids: Vec<RegistrationId>,
    /// Why.
    pub rationale: String,
    /// Who is to decide it.
    pub owner_id: Option<UserId>,
}

/// A partner says what speaks for it.
#[derive(Clone, Debug)]
pub struct Statement {
    /// For which registration.
    pub registration_id: RegistrationId,
    /// In words.
    pub statement: String,
}

/// Somebody of staff is to decide a case.
#[derive(Clone, Debug)]
pub struct Assign {
    /// Which case.
    pub id: DealConflictId,
    /// Who.
    pub owner_id: UserId,
    /// The version that the caller has seen.
    pub expected_version: Option<i64>,
}

/// The part of one party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// Which registration.
    pub registration_id: RegistrationId,
    /// In basis points.
    pub basis_points: i32,
}

/// Staff decide a case.
#[derive(Clone, Debug)]
pub struct Decide {
    /// Which case.
    pub id: DealConflictId,
    /// How.
    pub outcome: DealConflictOutcome,
    /// Why, in words for the partners.
    pub rationale: String,
    /// The part of each party, where the deal is shared.
    pub shares: Vec<Share>,
    /// Who gets the place.
    pub winner_id: Option<RegistrationId>,
    /// The version that the caller has seen.
    pub expected_version: Option<i64>,
}

/// A partner accepts the part that it is offered.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// For which registration.
    pub registration_id: RegistrationId,
    /// The part that it has read.
    pub basis_points: i32,
}

/// A partner declines the part that it is offered.
#[derive(Clone, Debug)]
pub struct Declining {
    /// For which registration.
    pub registration_id: RegistrationId,
}

/// A partner appeals what was decided.
#[derive(Clone, Debug)]
pub struct Appeal {
    /// For which registration.
    pub registration_id: RegistrationId,
    /// Why.
    pub statement: String,
}

/// Which cases a list shows.
#[derive(Clone, Debug, Default)]
pub struct ConflictFilter {
    /// In one of these states, as of now.
    pub states: Vec<DealConflictState>,
    /// Those that this person is to decide.
    pub owner_id: Option<UserId>,
    /// Whether nobody is to decide them yet.
    pub is_unassigned: Option<bool>,
    /// Whether the vendor has missed a deadline of theirs.
    pub is_overdue: Option<bool>,
}
