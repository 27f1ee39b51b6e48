//! What always holds of activity and scores (`domain.md §7`).

use entity::value::PartnerId;
use futures::future::LocalBoxFuture;

use super::score;
use crate::platform::{
    call::Call,
    error::AppResult,
    invariants::{Check, Found, Invariant, invariants},
};

/// What statements show.
pub const INVARIANTS: &[Invariant] = invariants! {
    "a partner's stream has no event after its end":
        "activity_streams",
        "select [[s.partner_id]] as broken from activity_streams s
         where s.last_sequence < coalesce((select max(sequence) from activities a where a.partner_id = s.partner_id), 0)";
    "an activity's person belongs to its partner":
        "activities where user_id is not null",
        "select [[a.id]] as broken from activities a join users u on u.id = a.user_id
         where u.partner_id is null or u.partner_id <> a.partner_id";
};

/// What only the score's own rules show.
pub const REPLAYED: Invariant = Invariant {
    name: "replaying a partner's stream gives the totals that are kept, bit for bit",
    check: Check::Rule(replayed),
};

fn replayed(call: &Call) -> LocalBoxFuture<'_, AppResult<Found>> {
    Box::pin(async move {
        let mut found = Found::default();
        let mut after: Option<PartnerId> = None;
        while let Some(partner_id) = score::next_counted(call, after).await? {
            found.checked = found.checked.saturating_add(1);
            if !score::replays(call, partner_id).await? {
                found.broken.push(partner_id.to_string());
            }
            after = Some(partner_id);
        }
        Ok(found)
    })
}
