//! A second factor that somebody lost is removed by an administrator.

use entity::value::{MailKind, TypedId};

use super::{expect_lately_proven, record};
use crate::{
    kernel::code::Code,
    people::{
        second_factors::{
            model::{Factor, Reset},
            store,
        },
        sessions::{self, model::EndReason},
        users::{self, model::User},
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        mail,
    },
};

/// Removes the second factor of a person whom the caller administers, and their recovery codes with it. All their
/// sessions end, and a mail tells them.
///
/// # Errors
/// `STEP_UP_REQUIRED`; `NOT_FOUND`, `VERSION_CONFLICT`; `NOT_ALLOWED` for one's own; `WRONG_STATE` without one.
pub async fn reset(call: Call, command: Reset) -> AppResult<User> {
    const ACTION: Action = Action::ChangeUser;
    call.may(ACTION)?;
    call.once(async |txn| {
        let held = users::hold_by(txn, &call, ACTION, command.user_id, command.expected_version).await?;
        expect_lately_proven(txn, &call).await?;
        let user = held.user;
        if call.user_id() == Some(user.id) {
            let message = "Remove your own with removeSecondFactor, by a code of it or a recovery code.";
            return Err(AppError::invalid("userId", Code::NotAllowed, message));
        }
        let factor = store::hold_totp(txn, user.id).await?.filter(|factor| factor.confirmed_at.is_some());
        let factor =
            factor.ok_or_else(|| AppError::invalid("userId", Code::WrongState, "This person has no second factor."))?;
        store::delete(txn, factor.id).await?;
        store::replace_codes(txn, user.id, Vec::new(), call.now()).await?;
        record(txn, &call, ACTION, &user, Some(&factor), None::<&Factor>).await?;
        sessions::end_all_of(txn, &call, ACTION, &user, None, EndReason::SecondFactorRemoved).await?;
        mail::queue(txn, &call, MailKind::SecondFactorRemoved, user.id.uuid()).await?;
        Ok(user)
    })
    .await
}
