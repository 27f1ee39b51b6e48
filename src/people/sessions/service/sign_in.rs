//! Signing in.

use entity::value::UserState;

use super::{open, with_tokens};
use crate::{
    kernel::code::Code,
    people::{
        sessions::model::{Opened, SignIn},
        users,
    },
    platform::{
        call::Call,
        error::{AppError, AppResult},
    },
};

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
