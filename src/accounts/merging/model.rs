//! The words of merging.

use entity::value::{AccountId, AccountMergeId, AccountMoveKind, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::{
    accounts::accounts::model::Account,
    kernel::{
        code::Code,
        merging::{Clash, Union},
    },
    platform::error::{AppError, AppResult},
};

/// A merge of two accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    /// Its id.
    pub id: AccountMergeId,
    /// The account that stayed.
    pub survivor_id: AccountId,
    /// The account that was merged into it.
    pub merged_id: AccountId,
    /// Why.
    pub reason: String,
    /// The version of the policy that it was made under.
    pub policy_version: i32,
    /// When.
    pub merged_at: Timestamp,
    /// By whom.
    pub merged_by: Option<UserId>,
    /// Until when it can be undone.
    pub undo_until: Timestamp,
    /// The account that stayed, as it was.
    pub survivor_before: Account,
    /// The account that stayed, as it was made.
    pub survivor_after: Account,
    /// The account that was merged, as it was.
    pub merged_before: Account,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
    /// By whom.
    pub undone_by: Option<UserId>,
    /// Why.
    pub undo_reason: Option<String>,
    /// Grows by one with each change.
    pub version: i64,
}

impl Merge {
    /// The two accounts.
    #[must_use]
    pub const fn union(&self) -> Union {
        Union { survivor_id: self.survivor_id, merged_id: self.merged_id }
    }

    /// Whether it can be undone at an instant, as far as it alone says.
    #[must_use]
    pub fn can_be_undone(&self, now: Timestamp) -> bool {
        self.undone_at.is_none() && now < self.undo_until
    }

    /// Nothing when it can be undone at an instant.
    ///
    /// # Errors
    /// `WRONG_STATE` or `MERGE_UNDO_CLOSED`.
    pub fn expect_undoable(&self, now: Timestamp) -> AppResult<()> {
        if self.undone_at.is_some() {
            return Err(AppError::refused(Code::WrongState, "This merge was undone already."));
        }
        if now >= self.undo_until {
            let sentence = format!(
                "This merge could be undone until {}. Create the account anew, and move what belongs to it.",
                self.undo_until
            );
            return Err(AppError::refused(Code::MergeUndoClosed, sentence));
        }
        Ok(())
    }
}

/// Two accounts are to be one.
#[derive(Clone, Debug)]
pub struct MergeAccounts {
    /// Which ones.
    pub union: Union,
    /// Why.
    pub reason: String,
    /// The version of the account that stays that the caller has seen.
    pub survivor_version: Option<i64>,
    /// The version of the other one that the caller has seen.
    pub merged_version: Option<i64>,
}

/// A merge is to be undone.
#[derive(Clone, Debug)]
pub struct Undo {
    /// Which one.
    pub id: AccountMergeId,
    /// Why.
    pub reason: String,
    /// The version that the caller has seen.
    pub expected_version: Option<i64>,
}

/// What a merge would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The account that would stay.
    pub survivor: Account,
    /// The one that would be merged into it.
    pub merged: Account,
    /// How many things of each kind would move.
    pub moves: Vec<(AccountMoveKind, i64)>,
    /// How many of the registrations are open.
    pub open_registrations: i64,
    /// How many of the registrations are protected.
    pub protected_registrations: i64,
    /// How many of the registrations were won.
    pub won_deals: i64,
    /// What stands against it.
    pub clashes: Vec<Clash>,
    /// Until when it could be undone, made now.
    pub undo_until: Timestamp,
}

/// Which merges a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct MergeFilter {
    /// Of this account, on either side.
    pub account_id: Option<AccountId>,
    /// Undone, or not.
    pub undone: Option<bool>,
}
