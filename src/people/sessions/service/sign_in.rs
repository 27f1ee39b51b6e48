//! Signing in.

use entity::value::UserState;

use super::{open, with_tokens};
use crate::{
    kernel::code::Code,
    people::{
        sessions::model::{Opened, SignIn},
        throttle::{self, Guess},
        users::{self, model::Credentials},
    },
    platform::{
        auth::{passwords::Verdict, policy::Action},
        call::Call,
        error::{AppError, AppResult},
    },
};

/// Signs a person in. An unknown address, a wrong password and a deactivated user are answered alike, after the
/// same work; so is one who has to wait, before any work.
///
/// # Errors
/// `INVALID_CREDENTIALS`; `RateLimited`.
pub async fn sign_in(call: Call, command: SignIn) -> AppResult<Opened> {
    call.may(Action::UseSession)?;
    let attempt = throttle::attempt(&call, Guess::SignIn, Some(&command.email_key)).await?;
    let found = users::find_by_address(&call.reader(), &command.email_key).await?;
    let hash = found.as_ref().map(|credentials| credentials.password_hash.clone());
    let verdict = match call.services.passwords.verify(command.password.clone(), hash).await {
        Ok(verdict) => verdict,
        Err(too_many) => {
            attempt.not_made(&call).await?;
            return Err(too_many);
        }
    };
    let found = found.filter(|found| verdict != Verdict::Wrong && found.user.state == UserState::Active);
    let Some(found) = found else {
        attempt.failed(&call).await?;
        return Err(wrong());
    };
    attempt.succeeded(&call).await?;
    let rehashed = rehash(&call, verdict, command.password).await;
    let opened = call
        .once(async |txn| {
            let user = still(users::hold_credentials(txn, found.user.id).await?, &found)?;
            if let Some(new) = &rehashed {
                users::replace_password(txn, user.id, &found.password_hash, new).await?;
            }
            attempt.remember_place(txn, &call).await?;
            open(txn, &call, user, command.device).await
        })
        .await?;
    with_tokens(&call, opened)
}

fn wrong() -> AppError {
    AppError::refused(Code::InvalidCredentials, "The address and password do not match a user who may sign in.")
}

/// The person, if nothing changed since the password was checked. Another hash in between is checked anew: it may be of
/// the same password, or of another one, which opens nothing.
fn still(held: Option<Credentials>, checked: &Credentials) -> AppResult<users::model::User> {
    let held = held.filter(|held| held.user.state == UserState::Active).ok_or_else(wrong)?;
    if held.password_hash != checked.password_hash {
        return Err(AppError::overtaken("a password was hashed anew while it was used"));
    }
    Ok(held.user)
}

/// The hash at today's cost, when the kept one was made at less. Nobody is kept out because it cannot be made just now.
async fn rehash(call: &Call, verdict: Verdict, password: String) -> Option<String> {
    if verdict != (Verdict::Right { is_outdated: true }) {
        return None;
    }
    call.services.passwords.hash(password, call.services.ids.as_ref()).await.ok()
}
