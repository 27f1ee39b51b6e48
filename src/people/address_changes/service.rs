//! Use cases of changes of address.

use entity::value::{AddressChangeId, MailKind, Timestamp, TypedId, UserState};
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::{
    model::{AddressChange, Wish},
    store,
};
use crate::{
    kernel::code::Code,
    people::{
        password_resets,
        second_factors::expect_lately_proven,
        throttle::{self, Guess},
        users::{self, model::User},
    },
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        db::Db,
        error::{AppError, AppResult},
        graphql::parse,
        mail,
    },
};

/// Wishes are forgotten after so many days.
const KEPT_DAYS: i64 = 8;

/// The secret of a wish: derived when the mail is written, so that no queue holds it.
#[must_use]
pub fn secret(call: &Call, id: AddressChangeId) -> String {
    call.services.tokens.secret_for("address change", id.uuid(), 0)
}

/// Asks for another address. Whether it belongs to somebody already is not looked at: only its mailbox is told.
///
/// # Errors
/// `STEP_UP_REQUIRED`; `NOT_ALLOWED` for the address that the caller has; `RateLimited`.
pub async fn request(call: Call, wish: Wish) -> AppResult<()> {
    const ACTION: Action = Action::ManageOwnAccess;
    call.may(ACTION)?;
    let user_id = call.caller.signed_in().ok_or(AppError::Unauthenticated)?.user_id;
    expect_lately_proven(call.db().pool(), &call).await?;
    // Each wish counts, none is right: nobody sends mails to strangers from here.
    let _counted = throttle::attempt(&call, Guess::ResetRequest, Some(&user_id.to_string())).await?;
    call.once(async |txn| {
        expect_lately_proven(txn, &call).await?;
        let held = users::hold_credentials(txn, user_id).await?.ok_or(AppError::Unauthenticated)?;
        if parse::email(&held.user.email, "email")?.1 == wish.email_key {
            return Err(AppError::invalid("email", Code::NotAllowed, "This is your address already."));
        }
        let id: AddressChangeId = call.new_id();
        store::revoke(txn, user_id, call.now()).await?;
        store::insert(txn, &call, (id, &secret(&call, id)), &held.user, wish.clone()).await?;
        mail::queue(txn, &call, MailKind::AddressChange, id.uuid()).await?;
        let change = audit::Change {
            action: ACTION,
            object_id: user_id.to_string(),
            partner_id: held.user.partner_id,
            before: None::<&()>,
            after: Some(&json!({ "email": "another one was asked for" })),
        };
        audit::record(txn, &call, change).await
    })
    .await
}

/// Makes the new address the person's own, by the token from the link. A notice tells the old one, and links for a new
/// password that were mailed there stop working.
///
/// # Errors
/// `INVALID_TOKEN` whatever is wrong with it; `ADDRESS_TAKEN`; `RateLimited`.
pub async fn confirm(call: Call, token: String) -> AppResult<()> {
    call.may(Action::ConfirmAddress)?;
    let attempt = throttle::attempt(&call, Guess::ResetToken, None).await?;
    let done = call.once(async |txn| replace(txn, &call, &token).await).await;
    match &done {
        Ok(()) => attempt.succeeded(&call).await?,
        Err(AppError::Refused(_)) => attempt.failed(&call).await?,
        Err(_) => {}
    }
    done
}

async fn replace(txn: &DatabaseTransaction, call: &Call, token: &str) -> AppResult<()> {
    let change = store::find_by_secret_for_update(txn, token).await?.filter(|change| change.is_open(call.now()));
    let change = change.ok_or_else(unknown)?;
    let before = holder(txn, &change).await?.ok_or_else(unknown)?;
    let after = User { email: change.email.clone(), version: before.version.saturating_add(1), ..before.clone() };
    store::spend(txn, change.id, call.now()).await?;
    users::change_address(txn, &before, &after, &change.email_key).await?;
    let (_, old_key) = parse::email(&before.email, "email")?;
    password_resets::take_back(txn, &old_key, call.now()).await?;
    mail::queue(txn, call, MailKind::AddressChanged, change.id.uuid()).await?;
    let change = audit::Change {
        action: Action::ConfirmAddress,
        object_id: after.id.to_string(),
        partner_id: after.partner_id,
        before: Some(&before),
        after: Some(&after),
    };
    audit::record(txn, call, change).await
}

/// The person, if they still may sign in and still have the address that they had.
async fn holder(txn: &DatabaseTransaction, change: &AddressChange) -> AppResult<Option<User>> {
    let found = users::hold_credentials(txn, change.user_id).await?.map(|found| found.user);
    let Some(user) = found.filter(|user| user.state == UserState::Active && user.email == change.old_email) else {
        return Ok(None);
    };
    let is_terminated = password_resets::is_terminated(txn, user.partner_id).await?;
    Ok(if is_terminated { None } else { Some(user) })
}

/// Forgets wishes that are long over.
///
/// # Errors
/// Those of the database.
pub async fn purge(db: &Db, now: Timestamp) -> AppResult<u64> {
    store::purge(db.pool(), now.plus_days(-KEPT_DAYS)).await
}

fn unknown() -> AppError {
    AppError::invalid("token", Code::InvalidToken, "This link is unknown, used or expired. Ask for a new one.")
}
