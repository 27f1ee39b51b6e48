//! Use cases of sessions.

use entity::value::{SessionId, TypedId, UserState};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Opened, RETRY_SECONDS, SignIn},
    store,
};
use crate::{
    kernel::{code::Code, event::DomainEvent},
    people::users::{self, model::User},
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
    },
};

/// Opens a session for a person, in the transaction of the use case that lets them in.
///
/// # Errors
/// Those of the database.
pub async fn open(txn: &DatabaseTransaction, call: &Call, user: User, device: Option<String>) -> AppResult<Opened> {
    let session_id = store::insert(txn, call, user.id, device).await?;
    store::insert_token(txn, session_id, 1, &refresh_secret(call, session_id, 1), call.now()).await?;
    record(txn, call, session_id, &user, "opened").await?;
    if let Some(partner_id) = user.partner_id {
        events::publish(txn, call, DomainEvent::SignedIn { partner_id, user_id: user.id }).await?;
    }
    with_tokens(
        call,
        Opened { user, session_id, generation: 1, access_token: String::new(), refresh_token: String::new() },
    )
}

/// Signs a person in. An unknown address, a wrong password and a deactivated user are answered alike, after the
/// same work.
///
/// # Errors
/// `INVALID_CREDENTIALS`.
pub async fn sign_in(call: Call, command: SignIn) -> AppResult<Opened> {
    let found = users::find_by_address(call.db().pool(), &command.email_key).await?;
    let hash = found.as_ref().map(|credentials| credentials.password_hash.clone());
    let matches = call.services.passwords.verify(command.password, hash).await?;
    let user = found.map(|credentials| credentials.user).filter(|user| matches && user.state == UserState::Active);
    let Some(user) = user else {
        let message = "The address and password do not match a user who may sign in.";
        return Err(AppError::refused(Code::InvalidCredentials, message));
    };
    let opened = call.once(async |txn| open(txn, &call, user, command.device).await).await?;
    with_tokens(&call, opened)
}

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
            let call_as_system = Call::system(std::sync::Arc::clone(&call.services), &call.request_id);
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

/// Ends the caller's session.
///
/// # Errors
/// `Unauthenticated` for nobody.
pub async fn sign_out(call: Call, (): ()) -> AppResult<()> {
    let signed_in = call.caller.signed_in().cloned().ok_or(AppError::Unauthenticated)?;
    call.once(async |txn| {
        if store::end(txn, signed_in.session_id, "SIGNED_OUT", call.now()).await?
            && let Some(user) = users::find(&call, signed_in.user_id).await?
        {
            record(txn, &call, signed_in.session_id, &user, "ended: signed out").await?;
        }
        Ok(())
    })
    .await
}

fn refresh_secret(call: &Call, session_id: SessionId, generation: i64) -> String {
    call.services.tokens.secret_for("refresh", session_id.uuid(), generation)
}

/// Tokens are made when they are shown; nothing that is kept holds them.
pub fn with_tokens(call: &Call, opened: Opened) -> AppResult<Opened> {
    Ok(Opened {
        access_token: call.services.tokens.sign(opened.user.id, opened.session_id, call.now())?,
        refresh_token: refresh_secret(call, opened.session_id, opened.generation),
        ..opened
    })
}

async fn record(txn: &DatabaseTransaction, call: &Call, id: SessionId, user: &User, what: &str) -> AppResult<()> {
    let after = serde_json::json!({ "user": user.id, "session": what });
    let change = audit::Change {
        action: Action::UseSession,
        object_id: id.to_string(),
        partner_id: user.partner_id,
        before: None::<&()>,
        after: Some(&after),
    };
    audit::record(txn, call, change).await
}
