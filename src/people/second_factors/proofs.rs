//! How lately, and how well, somebody proved in their session that it is them.

use entity::value::{SessionId, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{PROOF_MINUTES, SecurityPolicy},
    store,
};
use crate::{
    kernel::code::Code,
    platform::{
        auth::Caller,
        call::Call,
        error::{AppError, AppResult},
        policies,
    },
};

/// Notes that somebody proved just now that it is them, and whether by a second factor.
///
/// # Errors
/// Those of the database.
pub async fn prove(
    txn: &DatabaseTransaction,
    call: &Call,
    session_id: SessionId,
    second_factor: bool,
) -> AppResult<()> {
    store::prove(txn, session_id, call.now(), second_factor).await
}

/// Notes that somebody proved at an instant that it is them, elsewhere, and whether in more than one way.
///
/// # Errors
/// Those of the database.
pub async fn prove_at(
    txn: &DatabaseTransaction,
    session_id: SessionId,
    at: Timestamp,
    second_factor: bool,
) -> AppResult<()> {
    store::prove(txn, session_id, at, second_factor).await
}

/// Refuses what may only be done by somebody who proved lately that it is them: by signing in, or by `stepUp`.
///
/// # Errors
/// `STEP_UP_REQUIRED`.
pub async fn expect_lately_proven(db: &impl ConnectionTrait, call: &Call) -> AppResult<()> {
    let Caller::User(user) = &call.caller else { return Ok(()) };
    let proof = store::proof(db, user.session_id).await?;
    let lately = proof.is_some_and(|(at, _)| call.now().since(at).num_seconds() <= PROOF_MINUTES * 60);
    if lately {
        return Ok(());
    }
    let message = "Prove once more that it is you, with stepUp, and do this within ten minutes.";
    Err(AppError::refused(Code::StepUpRequired, message))
}

/// Refuses what approves or pays money to people whose role asks for a second factor, in a session without one.
///
/// # Errors
/// `SECOND_FACTOR_REQUIRED`.
pub async fn expect_second_factor(db: &impl ConnectionTrait, call: &Call) -> AppResult<()> {
    let Caller::User(user) = &call.caller else { return Ok(()) };
    let policy = policies::in_force::<SecurityPolicy>(db, call.now()).await?.policy;
    if !user.roles.iter().any(|role| policy.second_factor_roles.contains(&role)) {
        return Ok(());
    }
    if store::proof(db, user.session_id).await?.is_some_and(|(_, second_factor)| second_factor) {
        return Ok(());
    }
    let message = "Your role asks for a second factor. Set one up with beginTotpEnrolment, or sign in with its code.";
    Err(AppError::refused(Code::SecondFactorRequired, message))
}
