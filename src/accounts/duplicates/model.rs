//! The words of duplicates.

use entity::value::{AccountDuplicateId, AccountDuplicateState as State, AccountId, MatchVerdict, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::{
    accounts::accounts::model::Profile,
    kernel::code::Code,
    platform::error::{AppError, AppResult},
};

/// What speaks for two accounts being the same customer, or against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// A stable word for programs.
    pub code: String,
    /// What was found, in a sentence for staff.
    pub sentence: String,
}

/// What the matcher says of two accounts.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The accounts, in any order.
    pub accounts: [AccountId; 2],
    /// Whether they are the same customer.
    pub verdict: MatchVerdict,
    /// How sure it is, in basis points.
    pub score_bp: i64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Which version of the matcher says so.
    pub matcher_version: i32,
}

/// Two accounts that may be the same customer. The first one has the smaller id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Its id.
    pub id: AccountDuplicateId,
    /// One account.
    pub first_id: AccountId,
    /// The other one.
    pub second_id: AccountId,
    /// What the matcher says; none when a person brought it up.
    pub verdict: Option<MatchVerdict>,
    /// How sure the matcher is, in basis points.
    pub score_bp: i64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Which version of the matcher says so; 0 when a person brought it up.
    pub matcher_version: i32,
    /// What became of it.
    pub state: State,
    /// When it was found.
    pub found_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided it.
    pub decided_by: Option<UserId>,
    /// Why it was decided so.
    pub decision_reason: Option<String>,
    /// Grows by one with each change.
    pub version: i64,
}

impl Pair {
    /// Nothing when somebody may still decide it.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn expect_open(&self) -> AppResult<()> {
        if self.state == State::Open {
            return Ok(());
        }
        let sentence = format!("This pair is {} already. Nobody has to decide it.", self.state);
        Err(AppError::refused(Code::WrongState, sentence))
    }

    /// Decided.
    #[must_use]
    pub fn decided(&self, state: State, reason: String, at: Timestamp, by: Option<UserId>) -> Self {
        Self {
            state,
            decided_at: Some(at),
            decided_by: by,
            decision_reason: Some(reason),
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}

/// Somebody says that two accounts are different customers.
#[derive(Clone, Debug)]
pub struct Dismiss {
    /// Which pair.
    pub id: AccountDuplicateId,
    /// Why.
    pub reason: String,
    /// The version that the caller has seen.
    pub expected_version: Option<i64>,
}

/// Which pairs a list shows.
#[derive(Clone, Debug, Default)]
pub struct PairFilter {
    /// In one of these states.
    pub states: Vec<State>,
    /// With one of these verdicts.
    pub verdicts: Vec<MatchVerdict>,
    /// With this account.
    pub account_id: Option<AccountId>,
}

/// What a list of pairs is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairOrder {
    /// By how sure the matcher is.
    Score,
    /// By when they were found.
    Found,
}

/// A pair that a person decided, as both accounts were then: what the matcher is measured by.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// The pair.
    pub id: AccountDuplicateId,
    /// Whether they are the same customer.
    pub same: bool,
    /// One account.
    pub first: Profile,
    /// The other one.
    pub second: Profile,
}
