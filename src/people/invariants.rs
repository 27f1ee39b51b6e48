//! What always holds of people and sessions (`domain.md §1`).

use futures::future::LocalBoxFuture;

use crate::platform::{
    audit::verify,
    call::Call,
    error::AppResult,
    invariants::{Check, Found, Invariant, invariants},
};

/// All of it.
pub const INVARIANTS: &[Invariant] = invariants! {
    "a session has at most one refresh token that still works":
        "sessions",
        "select [[session_id]] as broken from refresh_tokens where spent_at is null group by session_id having count(*) > 1";
    "a deactivated person has no live session":
        "users where state = 'DEACTIVATED'",
        "select [[s.id]] as broken from sessions s join users u on u.id = s.user_id
         where u.state = 'DEACTIVATED' and s.ended_at is null";
    "passwords are kept as argon2id hashes":
        "users",
        "select [[id]] as broken from users where erased_at is null and password_hash not like '$argon2id$%'";
    "secrets of tokens are kept as hashes of 32 bytes":
        "refresh_tokens",
        "select [[session_id]] as broken from refresh_tokens where length(token_hash) <> 32
         union all select [[id]] as broken from invitations where length(token_hash) <> 32";
    "every person has a role, of staff or of a partner and never of both":
        "users where erased_at is null",
        "select [[id]] as broken from users where erased_at is null and (roles = ''
            or (partner_id is null) <> (' ' || roles || ' ' like '% ADMIN %' or ' ' || roles || ' ' like '% CHANNEL_%'
                or ' ' || roles || ' ' like '% FINANCE %' or ' ' || roles || ' ' like '% DIRECT_SALES %'
                or ' ' || roles || ' ' like '% EXECUTIVE %'))";
    "versions begin at one":
        "users",
        "select [[id]] as broken from users where version < 1";
    "an idempotency key has one outcome":
        "idempotency_keys",
        "select caller || ' ' || key as broken from idempotency_keys group by caller, key having count(*) > 1";
    "an audit event says who did it":
        "audit_events",
        "select [[id]] as broken from audit_events where (actor_kind = 'USER') <> (actor_user_id is not null)";
};

/// What only walking the chains of audit events shows.
pub const CHAINED: Invariant =
    Invariant { name: "each audit event follows from the one before it", check: Check::Rule(chained) };

fn chained(call: &Call) -> LocalBoxFuture<'_, AppResult<Found>> {
    Box::pin(async move {
        let verified = verify::verify(call.db(), &verify::Anchors::new(), &mut |_, _| {}).await?;
        let broken = verified.tampered.iter().map(|bad| format!("{} {}", bad.chain, bad.sequence)).collect();
        Ok(Found { checked: verified.events, broken })
    })
}
