//! SQL of invitations.

use entity::{
    invitation, partner,
    value::{InvitationId, PartnerId, Timestamp},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::model::{Company, Invitation, NewInvitation, VALID_DAYS};
use crate::platform::{auth::tokens, call::Call, db::dialect, error::AppResult};

impl From<invitation::Model> for Invitation {
    fn from(row: invitation::Model) -> Self {
        let invitation::Model {
            id,
            token_hash: _,
            partner_id,
            email,
            name,
            roles,
            created_at: _,
            expires_at,
            accepted_at,
            revoked_at,
        } = row;
        Self { id, partner_id, email, name, roles, expires_at, accepted_at, revoked_at }
    }
}

/// Inserts an invitation under the hash of its secret.
pub async fn insert(
    db: &impl ConnectionTrait,
    call: &Call,
    id: InvitationId,
    secret: &str,
    new: NewInvitation,
) -> AppResult<Invitation> {
    let row = invitation::ActiveModel {
        id: Set(id),
        token_hash: Set(tokens::hash_of(secret)),
        partner_id: Set(new.partner_id),
        email: Set(new.email),
        name: Set(new.name),
        roles: Set(new.roles),
        created_at: Set(call.now()),
        expires_at: Set(call.now().plus_days(VALID_DAYS)),
        accepted_at: Set(None),
        revoked_at: Set(None),
    };
    Ok(invitation::Entity::insert(row).exec_with_returning(db).await?.into())
}

/// An invitation by its id, for the mail about it: no scope, the system asks.
pub async fn find(db: &impl ConnectionTrait, id: InvitationId) -> AppResult<Option<Invitation>> {
    Ok(invitation::Entity::find_by_id(id).one(db).await?.map(Invitation::from))
}

/// The company that an invitation is to.
pub async fn company(db: &impl ConnectionTrait, id: PartnerId) -> AppResult<Option<Company>> {
    let row = partner::Entity::find_by_id(id).one(db).await?;
    Ok(row.map(|row| Company { name: row.name, state: row.state }))
}

/// The invitation behind a secret, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, secret: &str) -> AppResult<Option<Invitation>> {
    let found = invitation::Entity::find().filter(invitation::Column::TokenHash.eq(tokens::hash_of(secret)));
    Ok(dialect::for_update(db, found).one(db).await?.map(Invitation::from))
}

/// Marks an invitation as accepted; false when somebody was faster.
pub async fn accept(db: &impl ConnectionTrait, id: InvitationId, now: Timestamp) -> AppResult<bool> {
    let updated = invitation::Entity::update_many()
        .col_expr(invitation::Column::AcceptedAt, Expr::value(now))
        .filter(invitation::Column::Id.eq(id))
        .filter(invitation::Column::AcceptedAt.is_null())
        .exec(db)
        .await?;
    Ok(updated.rows_affected == 1)
}
