//! The words of the policy of accounts.

use serde::{Deserialize, Serialize};

use crate::platform::policies::Policy;

/// The policy of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AccountPolicy {
    /// Within how many days a merge can be undone.
    pub merge_undo_days: i64,
    /// How many levels a hierarchy of accounts has at most, the topmost account's among them.
    pub hierarchy_levels: i64,
}

impl Default for AccountPolicy {
    fn default() -> Self {
        Self { merge_undo_days: 30, hierarchy_levels: 10 }
    }
}

impl Policy for AccountPolicy {
    const KIND: &'static str = "accounts";
}

/// The policy is changed; what is absent stays.
#[derive(Clone, Debug)]
pub struct SetPolicy {
    /// Within how many days a merge can be undone.
    pub merge_undo_days: Option<i64>,
    /// How many levels a hierarchy has at most.
    pub hierarchy_levels: Option<i64>,
    /// The version that the caller has seen.
    pub expected_version: Option<i32>,
}
