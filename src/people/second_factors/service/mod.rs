//! Use cases of second factors.

mod reset;

use entity::value::{SecondFactorKind, TypedId, UserId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use uuid::Uuid;

use super::{
    model::{Begun, Codes, Factor, Given, SecurityPolicy, SetPolicy},
    proofs::{expect_lately_proven, prove},
    store, totp,
};
use crate::{
    kernel::code::Code,
    people::{
        throttle::{self, Guess},
        users::{self, model::User},
    },
    platform::{
        audit,
        auth::{SignedIn, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        policies::{self, InForce, Policy as _},
    },
};

pub use reset::reset;

/// Whether a person signs in with a second factor.
///
/// # Errors
/// Those of the database.
pub async fn is_enrolled(db: &impl ConnectionTrait, user_id: UserId) -> AppResult<bool> {
    Ok(!store::list(db, user_id).await?.is_empty())
}

/// What is said of a code that is wrong, whatever is wrong with it.
#[must_use]
pub fn invalid_code() -> AppError {
    AppError::invalid(
        "code",
        Code::InvalidCode,
        "This code is wrong, used before, or of another moment. Try the next one.",
    )
}

/// Uses the code that a person gives, once; false when it is none of theirs.
///
/// # Errors
/// Those of the database.
pub async fn check(txn: &DatabaseTransaction, call: &Call, user_id: UserId, code: &str) -> AppResult<bool> {
    match Given::parse(code) {
        Given::Digits(digits) => match store::hold_totp(txn, user_id).await? {
            Some(factor) if factor.confirmed_at.is_some() => use_digits(txn, call, &factor, &digits).await,
            _ => Ok(false),
        },
        Given::Recovery(code) => {
            let used = store::use_code(txn, user_id, &code_hash(call, user_id, &code), call.now()).await?;
            if used {
                let left = store::codes_left(txn, user_id).await?;
                tracing::warn!(user_id = %user_id, left, "a recovery code was used in the place of a second factor");
            }
            Ok(used)
        }
    }
}

async fn use_digits(txn: &DatabaseTransaction, call: &Call, factor: &Factor, digits: &str) -> AppResult<bool> {
    match totp::step_of(call, factor.id, digits, call.now())? {
        Some(step) => store::use_step(txn, factor.id, step).await,
        None => Ok(false),
    }
}

fn code_hash(call: &Call, user_id: UserId, code: &str) -> Vec<u8> {
    call.services.tokens.keyed_hash("recovery", &[user_id.uuid().as_bytes().as_slice(), code.as_bytes()].concat())
}

/// The caller's factors that are set up, and how many recovery codes they have left.
///
/// # Errors
/// `Unauthenticated`; those of the database.
pub async fn own_factors(call: &Call) -> AppResult<(Vec<Factor>, u64)> {
    call.may(Action::ManageOwnAccess)?;
    let user_id = own(call)?.user_id;
    let db = call.db().pool();
    Ok((store::list(db, user_id).await?, store::codes_left(db, user_id).await?))
}

/// Begins to set up an authenticator app. One that was begun before and never used is forgotten.
///
/// # Errors
/// `STEP_UP_REQUIRED`; `WRONG_STATE` when there is one already.
pub async fn begin(call: Call, (): ()) -> AppResult<Begun> {
    call.may(Action::ManageOwnAccess)?;
    let user_id = own(&call)?.user_id;
    let begun = call
        .once(async |txn| {
            expect_lately_proven(txn, &call).await?;
            let user = held(txn, user_id).await?;
            if let Some(before) = store::hold_totp(txn, user_id).await? {
                if before.confirmed_at.is_some() {
                    let message = "You have an authenticator app already. Remove it first.";
                    return Err(AppError::refused(Code::WrongState, message));
                }
                store::delete(txn, before.id).await?;
            }
            let factor = Factor {
                id: call.new_id(),
                user_id,
                kind: SecondFactorKind::Totp,
                created_at: call.now(),
                confirmed_at: None,
            };
            store::insert(txn, factor).await?;
            record(txn, &call, Action::ManageOwnAccess, &user, None::<&Factor>, Some(&factor)).await?;
            Ok(Begun { factor, email: user.email, secret: String::new(), url: String::new() })
        })
        .await?;
    let (secret, url) = totp::shown(&call, begun.factor.id, &begun.email)?;
    Ok(Begun { secret, url, ..begun })
}

/// Finishes setting up an authenticator app, by its first code. The session counts as opened by it.
///
/// # Errors
/// `INVALID_CODE`; `WRONG_STATE` when none was begun; `RateLimited`.
pub async fn confirm(call: Call, code: String) -> AppResult<Codes> {
    call.may(Action::ManageOwnAccess)?;
    let signed_in = own(&call)?.clone();
    let work = Box::pin(call.once(async |txn| {
        let user = held(txn, signed_in.user_id).await?;
        let before = store::hold_totp(txn, user.id).await?.filter(|factor| factor.confirmed_at.is_none());
        let before = before.ok_or_else(|| {
            AppError::refused(Code::WrongState, "No authenticator app is being set up. Begin with beginTotpEnrolment.")
        })?;
        let Given::Digits(digits) = Given::parse(&code) else { return Err(invalid_code()) };
        if !use_digits(txn, &call, &before, &digits).await? {
            return Err(invalid_code());
        }
        store::confirm(txn, before.id, call.now()).await?;
        prove(txn, &call, signed_in.session_id, true).await?;
        let factor = Factor { confirmed_at: Some(call.now()), ..before };
        record(txn, &call, Action::ManageOwnAccess, &user, Some(&before), Some(&factor)).await?;
        new_codes(txn, &call, factor).await
    }));
    let made = throttle::guarded(&call, Guess::SecondFactor, &signed_in.user_id.to_string(), work).await?;
    Ok(shown(&call, made))
}

/// Makes new recovery codes; those before stop working.
///
/// # Errors
/// `STEP_UP_REQUIRED`; `WRONG_STATE` without a second factor.
pub async fn regenerate(call: Call, (): ()) -> AppResult<Codes> {
    call.may(Action::ManageOwnAccess)?;
    let user_id = own(&call)?.user_id;
    let made = call
        .once(async |txn| {
            expect_lately_proven(txn, &call).await?;
            let (user, factor) = (held(txn, user_id).await?, set_up(txn, user_id).await?);
            record(
                txn,
                &call,
                Action::ManageOwnAccess,
                &user,
                None::<&Factor>,
                Some(&serde_json::json!({ "recoveryCodes": "new" })),
            )
            .await?;
            new_codes(txn, &call, factor).await
        })
        .await?;
    Ok(shown(&call, made))
}

/// Removes the caller's second factor, and their recovery codes with it.
///
/// # Errors
/// `STEP_UP_REQUIRED`; `WRONG_STATE` without one.
pub async fn remove(call: Call, (): ()) -> AppResult<Factor> {
    call.may(Action::ManageOwnAccess)?;
    let user_id = own(&call)?.user_id;
    call.once(async |txn| {
        expect_lately_proven(txn, &call).await?;
        let (user, factor) = (held(txn, user_id).await?, set_up(txn, user_id).await?);
        store::delete(txn, factor.id).await?;
        store::replace_codes(txn, user_id, Vec::new(), call.now()).await?;
        store::forget_proofs(txn, user_id).await?;
        record(txn, &call, Action::ManageOwnAccess, &user, Some(&factor), None::<&Factor>).await?;
        Ok(factor)
    })
    .await
}

/// The rules of sign-in.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn policy(call: &Call) -> AppResult<InForce<SecurityPolicy>> {
    call.may(Action::ManageSecurityPolicy)?;
    policies::in_force(call.db().pool(), call.now()).await
}

/// Changes the rules of sign-in, from now on.
///
/// # Errors
/// `STEP_UP_REQUIRED`; `VERSION_CONFLICT`.
pub async fn set_policy(call: Call, command: SetPolicy) -> AppResult<InForce<SecurityPolicy>> {
    call.may(Action::ManageSecurityPolicy)?;
    call.once(async |txn| {
        expect_lately_proven(txn, &call).await?;
        let before = policies::in_force::<SecurityPolicy>(txn, call.now()).await?;
        if command.expected_version.is_some_and(|expected| expected != before.version) {
            return Err(AppError::version_conflict(i64::from(before.version)));
        }
        let policy = SecurityPolicy { second_factor_roles: command.second_factor_roles.clone() };
        let after = InForce { version: before.version.saturating_add(1), policy };
        let document = serde_json::to_string(&after.policy)?;
        store::keep_policy(txn, SecurityPolicy::KIND, after.version, document, call.now()).await?;
        let change = audit::Change {
            action: Action::ManageSecurityPolicy,
            object_id: SecurityPolicy::KIND.to_owned(),
            partner_id: None,
            before: Some(&before),
            after: Some(&after),
        };
        audit::record(txn, &call, change).await?;
        Ok(after)
    })
    .await
}

async fn new_codes(txn: &DatabaseTransaction, call: &Call, factor: Factor) -> AppResult<Codes> {
    let set: Uuid = call.services.ids.new_uuid();
    let given = |code: &String| match Given::parse(code) {
        Given::Digits(text) | Given::Recovery(text) => text,
    };
    let codes = totp::recovery_codes(call, set);
    let hashes = codes.iter().map(|code| code_hash(call, factor.user_id, &given(code))).collect();
    store::replace_codes(txn, factor.user_id, hashes, call.now()).await?;
    Ok(Codes { factor, set, codes: Vec::new() })
}

fn shown(call: &Call, made: Codes) -> Codes {
    Codes { codes: totp::recovery_codes(call, made.set), ..made }
}

async fn set_up(txn: &DatabaseTransaction, user_id: UserId) -> AppResult<Factor> {
    let factor = store::hold_totp(txn, user_id).await?.filter(|factor| factor.confirmed_at.is_some());
    factor.ok_or_else(|| AppError::refused(Code::WrongState, "You have no second factor."))
}

/// The person, held: whatever changes their access takes turns.
async fn held(txn: &DatabaseTransaction, user_id: UserId) -> AppResult<User> {
    let held = users::hold_credentials(txn, user_id).await?;
    held.map(|held| held.user).ok_or(AppError::Unauthenticated)
}

fn own(call: &Call) -> AppResult<&SignedIn> {
    call.caller.signed_in().ok_or(AppError::Unauthenticated)
}

async fn record<B: Serialize, A: Serialize>(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    user: &User,
    before: Option<&B>,
    after: Option<&A>,
) -> AppResult<()> {
    let change = audit::Change { action, object_id: user.id.to_string(), partner_id: user.partner_id, before, after };
    audit::record(txn, call, change).await
}
