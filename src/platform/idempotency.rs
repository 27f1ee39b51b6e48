//! A retry does nothing twice: the caller's key and the answer are kept in the transaction of the change.
//!
//! The same key with the same input is answered from what was kept; with another input it is refused. A refusal
//! changed nothing, so it is kept in a transaction of its own after the roll-back.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{idempotency_key, value::Timestamp};
use sea_orm::{
    ActiveValue::Set,
    Condition, ConnectionTrait as _, DatabaseTransaction, EntityTrait, QueryFilter as _, Statement,
    sea_query::{Expr, ExprTrait as _, LikeExpr, OnConflict},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    auth::Caller,
    call::Call,
    db::Db,
    error::{AppError, AppResult, Problem},
};
use crate::kernel::code::Code;

/// How long a key is kept: longer than anybody retries.
pub const KEPT_HOURS: i64 = 48;

/// How many keys one statement forgets, so that none holds the writer's place for long.
const AT_ONCE: i64 = 1000;

/// The idempotency key of one mutation.
#[derive(Clone, Debug)]
pub struct Key {
    /// What the caller chose.
    pub key: String,
    /// The mutation's name.
    pub operation: &'static str,
    /// A keyed hash over the input.
    pub input_hash: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Outcome<T> {
    Done(T),
    Refused(Vec<Problem>),
}

/// Claims the call's key in this transaction, or returns what was answered to it before. A second call with the
/// same key waits here until the first one has ended.
///
/// # Errors
/// The refusal that was answered before; `IDEMPOTENCY_KEY_REUSED` for another input; those of the database.
pub async fn find_or_claim<T: DeserializeOwned>(txn: &DatabaseTransaction, call: &Call) -> AppResult<Option<T>> {
    let Some(key) = &call.key else { return Ok(None) };
    if claim(txn, call, key, None).await? {
        return Ok(None);
    }
    let caller = owner(call, key);
    let kept = idempotency_key::Entity::find_by_id((caller, key.key.clone()))
        .one(txn)
        .await?
        .ok_or_else(|| AppError::internal("an idempotency key was taken and is not there"))?;
    if kept.operation != key.operation || kept.input_hash != key.input_hash {
        return Err(AppError::invalid(
            "idempotencyKey",
            Code::IdempotencyKeyReused,
            "This key was used before with another input. Use a new key for a new request.",
        ));
    }
    let outcome = kept.outcome.ok_or_else(|| AppError::internal("an idempotency key without an outcome"))?;
    match serde_json::from_str(&outcome)? {
        Outcome::Done(value) => Ok(Some(value)),
        Outcome::Refused(problems) => Err(AppError::Refused(problems)),
    }
}

/// What was done before under the call's key and for the same input: for use cases that look at what they change before
/// their transaction begins.
///
/// # Errors
/// Those of the database.
pub async fn answered<T: DeserializeOwned>(call: &Call) -> AppResult<Option<T>> {
    let Some(key) = &call.key else { return Ok(None) };
    let kept = idempotency_key::Entity::find_by_id((owner(call, key), key.key.clone())).one(call.db().pool()).await?;
    let kept = kept.filter(|kept| kept.operation == key.operation && kept.input_hash == key.input_hash);
    match kept.and_then(|kept| kept.outcome).map(|outcome| serde_json::from_str::<Outcome<T>>(&outcome)).transpose()? {
        Some(Outcome::Done(value)) => Ok(Some(value)),
        Some(Outcome::Refused(_)) | None => Ok(None),
    }
}

/// Whose key it is. Callers who are nobody in particular share nothing but their input: a stranger who guesses a key
/// neither blocks another's request nor reads its answer.
fn owner(call: &Call, key: &Key) -> String {
    match call.caller {
        Caller::Anonymous => format!("{}_{}", call.caller.key(), URL_SAFE_NO_PAD.encode(&key.input_hash)),
        Caller::User(_) | Caller::Client(_) | Caller::System => call.caller.key(),
    }
}

async fn claim(txn: &DatabaseTransaction, call: &Call, key: &Key, outcome: Option<String>) -> AppResult<bool> {
    let row = idempotency_key::ActiveModel {
        caller: Set(owner(call, key)),
        key: Set(key.key.clone()),
        operation: Set(key.operation.to_owned()),
        input_hash: Set(key.input_hash.clone()),
        outcome: Set(outcome),
        created_at: Set(call.now()),
    };
    let taken =
        OnConflict::columns([idempotency_key::Column::Caller, idempotency_key::Column::Key]).do_nothing().to_owned();
    let inserted = idempotency_key::Entity::insert(row).on_conflict(taken).exec_without_returning(txn).await?;
    Ok(inserted > 0)
}

/// Keeps the answer in the transaction of the change.
///
/// # Errors
/// Those of the database.
pub async fn keep<T: Serialize>(txn: &DatabaseTransaction, call: &Call, value: &T) -> AppResult<()> {
    let Some(key) = &call.key else { return Ok(()) };
    let row = idempotency_key::ActiveModel {
        caller: Set(owner(call, key)),
        key: Set(key.key.clone()),
        outcome: Set(Some(serde_json::to_string(&Outcome::Done(value))?)),
        ..Default::default()
    };
    idempotency_key::Entity::update(row).exec(txn).await?;
    Ok(())
}

/// Keeps a refusal, which was rolled back with everything else, so that a retry is refused alike.
///
/// # Errors
/// Those of the database.
pub async fn keep_refusal(call: &Call, problems: &[Problem]) -> AppResult<()> {
    let Some(key) = &call.key else { return Ok(()) };
    if problems.iter().any(|problem| problem.code == Code::IdempotencyKeyReused) {
        return Ok(());
    }
    let outcome = serde_json::to_string(&Outcome::<()>::Refused(problems.to_vec()))?;
    let txn = call.db().begin().await?;
    claim(&txn, call, key, Some(outcome)).await?;
    txn.commit().await?;
    Ok(())
}

/// Forgets keys that nobody retries any more. Those of the product itself stay: an import that was interrupted knows by
/// them what it has done, however long ago.
///
/// # Errors
/// Those of the database.
pub async fn purge(db: &Db, now: Timestamp) -> AppResult<u64> {
    let sql = "delete from idempotency_keys where (caller, key) in (
            select caller, key from idempotency_keys where created_at < $1 and caller <> $2 order by created_at limit $3
        )";
    let before = now.plus(chrono::TimeDelta::hours(-KEPT_HOURS));
    let mut forgotten = 0;
    loop {
        let values = [before.into(), Caller::System.key().into(), AT_ONCE.into()];
        let statement = Statement::from_sql_and_values(db.pool().get_database_backend(), sql, values);
        let deleted = db.pool().execute_raw(statement).await?.rows_affected();
        forgotten += deleted;
        if deleted < AT_ONCE.unsigned_abs() {
            return Ok(forgotten);
        }
    }
}

/// Replaces every kept answer in which this text is a value by a refusal: the key is still used, and a retry does
/// nothing.
///
/// # Errors
/// Those of the database.
pub async fn forget(txn: &DatabaseTransaction, text: &str) -> AppResult<()> {
    let AppError::Refused(problems) = AppError::invalid(
        "idempotencyKey",
        Code::NotFound,
        "This was answered before. The answer was erased with the personal data in it.",
    ) else {
        return Ok(());
    };
    let outcome = serde_json::to_string(&Outcome::<()>::Refused(problems))?;
    let value = serde_json::to_string(text)?;
    let like = |value: &str| {
        let escaped = value.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        LikeExpr::new(format!("%{escaped}%")).escape('\\')
    };
    // The databases differ in which letters they know the lower case of.
    let holds = Condition::any()
        .add(Expr::col(idempotency_key::Column::Outcome).like(like(&value)))
        .add(Expr::cust("lower(outcome)").like(like(&value.to_lowercase())));
    idempotency_key::Entity::update_many()
        .col_expr(idempotency_key::Column::Outcome, Expr::value(outcome))
        .filter(holds)
        .exec(txn)
        .await?;
    Ok(())
}
