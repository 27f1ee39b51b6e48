//! What always holds of the index by which accounts are recognised (`domain.md §3`).

use crate::platform::invariants::{Invariant, invariants};

/// All of it.
pub const INVARIANTS: &[Invariant] = invariants! {
    "an account that was not merged into another is in the index of the matcher":
        "accounts where merged_into_id is null",
        "select [[a.id]] as broken from accounts a left join account_match_subjects s on s.account_id = a.id
         where a.merged_into_id is null and s.account_id is null";
    "a key of the index leads to an account that is in it":
        "account_match_keys",
        "select [[k.account_id]] as broken from account_match_keys k
         left join account_match_subjects s on s.account_id = k.account_id where s.account_id is null";
};
