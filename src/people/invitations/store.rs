//! SQL of invitations.

use chrono::TimeDelta;
use entity::{
    invitation, partner,
    value::{InvitationId, PartnerId, Timestamp},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::{
    model::{Company, Invitation, InvitationFilter, InvitationState, NewInvitation, VALID_DAYS},
    rules::COUNTED_HOURS,
};
use crate::platform::{
    auth::{Scope, tokens},
    call::Call,
    db::dialect,
    error::AppResult,
    graphql::page::{Page, Rows},
};

impl From<invitation::Model> for Invitation {
    fn from(row: invitation::Model) -> Self {
        let invitation::Model {
            id,
            token_hash: _,
            partner_id,
            email,
            email_key,
            name,
            roles,
            invited_by_id,
            created_at,
            expires_at,
            accepted_at,
            revoked_at,
        } = row;
        Self {
            id,
            partner_id,
            email,
            email_key,
            name,
            roles,
            invited_by_id,
            created_at,
            expires_at,
            accepted_at,
            revoked_at,
        }
    }
}

/// Inserts an invitation under the hash of its secret.
pub async fn insert(
    db: &impl ConnectionTrait,
    call: &Call,
    id: InvitationId,
    secret: &str,
    new: NewInvitation,
    email_key: String,
) -> AppResult<Invitation> {
    let row = invitation::ActiveModel {
        id: Set(id),
        token_hash: Set(tokens::hash_of(secret)),
        partner_id: Set(new.partner_id),
        email: Set(new.email),
        email_key: Set(email_key),
        name: Set(new.name),
        roles: Set(new.roles),
        invited_by_id: Set(call.responsible()),
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

/// The invitations of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[InvitationId]) -> AppResult<Vec<Invitation>> {
    let rows = invitation::Entity::find()
        .filter(invitation::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(invitation::Column::PartnerId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Invitation::from).collect())
}

/// A page of the invitations that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: InvitationFilter,
    page: &Page,
    now: Timestamp,
) -> AppResult<Rows<Invitation>> {
    let mut select = invitation::Entity::find().filter(scope.rows_of(invitation::Column::PartnerId));
    if let Some(partner_id) = filter.partner_id {
        select = select.filter(invitation::Column::PartnerId.eq(partner_id));
    }
    if let Some(state) = filter.state {
        select = select.filter(in_state(state, now));
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, invitation::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(Invitation::from).collect(), total))
}

/// As [`Invitation::state`] says it.
fn in_state(state: InvitationState, now: Timestamp) -> Condition {
    match state {
        InvitationState::Accepted => Condition::all().add(invitation::Column::AcceptedAt.is_not_null()),
        InvitationState::Revoked => Condition::all()
            .add(invitation::Column::AcceptedAt.is_null())
            .add(invitation::Column::RevokedAt.is_not_null()),
        InvitationState::Open => untouched().add(invitation::Column::ExpiresAt.gt(now)),
        InvitationState::Expired => untouched().add(invitation::Column::ExpiresAt.lte(now)),
    }
}

fn untouched() -> Condition {
    Condition::all().add(invitation::Column::AcceptedAt.is_null()).add(invitation::Column::RevokedAt.is_null())
}

/// An invitation that exists for the caller, held until the transaction ends.
pub async fn find_for_update(
    db: &impl ConnectionTrait,
    scope: Scope,
    id: InvitationId,
) -> AppResult<Option<Invitation>> {
    let found = invitation::Entity::find_by_id(id).filter(scope.rows_of(invitation::Column::PartnerId));
    Ok(dialect::for_update(db, found).one(db).await?.map(Invitation::from))
}

/// Whether there is an invitation behind a secret, whatever became of it.
pub async fn is_known(db: &impl ConnectionTrait, secret: &str) -> AppResult<bool> {
    let found = invitation::Entity::find().filter(invitation::Column::TokenHash.eq(tokens::hash_of(secret)));
    Ok(found.one(db).await?.is_some())
}

/// The invitation behind a secret, held until the transaction ends.
pub async fn find_by_secret_for_update(db: &impl ConnectionTrait, secret: &str) -> AppResult<Option<Invitation>> {
    let found = invitation::Entity::find().filter(invitation::Column::TokenHash.eq(tokens::hash_of(secret)));
    Ok(dialect::for_update(db, found).one(db).await?.map(Invitation::from))
}

/// The invitation of a company to an address that was neither accepted nor taken back, held until the transaction ends.
pub async fn find_untouched_for_update(
    db: &impl ConnectionTrait,
    partner_id: Option<PartnerId>,
    email_key: &str,
) -> AppResult<Option<Invitation>> {
    let found = invitation::Entity::find()
        .filter(of_company(partner_id))
        .filter(invitation::Column::EmailKey.eq(email_key))
        .filter(untouched());
    Ok(dialect::for_update(db, found).one(db).await?.map(Invitation::from))
}

/// The invitations of a partner that can be accepted at an instant, oldest first.
pub async fn find_open_of_partner(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    now: Timestamp,
) -> AppResult<Vec<Invitation>> {
    let rows = invitation::Entity::find()
        .filter(invitation::Column::PartnerId.eq(partner_id))
        .filter(in_state(InvitationState::Open, now))
        .order_by_asc(invitation::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Invitation::from).collect())
}

/// How many invitations a company made in the last day: to an address, and in all.
pub async fn count_lately(
    db: &impl ConnectionTrait,
    partner_id: Option<PartnerId>,
    email_key: &str,
    now: Timestamp,
) -> AppResult<(u64, u64)> {
    let since = now.plus(TimeDelta::hours(-COUNTED_HOURS));
    let lately =
        invitation::Entity::find().filter(of_company(partner_id)).filter(invitation::Column::CreatedAt.gt(since));
    let to_address = lately.clone().filter(invitation::Column::EmailKey.eq(email_key)).count(db).await?;
    Ok((to_address, lately.count(db).await?))
}

fn of_company(partner_id: Option<PartnerId>) -> Condition {
    match partner_id {
        Some(id) => Condition::all().add(invitation::Column::PartnerId.eq(id)),
        None => Condition::all().add(invitation::Column::PartnerId.is_null()),
    }
}

/// Takes an invitation back; false when it was accepted or taken back in between.
pub async fn revoke(db: &impl ConnectionTrait, id: InvitationId, now: Timestamp) -> AppResult<bool> {
    let updated = invitation::Entity::update_many()
        .col_expr(invitation::Column::RevokedAt, Expr::value(now))
        .filter(invitation::Column::Id.eq(id))
        .filter(untouched())
        .exec(db)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Marks an invitation as accepted; false when somebody was faster.
pub async fn accept(db: &impl ConnectionTrait, id: InvitationId, now: Timestamp) -> AppResult<bool> {
    let updated = invitation::Entity::update_many()
        .col_expr(invitation::Column::AcceptedAt, Expr::value(now))
        .filter(invitation::Column::Id.eq(id))
        .filter(untouched())
        .exec(db)
        .await?;
    Ok(updated.rows_affected == 1)
}
