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
         union all select [[id]] as broken from invitations where length(token_hash) <> 32
         union all select [[id]] as broken from password_resets where length(token_hash) <> 32
         union all select [[id]] as broken from address_changes where length(token_hash) <> 32
         union all select [[id]] as broken from sign_on_attempts where length(state_hash) <> 32 or length(code_hash) <> 32";
    "secrets of API clients are kept as hashes of 32 bytes, under the hint that people know them by":
        "api_client_secrets",
        "select [[id]] as broken from api_client_secrets where length(secret_hash) <> 32 or length(hint) > 12";
    "an API client has at most two secrets that were not revoked":
        "api_clients",
        "select [[client_id]] as broken from api_client_secrets where revoked_at is null group by client_id having count(*) > 2";
    "whoever made an API client, or answers for it, belongs to its company or is staff":
        "api_clients",
        "select [[c.id]] as broken from api_clients c join users u on u.id = c.created_by join users r on r.id = c.responsible_id
         where (u.partner_id is not null and (c.partner_id is null or c.partner_id <> u.partner_id))
            or (r.partner_id is not null and (c.partner_id is null or c.partner_id <> r.partner_id))";
    "a person has at most one second factor of a kind":
        "second_factors",
        "select [[user_id]] as broken from second_factors group by user_id, kind having count(*) > 1";
    "recovery codes are kept as hashes of 32 bytes, and belong to people with a second factor":
        "recovery_codes",
        "select [[user_id]] as broken from recovery_codes where length(code_hash) <> 32
            or user_id not in (select user_id from second_factors where confirmed_at is not null)";
    "a session was proven when it was open":
        "session_proofs",
        "select [[p.session_id]] as broken from session_proofs p left join sessions s on s.id = p.session_id
         where s.id is null or (s.ended_at is not null and p.proven_at > s.ended_at)";
    "an invitation ends in one way":
        "invitations",
        "select [[id]] as broken from invitations where accepted_at is not null and revoked_at is not null";
    "a mail that waits is about something that is there":
        "outbound_mails",
        "select [[id]] as broken from outbound_mails where state = 'QUEUED' and (
            (kind = 'INVITATION' and object_id not in (select id from invitations))
            or (kind in ('PASSWORD_CHANGED', 'SECOND_FACTOR_REMOVED') and object_id not in (select id from users)))";
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
