//! Staying signed in.

use std::sync::Arc;

use entity::value::UserState;

use super::{record, refresh_secret, with_tokens};
use crate::{
    kernel::code::Code,
    people::{
        sessions::{
            model::{Opened, RETRY_SECONDS},
            store,
        },
        users,
    },
    platform::{
        call::Call,
        error::{AppError, AppResult},
    },
};

/// Exchanges a refresh token for new tokens. A spent one ends the whole session, unless its successor is unused and
/// it was spent a moment ago: then the answer was lost, and is given again.
///
/// # Errors
/// `INVALID_TOKEN`, whatever is wrong with it.
pub async fn refresh(call: Call, secret: String) -> AppResult<Opened> {
    let stolen = || {
        AppError::invalid(
            "refreshToken",
            Code::InvalidToken,
            "This refresh token does not work any more. Sign in again.",
        )
    };
    let outcome = call
        .once(async |txn| {
            let now = call.now();
            let Some(token) = store::find_token(txn, &secret).await? else { return Ok(None) };
            let Some(session) = store::find_for_update(txn, token.session_id).await? else { return Ok(None) };
            // Read again behind the lock: two refreshes at once take turns here.
            let Some(token) = store::find_token(txn, &secret).await? else { return Ok(None) };
            if !session.is_live(now) {
                return Ok(None);
            }
            let call_as_system = Call::system(Arc::clone(&call.services), &call.origin.request_id);
            let user = users::find(&call_as_system, session.user_id).await?;
            let Some(user) = user.filter(|user| user.state == UserState::Active) else { return Ok(None) };
            let next = token.generation.saturating_add(1);
            let next_secret = refresh_secret(&call, session.id, next);
            match token.spent_at {
                None => {
                    store::spend_token(txn, session.id, now).await?;
                    store::insert_token(txn, session.id, next, &next_secret, now).await?;
                    store::touch(txn, session.id, now).await?;
                }
                Some(spent_at) => {
                    let successor_unused =
                        store::find_token(txn, &next_secret).await?.is_some_and(|next| next.spent_at.is_none());
                    if !successor_unused || now.since(spent_at).num_seconds() > RETRY_SECONDS {
                        store::end(txn, session.id, "REFRESH_TOKEN_REUSED", now).await?;
                        record(txn, &call, session.id, &user, "ended: a spent refresh token was used").await?;
                        return Ok(None);
                    }
                }
            }
            Ok(Some(Opened {
                user,
                session_id: session.id,
                generation: next,
                access_token: String::new(),
                refresh_token: String::new(),
            }))
        })
        .await?;
    with_tokens(&call, outcome.ok_or_else(stolen)?)
}
