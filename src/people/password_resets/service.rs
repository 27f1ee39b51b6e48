//! Use cases of password resets.

use entity::value::{MailKind, PasswordResetId, Timestamp, TypedId, UserState};
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::{
    model::{Choose, PasswordReset, Request},
    store,
};
use crate::{
    kernel::code::Code,
    people::{
        sessions::{self, model::EndReason, password},
        throttle::{self, Guess},
        users::{self, model::Credentials},
    },
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        db::Db,
        error::{AppError, AppResult},
        mail,
    },
};

/// Requests are forgotten after so many days.
const KEPT_DAYS: i64 = 2;

/// The secret of a request: derived when the mail is written, so that no queue holds it.
#[must_use]
pub fn secret(call: &Call, id: PasswordResetId) -> String {
    call.services.tokens.secret_for("password reset", id.uuid(), 0)
}

/// Asks for a link to choose a new password. The same rows are written for every address.
///
/// # Errors
/// `RateLimited`, whether the address belongs to somebody or not.
pub async fn request(call: Call, command: Request) -> AppResult<()> {
    const ACTION: Action = Action::ResetPassword;
    call.may(ACTION)?;
    let Request { email_key } = command;
    // Each request counts, none is right.
    let _counted = throttle::attempt(&call, Guess::ResetRequest, Some(&email_key)).await?;
    call.once(async |txn| {
        let id: PasswordResetId = call.new_id();
        store::revoke(txn, &email_key, call.now()).await?;
        if store::insert(txn, &call, id, &secret(&call, id), &email_key).await? {
            mail::queue(txn, &call, MailKind::PasswordReset, id.uuid()).await?;
            // Whose address it is was not looked at, so the event does not say it.
            let change = audit::Change {
                action: ACTION,
                object_id: id.to_string(),
                partner_id: None,
                before: None::<&()>,
                after: Some(&json!({ "password": "a link was asked for" })),
            };
            audit::record(txn, &call, change).await?;
        }
        Ok(())
    })
    .await
}

/// Chooses a new password. All sessions of the person end, and a mail tells them.
///
/// # Errors
/// `INVALID_TOKEN` whatever is wrong with it; `WEAK_PASSWORD`; `RateLimited`.
pub async fn choose(call: Call, command: Choose) -> AppResult<()> {
    call.may(Action::ResetPassword)?;
    let attempt = throttle::attempt(&call, Guess::ResetToken, None).await?;
    // Who guesses makes the server hash nothing.
    let Some(found) = store::find_by_secret(call.db().pool(), &command.token).await? else {
        attempt.failed(&call).await?;
        return Err(unknown());
    };
    let own_words = match users::find_by_address(call.db().pool(), &found.email_key).await? {
        Some(found) => vec![found.user.name, found.user.email],
        None => Vec::new(),
    };
    let own_words: Vec<&str> = own_words.iter().map(String::as_str).collect();
    let password = match password::choose(command.password, "password", &own_words) {
        Ok(password) => password,
        Err(refused) => {
            attempt.not_made(&call).await?;
            return Err(refused);
        }
    };
    let services = &call.services;
    let hash = services.passwords.hash(password, services.ids.as_ref()).await?;
    let done = call.once(async |txn| replace(txn, &call, &command.token, &hash).await).await;
    match &done {
        Ok(()) => attempt.succeeded(&call).await?,
        Err(AppError::Refused(_)) => attempt.failed(&call).await?,
        Err(_) => {}
    }
    done
}

async fn replace(txn: &DatabaseTransaction, call: &Call, token: &str, hash: &str) -> AppResult<()> {
    const ACTION: Action = Action::ResetPassword;
    let reset = store::find_by_secret_for_update(txn, token).await?.filter(|reset| reset.is_open(call.now()));
    let reset = reset.ok_or_else(unknown)?;
    let Credentials { user, password_hash, .. } = holder(txn, &reset).await?.ok_or_else(unknown)?;
    store::spend(txn, reset.id, call.now()).await?;
    if !users::replace_password(txn, user.id, &password_hash, hash).await? {
        return Err(AppError::internal("a password changed behind its lock"));
    }
    sessions::end_all_of(txn, call, ACTION, &user, None, EndReason::PasswordChanged).await?;
    throttle::forget(txn, call, Guess::SignIn, &reset.email_key).await?;
    mail::queue(txn, call, MailKind::PasswordChanged, user.id.uuid()).await?;
    let change = audit::Change {
        action: ACTION,
        object_id: user.id.to_string(),
        partner_id: user.partner_id,
        before: None::<&()>,
        after: Some(&json!({ "password": "chosen anew" })),
    };
    audit::record(txn, call, change).await
}

/// The person whom the link was mailed to, if they still may have a password.
async fn holder(txn: &DatabaseTransaction, reset: &PasswordReset) -> AppResult<Option<Credentials>> {
    let Some(user_id) = reset.user_id else { return Ok(None) };
    let Some(found) = users::hold_credentials(txn, user_id).await? else { return Ok(None) };
    let gone = found.user.state != UserState::Active || store::is_terminated(txn, found.user.partner_id).await?;
    Ok(if gone { None } else { Some(found) })
}

/// Takes a link back that still works: the address that it was mailed to is somebody's no more.
///
/// # Errors
/// Those of the database.
pub async fn take_back(txn: &DatabaseTransaction, email_key: &str, now: Timestamp) -> AppResult<()> {
    store::revoke(txn, email_key, now).await
}

/// Forgets requests that are long over.
///
/// # Errors
/// Those of the database.
pub async fn purge(db: &Db, now: Timestamp) -> AppResult<u64> {
    store::purge(db.pool(), now.plus_days(-KEPT_DAYS)).await
}

fn unknown() -> AppError {
    AppError::invalid("token", Code::InvalidToken, "This link is unknown, used or expired. Ask for a new one.")
}
