//! SQL of changes of address.

use chrono::TimeDelta;
use entity::{
    address_change,
    value::{AddressChangeId, Timestamp, UserId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::model::{AddressChange, VALID_HOURS, Wish};
use crate::{
    people::users::model::User,
    platform::{auth::tokens, call::Call, db::dialect, error::AppResult},
};

impl From<address_change::Model> for AddressChange {
    fn from(row: address_change::Model) -> Self {
        let address_change::Model {
            id,
            token_hash: _,
            user_id,
            email,
            email_key,
            old_email,
            created_at: _,
            expires_at,
            used_at,
            revoked_at,
        } = row;
        Self { id, user_id, email, email_key, old_email, expires_at, used_at, revoked_at }
    }
}

/// Takes somebody's wish back that still works.
pub async fn revoke(db: &impl ConnectionTrait, user_id: UserId, now: Timestamp) -> AppResult<()> {
    address_change::Entity::update_many()
        .col_expr(address_change::Column::RevokedAt, Expr::value(now))
        .filter(address_change::Column::UserId.eq(user_id))
        .filter(address_change::Column::UsedAt.is_null())
        .filter(address_change::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Keeps a wish under the hash of its secret.
pub async fn insert(
    db: &impl ConnectionTrait,
    call: &Call,
    (id, secret): (AddressChangeId, &str),
    user: &User,
    wish: Wish,
) -> AppResult<()> {
    let row = address_change::ActiveModel {
        id: Set(id),
        token_hash: Set(tokens::hash_of(secret)),
        user_id: Set(user.id),
        email: Set(wish.email),
        email_key: Set(wish.email_key),
        old_email: Set(user.email.clone()),
        created_at: Set(call.now()),
        expires_at: Set(call.now().plus(TimeDelta::hours(VALID_HOURS))),
        used_at: Set(None),
        revoked_at: Set(None),
    };
    address_change::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// A wish by its id, for the mails about it.
pub async fn find(db: &impl ConnectionTrait, id: AddressChangeId) -> AppResult<Option<AddressChange>> {
    Ok(address_change::Entity::find_by_id(id).one(db).await?.map(AddressChange::from))
}

/// The wish behind a secret, held until the transaction ends.
pub async fn find_by_secret_for_update(db: &impl ConnectionTrait, secret: &str) -> AppResult<Option<AddressChange>> {
    let found = address_change::Entity::find().filter(address_change::Column::TokenHash.eq(tokens::hash_of(secret)));
    Ok(dialect::for_update(db, found).one(db).await?.map(AddressChange::from))
}

/// Marks a wish as fulfilled.
pub async fn spend(db: &impl ConnectionTrait, id: AddressChangeId, now: Timestamp) -> AppResult<()> {
    address_change::Entity::update_many()
        .col_expr(address_change::Column::UsedAt, Expr::value(now))
        .filter(address_change::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets what was wished for before an instant.
pub async fn purge(db: &impl ConnectionTrait, before: Timestamp) -> AppResult<u64> {
    let old = address_change::Entity::delete_many().filter(address_change::Column::CreatedAt.lt(before)).exec(db);
    Ok(old.await?.rows_affected)
}
