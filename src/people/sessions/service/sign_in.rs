//! Signing in.

use entity::value::UserState;

use super::{open, with_tokens};
use crate::{
    kernel::code::Code,
    people::{
        second_factors,
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
/// `INVALID_CREDENTIALS`; `SECOND_FACTOR_CODE_REQUIRED`, `INVALID_CODE`; `RateLimited`.
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
    let enrolled = second_factors::is_enrolled(call.db().pool(), found.user.id).await?;
    let opening = Box::pin(call.once(async |txn| {
        let user = still(users::hold_credentials(txn, found.user.id).await?, &found)?;
        let code = command.code.as_deref().filter(|_| enrolled);
        if let Some(code) = code
            && !second_factors::check(txn, &call, user.id, code).await?
        {
            return Err(second_factors::invalid_code());
        }
        if let Some(new) = &rehashed {
            users::replace_password(txn, user.id, &found.password_hash, new).await?;
        }
        attempt.remember_place(txn, &call).await?;
        let opened = open(txn, &call, user, command.device).await?;
        second_factors::prove(txn, &call, opened.session_id, code.is_some()).await?;
        Ok(opened)
    }));
    let opened = match (enrolled, &command.code) {
        (false, _) => opening.await?,
        (true, Some(_)) => throttle::guarded(&call, Guess::SecondFactor, &found.user.id.to_string(), opening).await?,
        (true, None) => {
            let message = "Send a code of your second factor, or one of your recovery codes, with the same input.";
            return Err(AppError::invalid("code", Code::SecondFactorCodeRequired, message));
        }
    };
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
