//! SQL of sessions and their refresh tokens.

use entity::{
    refresh_token, session,
    value::{SessionId, Timestamp, UserId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::model::{ABSOLUTE_DAYS, KeptToken, Session};
use crate::platform::{auth::tokens, call::Call, db::dialect, error::AppResult};

impl From<session::Model> for Session {
    fn from(row: session::Model) -> Self {
        let session::Model { id, user_id, device: _, created_at: _, last_used_at, expires_at, ended_at, end_reason: _ } =
            row;
        Self { id, user_id, last_used_at, expires_at, ended_at }
    }
}

/// Inserts a session.
pub async fn insert(
    db: &impl ConnectionTrait,
    call: &Call,
    user_id: UserId,
    device: Option<String>,
) -> AppResult<SessionId> {
    let id = call.new_id();
    let row = session::ActiveModel {
        id: Set(id),
        user_id: Set(user_id),
        device: Set(device),
        created_at: Set(call.now()),
        last_used_at: Set(call.now()),
        expires_at: Set(call.now().plus_days(ABSOLUTE_DAYS)),
        ended_at: Set(None),
        end_reason: Set(None),
    };
    session::Entity::insert(row).exec_without_returning(db).await?;
    Ok(id)
}

/// Keeps the hash of a refresh token.
pub async fn insert_token(
    db: &impl ConnectionTrait,
    session_id: SessionId,
    generation: i64,
    secret: &str,
    now: Timestamp,
) -> AppResult<()> {
    let row = refresh_token::ActiveModel {
        token_hash: Set(tokens::hash_of(secret)),
        session_id: Set(session_id),
        generation: Set(generation),
        issued_at: Set(now),
        spent_at: Set(None),
    };
    refresh_token::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// The refresh token behind a secret.
pub async fn find_token(db: &impl ConnectionTrait, secret: &str) -> AppResult<Option<KeptToken>> {
    let row = refresh_token::Entity::find_by_id(tokens::hash_of(secret)).one(db).await?;
    Ok(row.map(|row| KeptToken { session_id: row.session_id, generation: row.generation, spent_at: row.spent_at }))
}

/// Marks a session's live refresh token as spent.
pub async fn spend_token(db: &impl ConnectionTrait, session_id: SessionId, now: Timestamp) -> AppResult<()> {
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::SpentAt, Expr::value(now))
        .filter(refresh_token::Column::SessionId.eq(session_id))
        .filter(refresh_token::Column::SpentAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// A session, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, id: SessionId) -> AppResult<Option<Session>> {
    Ok(dialect::for_update(db, session::Entity::find_by_id(id)).one(db).await?.map(Session::from))
}

/// Notes that a session was refreshed.
pub async fn touch(db: &impl ConnectionTrait, id: SessionId, now: Timestamp) -> AppResult<()> {
    session::Entity::update_many()
        .col_expr(session::Column::LastUsedAt, Expr::value(now))
        .filter(session::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends a session; false when it had ended already.
pub async fn end(db: &impl ConnectionTrait, id: SessionId, reason: &str, now: Timestamp) -> AppResult<bool> {
    let updated = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(now))
        .col_expr(session::Column::EndReason, Expr::value(reason))
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::EndedAt.is_null())
        .exec(db)
        .await?;
    spend_token(db, id, now).await?;
    Ok(updated.rows_affected == 1)
}
