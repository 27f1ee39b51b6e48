//! Two accounts that are to be one customer, and what of them cannot be: what areas tell each other before a merge.

use async_graphql::Enum;
use entity::value::{AccountId, AccountMergeId, ProductLineId, RegistrationId};

/// Two accounts that are to be one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Union {
    /// The one that stays.
    pub survivor_id: AccountId,
    /// The one that is merged into it.
    pub merged_id: AccountId,
}

/// Which way things move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The accounts become one: from the merged one to the other.
    Merged,
    /// They become two again: back, as far as things are still where the merge has put them.
    Undone,
}

/// A merge that is being made, or undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merging {
    /// Which of the two.
    pub direction: Direction,
    /// Its record: what moves is noted there.
    pub merge_id: AccountMergeId,
    /// Of which accounts.
    pub union: Union,
}

/// Why two accounts cannot be one as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(name = "AccountMergeConflictKind")]
pub enum ClashKind {
    /// Both have a protection in force on the same product line: only one registration may hold it.
    BothProtected,
    /// One partner has an open registration on both with the same product line: it may have only one.
    ClaimedTwice,
    /// Both are reserved, as a whole or on the same product line, and for others.
    ReservedDifferently,
    /// One is further up in the hierarchy of the other, or the hierarchy would get too deep.
    Hierarchy,
    /// Together they would have more names, domains, registry ids or references than an account may have.
    TooMuch,
}

/// Something of which one account may have only one, and the two would have two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// What it is.
    pub kind: ClashKind,
    /// The product line that it is about.
    pub product_line_id: Option<ProductLineId>,
    /// The registrations that it is between.
    pub registration_ids: Vec<RegistrationId>,
    /// What to do about it, in a sentence for staff.
    pub sentence: String,
}

/// What an area has that hangs on the account that is merged, and what stands against it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many deal registrations follow.
    pub registrations: i64,
    /// How many of them are open.
    pub open_registrations: i64,
    /// How many of them are protected.
    pub protected_registrations: i64,
    /// How many of them were won.
    pub won_deals: i64,
    /// What stands against it.
    pub clashes: Vec<Clash>,
}
