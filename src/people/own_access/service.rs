//! Use cases of one's own access.

use entity::value::{MailKind, TypedId, UserId};
use serde_json::json;

use super::model::{ChangePassword, Changed, Proof};
use crate::{
    kernel::code::Code,
    people::{
        second_factors,
        sessions::{self, model::EndReason, password},
        throttle::{self, Guess},
        users::{self, model::Credentials},
    },
    platform::{
        audit,
        auth::{SignedIn, passwords::Verdict, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        idempotency, mail,
    },
};

/// Chooses another password. Every other session ends; this one counts as proven just now.
///
/// # Errors
/// `INVALID_CREDENTIALS`, `WEAK_PASSWORD` and the like; `RateLimited`.
pub async fn change_password(call: Call, command: ChangePassword) -> AppResult<Changed> {
    call.may(Action::ManageOwnAccess)?;
    let signed_in = own(&call)?.clone();
    // The present password is another one by the time of a retry: what was answered comes first.
    if let Some(answered) = idempotency::answered(&call).await? {
        return Ok(answered);
    }
    let held = credentials(&call, signed_in.user_id).await?;
    let ChangePassword { current, new } = command;
    let words = [held.user.email.as_str(), held.user.name.as_str()];
    let new = password::choose(new, "newPassword", &words)?;
    if new == current {
        let message = "This is the password that you have. Choose another one.";
        return Err(AppError::invalid("newPassword", Code::WeakPassword, message));
    }
    Box::pin(prove_password(&call, &held, current, "currentPassword")).await?;
    let hash = call.services.passwords.hash(new, call.services.ids.as_ref()).await?;
    let changing = call.once(async |txn| {
        if !users::replace_password(txn, held.user.id, &held.password_hash, &hash).await? {
            return Err(AppError::overtaken("a password was changed while it was changed"));
        }
        let sessions_ended = sessions::end_all_of(
            txn,
            &call,
            Action::ManageOwnAccess,
            &held.user,
            Some(signed_in.session_id),
            EndReason::PasswordChanged,
        )
        .await?;
        let after = json!({ "password": "changed", "sessionsEnded": sessions_ended });
        let change = audit::Change {
            action: Action::ManageOwnAccess,
            object_id: held.user.id.to_string(),
            partner_id: held.user.partner_id,
            before: None::<&()>,
            after: Some(&after),
        };
        audit::record(txn, &call, change).await?;
        mail::queue(txn, &call, MailKind::PasswordChanged, held.user.id.uuid()).await?;
        Ok(Changed { user: held.user.clone(), sessions_ended })
    });
    Box::pin(changing).await
}

/// Proves once more who the caller is: by a code, or by the password of who has no second factor.
///
/// # Errors
/// `SECOND_FACTOR_CODE_REQUIRED`, `INVALID_CODE`, `INVALID_CREDENTIALS`; `RateLimited`.
pub async fn step_up(call: Call, proof: Proof) -> AppResult<bool> {
    call.may(Action::ManageOwnAccess)?;
    let SignedIn { user_id, session_id, .. } = own(&call)?.clone();
    let enrolled = second_factors::is_enrolled(call.db().pool(), user_id).await?;
    let proven = async |by_code: Option<&str>| {
        call.once(async |txn| {
            if let Some(code) = by_code
                && !second_factors::check(txn, &call, user_id, code).await?
            {
                return Err(second_factors::invalid_code());
            }
            second_factors::prove(txn, &call, session_id, by_code.is_some()).await?;
            let after = json!({ "proven": if by_code.is_some() { "code" } else { "password" } });
            let change = audit::Change {
                action: Action::ManageOwnAccess,
                object_id: user_id.to_string(),
                partner_id: call.partner_id(),
                before: None::<&()>,
                after: Some(&after),
            };
            audit::record(txn, &call, change).await?;
            Ok(true)
        })
        .await
    };
    match proof {
        Proof::Code(code) => {
            let account = user_id.to_string();
            throttle::guarded(&call, Guess::SecondFactor, &account, Box::pin(proven(Some(&code)))).await
        }
        Proof::Password(_) if enrolled => {
            let message = "You have a second factor: send a code of it.";
            Err(AppError::invalid("code", Code::SecondFactorCodeRequired, message))
        }
        Proof::Password(password) => {
            let held = credentials(&call, user_id).await?;
            Box::pin(prove_password(&call, &held, password, "password")).await?;
            Box::pin(proven(None)).await
        }
    }
}

async fn credentials(call: &Call, id: UserId) -> AppResult<Credentials> {
    let held = call.in_transaction(async |txn| users::hold_credentials(txn, id).await).await?;
    held.ok_or(AppError::Unauthenticated)
}

async fn prove_password(call: &Call, held: &Credentials, password: String, field: &str) -> AppResult<()> {
    let work = async {
        match call.services.passwords.verify(password, Some(held.password_hash.clone())).await? {
            Verdict::Right { .. } => Ok(()),
            Verdict::Wrong => Err(AppError::invalid(field, Code::InvalidCredentials, "This is not your password.")),
        }
    };
    throttle::guarded(call, Guess::CurrentPassword, &held.user.id.to_string(), work).await
}

fn own(call: &Call) -> AppResult<&SignedIn> {
    call.caller.signed_in().ok_or(AppError::Unauthenticated)
}
