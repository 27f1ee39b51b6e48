//! What always holds of training (`domain.md §6`).

use crate::platform::invariants::{Invariant, invariants};

/// All of it.
pub const INVARIANTS: &[Invariant] = invariants! {
    "a completion counts for the company that its person belongs to":
        "training_completions",
        "select [[c.id]] as broken from training_completions c join users u on u.id = c.user_id
         where u.partner_id is null or u.partner_id <> c.partner_id";
    "a completion has passed exactly when its score reached the course's mark":
        "training_completions",
        "select [[c.id]] as broken from training_completions c join courses k on k.id = c.course_id
         where c.is_passed <> (c.score_bp >= k.pass_mark_bp)";
};
