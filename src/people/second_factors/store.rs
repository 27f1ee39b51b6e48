//! SQL of second factors, recovery codes and proofs.

use entity::{
    policy_document, recovery_code, second_factor, session, session_proof,
    value::{SecondFactorId, SecondFactorKind, SessionId, Timestamp, UserId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};

use super::model::Factor;
use crate::platform::{
    db::{Unique, dialect},
    error::{AppError, AppResult},
};

/// Two who change a policy at once do not both make the next version.
const ONE_DOCUMENT_PER_VERSION: Unique =
    Unique { name: "one_document_per_policy_version", columns: "policy_documents.kind, policy_documents.version" };

impl From<second_factor::Model> for Factor {
    fn from(row: second_factor::Model) -> Self {
        let second_factor::Model { id, user_id, kind, created_at, confirmed_at, last_step: _ } = row;
        Self { id, user_id, kind, created_at, confirmed_at }
    }
}

/// The authenticator app of a person, set up or not, held until the transaction ends.
pub async fn hold_totp(db: &impl ConnectionTrait, user_id: UserId) -> AppResult<Option<Factor>> {
    let found = second_factor::Entity::find()
        .filter(second_factor::Column::UserId.eq(user_id))
        .filter(second_factor::Column::Kind.eq(SecondFactorKind::Totp));
    Ok(dialect::for_update(db, found).one(db).await?.map(Factor::from))
}

/// The factors of a person that are set up.
pub async fn list(db: &impl ConnectionTrait, user_id: UserId) -> AppResult<Vec<Factor>> {
    let found = second_factor::Entity::find()
        .filter(second_factor::Column::UserId.eq(user_id))
        .filter(second_factor::Column::ConfirmedAt.is_not_null());
    Ok(found.all(db).await?.into_iter().map(Factor::from).collect())
}

/// Inserts a factor that is not set up yet.
pub async fn insert(db: &impl ConnectionTrait, factor: Factor) -> AppResult<()> {
    let row = second_factor::ActiveModel {
        id: Set(factor.id),
        user_id: Set(factor.user_id),
        kind: Set(factor.kind),
        created_at: Set(factor.created_at),
        confirmed_at: Set(factor.confirmed_at),
        last_step: Set(None),
    };
    second_factor::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// A factor is set up.
pub async fn confirm(db: &impl ConnectionTrait, id: SecondFactorId, now: Timestamp) -> AppResult<()> {
    second_factor::Entity::update_many()
        .col_expr(second_factor::Column::ConfirmedAt, Expr::value(now))
        .filter(second_factor::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Uses the code of a step; false when that one, or a later one, was used before.
pub async fn use_step(db: &impl ConnectionTrait, id: SecondFactorId, step: i64) -> AppResult<bool> {
    let unused =
        Condition::any().add(second_factor::Column::LastStep.is_null()).add(second_factor::Column::LastStep.lt(step));
    let updated = second_factor::Entity::update_many()
        .col_expr(second_factor::Column::LastStep, Expr::value(step))
        .filter(second_factor::Column::Id.eq(id))
        .filter(unused)
        .exec(db)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Removes a factor.
pub async fn delete(db: &impl ConnectionTrait, id: SecondFactorId) -> AppResult<()> {
    second_factor::Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Replaces the recovery codes of a person.
pub async fn replace_codes(
    db: &impl ConnectionTrait,
    user_id: UserId,
    hashes: Vec<Vec<u8>>,
    now: Timestamp,
) -> AppResult<()> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::UserId.eq(user_id)).exec(db).await?;
    let rows = hashes.into_iter().map(|hash| recovery_code::ActiveModel {
        code_hash: Set(hash),
        user_id: Set(user_id),
        created_at: Set(now),
        used_at: Set(None),
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        recovery_code::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Uses a recovery code; false when there is none such, or when it was used before.
pub async fn use_code(db: &impl ConnectionTrait, user_id: UserId, hash: &[u8], now: Timestamp) -> AppResult<bool> {
    let updated = recovery_code::Entity::update_many()
        .col_expr(recovery_code::Column::UsedAt, Expr::value(now))
        .filter(recovery_code::Column::CodeHash.eq(hash))
        .filter(recovery_code::Column::UserId.eq(user_id))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(db)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// How many recovery codes a person has left.
pub async fn codes_left(db: &impl ConnectionTrait, user_id: UserId) -> AppResult<u64> {
    let unused = recovery_code::Entity::find()
        .filter(recovery_code::Column::UserId.eq(user_id))
        .filter(recovery_code::Column::UsedAt.is_null());
    Ok(unused.count(db).await?)
}

/// When somebody proved in a session that it is them, and whether by a second factor; none for no session.
pub async fn proof(db: &impl ConnectionTrait, id: SessionId) -> AppResult<Option<(Timestamp, bool)>> {
    let Some(session) = session::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let proof = session_proof::Entity::find_by_id(id).one(db).await?;
    Ok(Some(proof.map_or((session.created_at, false), |proof| (proof.proven_at, proof.second_factor))))
}

/// Notes that somebody proved in a session that it is them.
pub async fn prove(db: &impl ConnectionTrait, id: SessionId, now: Timestamp, second_factor: bool) -> AppResult<()> {
    let row =
        session_proof::ActiveModel { session_id: Set(id), proven_at: Set(now), second_factor: Set(second_factor) };
    let again = OnConflict::column(session_proof::Column::SessionId)
        .update_columns([session_proof::Column::ProvenAt, session_proof::Column::SecondFactor])
        .to_owned();
    session_proof::Entity::insert(row).on_conflict(again).exec_without_returning(db).await?;
    Ok(())
}

/// No session of a person was opened by a second factor any more: it is gone.
pub async fn forget_proofs(db: &impl ConnectionTrait, user_id: UserId) -> AppResult<()> {
    let sessions = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::UserId.eq(user_id))
        .into_query();
    session_proof::Entity::update_many()
        .col_expr(session_proof::Column::SecondFactor, Expr::value(false))
        .filter(session_proof::Column::SessionId.in_subquery(sessions))
        .exec(db)
        .await?;
    Ok(())
}

/// Keeps the next version of a policy, in force from now on.
pub async fn keep_policy(
    db: &impl ConnectionTrait,
    kind: &str,
    version: i32,
    document: String,
    now: Timestamp,
) -> AppResult<()> {
    let row = policy_document::ActiveModel {
        kind: Set(kind.to_owned()),
        version: Set(version),
        effective_at: Set(now),
        document: Set(document),
    };
    let kept = policy_document::Entity::insert(row).exec_without_returning(db).await.map_err(AppError::from);
    kept.map(drop).map_err(|error| {
        error.on_violation(&ONE_DOCUMENT_PER_VERSION, || AppError::version_conflict(i64::from(version)))
    })
}
