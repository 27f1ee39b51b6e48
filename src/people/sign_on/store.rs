//! SQL of single sign-on.

use entity::{
    sign_on_attempt, user_identity,
    value::{SignOnAttemptId, Timestamp, UserId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::model::{Attempt, KEPT_DAYS};
use crate::platform::{auth::tokens::hash_of, call::Call, error::AppResult};

impl From<sign_on_attempt::Model> for Attempt {
    fn from(row: sign_on_attempt::Model) -> Self {
        let sign_on_attempt::Model {
            id,
            state_hash: _,
            code_hash: _,
            return_to,
            created_at,
            returned_at,
            user_id,
            several_factors,
            completed_at: _,
            authenticated_at,
        } = row;
        let several_factors = several_factors.unwrap_or(false);
        Self { id, return_to, created_at, returned_at, user_id, several_factors, authenticated_at }
    }
}

/// Inserts an attempt under the hashes of its secrets, and forgets old ones.
pub async fn insert(
    db: &impl ConnectionTrait,
    call: &Call,
    id: SignOnAttemptId,
    (state, code): (&str, &str),
    return_to: String,
) -> AppResult<()> {
    sign_on_attempt::Entity::delete_many()
        .filter(sign_on_attempt::Column::CreatedAt.lt(call.now().plus_days(-KEPT_DAYS)))
        .exec(db)
        .await?;
    let row = sign_on_attempt::ActiveModel {
        id: Set(id),
        state_hash: Set(hash_of(state)),
        code_hash: Set(hash_of(code)),
        return_to: Set(return_to),
        created_at: Set(call.now()),
        returned_at: Set(None),
        user_id: Set(None),
        several_factors: Set(None),
        completed_at: Set(None),
        authenticated_at: Set(None),
    };
    sign_on_attempt::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// The attempt behind a state.
pub async fn find_by_state(db: &impl ConnectionTrait, state: &str) -> AppResult<Option<Attempt>> {
    let found = sign_on_attempt::Entity::find().filter(sign_on_attempt::Column::StateHash.eq(hash_of(state)));
    Ok(found.one(db).await?.map(Attempt::from))
}

/// Marks an attempt as back from the provider; false when it was already.
pub async fn mark_returned(db: &impl ConnectionTrait, id: SignOnAttemptId, now: Timestamp) -> AppResult<bool> {
    let updated = sign_on_attempt::Entity::update_many()
        .col_expr(sign_on_attempt::Column::ReturnedAt, Expr::value(now))
        .filter(sign_on_attempt::Column::Id.eq(id))
        .filter(sign_on_attempt::Column::ReturnedAt.is_null())
        .exec(db)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Notes who came back.
pub async fn identify(
    db: &impl ConnectionTrait,
    id: SignOnAttemptId,
    user_id: UserId,
    (several_factors, authenticated_at): (bool, Option<Timestamp>),
) -> AppResult<()> {
    sign_on_attempt::Entity::update_many()
        .col_expr(sign_on_attempt::Column::UserId, Expr::value(user_id))
        .col_expr(sign_on_attempt::Column::SeveralFactors, Expr::value(several_factors))
        .col_expr(sign_on_attempt::Column::AuthenticatedAt, Expr::value(authenticated_at))
        .filter(sign_on_attempt::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Uses the code of an attempt up, and returns it; none when there is no such code or it was used.
pub async fn complete(db: &impl ConnectionTrait, code: &str, now: Timestamp) -> AppResult<Option<Attempt>> {
    let updated = sign_on_attempt::Entity::update_many()
        .col_expr(sign_on_attempt::Column::CompletedAt, Expr::value(now))
        .filter(sign_on_attempt::Column::CodeHash.eq(hash_of(code)))
        .filter(sign_on_attempt::Column::UserId.is_not_null())
        .filter(sign_on_attempt::Column::CompletedAt.is_null())
        .exec_with_returning(db)
        .await?;
    Ok(updated.into_iter().next().map(Attempt::from))
}

/// Whose identity it is, if it is somebody's.
pub async fn find_user(db: &impl ConnectionTrait, issuer: &str, subject: &str) -> AppResult<Option<UserId>> {
    let found = user_identity::Entity::find_by_id((issuer.to_owned(), subject.to_owned())).one(db).await?;
    Ok(found.map(|row| row.user_id))
}

/// Notes that an identity is somebody's.
pub async fn link(
    db: &impl ConnectionTrait,
    (issuer, subject): (&str, &str),
    user_id: UserId,
    now: Timestamp,
) -> AppResult<()> {
    let row = user_identity::ActiveModel {
        issuer: Set(issuer.to_owned()),
        subject: Set(subject.to_owned()),
        user_id: Set(user_id),
        linked_at: Set(now),
        last_used_at: Set(now),
    };
    user_identity::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Notes that an identity was used.
pub async fn touch(db: &impl ConnectionTrait, issuer: &str, subject: &str, now: Timestamp) -> AppResult<()> {
    user_identity::Entity::update_many()
        .col_expr(user_identity::Column::LastUsedAt, Expr::value(now))
        .filter(user_identity::Column::Issuer.eq(issuer))
        .filter(user_identity::Column::Subject.eq(subject))
        .exec(db)
        .await?;
    Ok(())
}
