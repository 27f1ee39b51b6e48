//! Staying signed in.

use entity::value::UserState;
use sea_orm::DatabaseTransaction;

use super::{record, refresh_secret, with_tokens};
use crate::{
    kernel::code::Code,
    people::{
        sessions::{
            model::{EndReason, KeptToken, Opened, RETRY_SECONDS, Session},
            store,
        },
        users::{self, model::User},
    },
    platform::{
        auth::{Scope, policy::Action, remembered::Stale, tokens::hash_of},
        call::Call,
        error::{AppError, AppResult},
    },
};

/// Exchanges a refresh token for new tokens. A spent one ends the whole session, unless its successor is unused and
/// it was spent a moment ago: then the answer was lost, and is given again. That makes a retry harmless without an
/// idempotency key; a key kept for longer would answer a thief, too.
///
/// # Errors
/// `INVALID_TOKEN`, whatever is wrong with it.
pub async fn refresh(call: Call, secret: String) -> AppResult<Opened> {
    call.may(Action::UseSession)?;
    // A refusal would roll back what it has to leave behind: the end of a stolen session.
    let outcome = call.in_transaction(async |txn| exchange(txn, &call, &secret).await).await?;
    let opened = outcome.ok_or_else(|| {
        AppError::invalid(
            "refreshToken",
            Code::InvalidToken,
            "This refresh token does not work any more. Sign in again.",
        )
    })?;
    with_tokens(&call, opened)
}

async fn exchange(txn: &DatabaseTransaction, call: &Call, secret: &str) -> AppResult<Option<Opened>> {
    let now = call.now();
    let Some(token) = store::find_token(txn, secret).await? else { return Ok(None) };
    let Some(session) = store::find_for_update(txn, token.session_id).await? else { return Ok(None) };
    // Read again behind the lock: two refreshes at once take turns here.
    let Some(token) = store::find_token(txn, secret).await? else { return Ok(None) };
    if !session.is_live(now) {
        return Ok(None);
    }
    // Whoever holds the token is the session's person: no scope.
    let user = users::find_in(txn, Scope::Everything, session.user_id).await?;
    let Some(user) = user.filter(|user| user.state == UserState::Active) else { return Ok(None) };
    let generation = token.generation.saturating_add(1);
    let next = refresh_secret(call, session.id, generation);
    if token.spent_at.is_none() {
        store::spend_token(txn, session.id, now).await?;
        store::insert_token(txn, session.id, generation, &next, now).await?;
        store::touch(txn, call, session.id).await?;
    } else if !is_lost_answer(txn, call, &token, &next).await? {
        end_stolen(txn, call, &session, &user).await?;
        return Ok(None);
    }
    Ok(Some(Opened {
        user,
        session_id: session.id,
        generation,
        access_token: String::new(),
        refresh_token: String::new(),
    }))
}

/// Whether a spent token is presented because the answer to it was lost: a moment ago, and its successor is unused.
async fn is_lost_answer(txn: &DatabaseTransaction, call: &Call, token: &KeptToken, next: &str) -> AppResult<bool> {
    let Some(spent_at) = token.spent_at else { return Ok(false) };
    let generation = token.generation.saturating_add(1);
    let Some(successor) = store::find_generation(txn, token.session_id, generation).await? else { return Ok(false) };
    if successor.spent_at.is_some() || call.now().since(spent_at).num_seconds() > RETRY_SECONDS {
        return Ok(false);
    }
    if successor.hash != hash_of(next) {
        store::replace_unused(txn, token.session_id, generation, next).await?;
    }
    Ok(true)
}

/// Somebody else has the token too, and nobody can tell who is who: nobody keeps the session.
async fn end_stolen(txn: &DatabaseTransaction, call: &Call, session: &Session, user: &User) -> AppResult<()> {
    call.forget(Stale::Session(session.id));
    let reason = EndReason::RefreshTokenReused;
    store::end(txn, session.id, reason, call.now()).await?;
    tracing::warn!(session_id = %session.id, "a spent refresh token was used: its session has ended");
    record(txn, call, Action::ReuseRefreshToken, session.id, user, reason.word()).await
}
