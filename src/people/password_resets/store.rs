//! SQL of password resets.

use chrono::TimeDelta;
use entity::{
    partner, password_reset,
    value::{PartnerId, PartnerState, PasswordResetId, Timestamp, UserId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::model::{PasswordReset, VALID_MINUTES};
use crate::platform::{auth::tokens, call::Call, db::dialect, error::AppResult};

impl From<password_reset::Model> for PasswordReset {
    fn from(row: password_reset::Model) -> Self {
        let password_reset::Model {
            id,
            token_hash: _,
            email_key,
            user_id,
            created_at: _,
            expires_at,
            used_at,
            revoked_at,
        } = row;
        Self { id, email_key, user_id, expires_at, used_at, revoked_at }
    }
}

/// Takes the request of an address back that still works.
pub async fn revoke(db: &impl ConnectionTrait, email_key: &str, now: Timestamp) -> AppResult<()> {
    password_reset::Entity::update_many()
        .col_expr(password_reset::Column::RevokedAt, Expr::value(now))
        .filter(password_reset::Column::EmailKey.eq(email_key))
        .filter(password_reset::Column::UsedAt.is_null())
        .filter(password_reset::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Keeps a request under the hash of its secret; false when another for the same address came at the same time.
pub async fn insert(
    db: &impl ConnectionTrait,
    call: &Call,
    id: PasswordResetId,
    secret: &str,
    email_key: &str,
) -> AppResult<bool> {
    let row = password_reset::ActiveModel {
        id: Set(id),
        token_hash: Set(tokens::hash_of(secret)),
        email_key: Set(email_key.to_owned()),
        user_id: Set(None),
        created_at: Set(call.now()),
        expires_at: Set(call.now().plus(TimeDelta::minutes(VALID_MINUTES))),
        used_at: Set(None),
        revoked_at: Set(None),
    };
    let other = OnConflict::new().do_nothing().to_owned();
    Ok(password_reset::Entity::insert(row).on_conflict(other).exec_without_returning(db).await? > 0)
}

/// A request by its id, for the mail about it.
pub async fn find(db: &impl ConnectionTrait, id: PasswordResetId) -> AppResult<Option<PasswordReset>> {
    Ok(password_reset::Entity::find_by_id(id).one(db).await?.map(PasswordReset::from))
}

/// The request behind a secret, whatever became of it.
pub async fn find_by_secret(db: &impl ConnectionTrait, secret: &str) -> AppResult<Option<PasswordReset>> {
    let found = password_reset::Entity::find().filter(password_reset::Column::TokenHash.eq(tokens::hash_of(secret)));
    Ok(found.one(db).await?.map(PasswordReset::from))
}

/// The request behind a secret, held until the transaction ends.
pub async fn find_by_secret_for_update(db: &impl ConnectionTrait, secret: &str) -> AppResult<Option<PasswordReset>> {
    let found = password_reset::Entity::find().filter(password_reset::Column::TokenHash.eq(tokens::hash_of(secret)));
    Ok(dialect::for_update(db, found).one(db).await?.map(PasswordReset::from))
}

/// Binds a request to the person whom its mail goes to: whoever has the address later is somebody else.
pub async fn bind(db: &impl ConnectionTrait, id: PasswordResetId, user_id: UserId) -> AppResult<()> {
    password_reset::Entity::update_many()
        .col_expr(password_reset::Column::UserId, Expr::value(user_id))
        .filter(password_reset::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Marks a request as used.
pub async fn spend(db: &impl ConnectionTrait, id: PasswordResetId, now: Timestamp) -> AppResult<()> {
    password_reset::Entity::update_many()
        .col_expr(password_reset::Column::UsedAt, Expr::value(now))
        .filter(password_reset::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Whether a partner is one whose people have no access any more; staff belong to none.
pub async fn is_terminated(db: &impl ConnectionTrait, partner_id: Option<PartnerId>) -> AppResult<bool> {
    let Some(id) = partner_id else { return Ok(false) };
    let row = partner::Entity::find_by_id(id).one(db).await?;
    Ok(row.is_none_or(|row| row.state == PartnerState::Terminated))
}

/// Forgets what was asked for before an instant.
pub async fn purge(db: &impl ConnectionTrait, before: Timestamp) -> AppResult<u64> {
    let old = password_reset::Entity::delete_many().filter(password_reset::Column::CreatedAt.lt(before)).exec(db);
    Ok(old.await?.rows_affected)
}
