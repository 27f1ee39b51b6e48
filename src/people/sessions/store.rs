//! SQL of sessions and their refresh tokens.

use entity::{
    partner, refresh_token, session, user,
    value::{PartnerId, PartnerState, SessionId, Timestamp, UserId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, sea_query::Expr,
};

use super::model::{ABSOLUTE_DAYS, EndReason, IDLE_DAYS, KeptToken, Session};
use crate::platform::{
    auth::tokens,
    call::Call,
    db::dialect,
    error::AppResult,
    graphql::page::{Page, Rows},
};

impl From<session::Model> for Session {
    fn from(row: session::Model) -> Self {
        let session::Model {
            id,
            user_id,
            device,
            agent,
            address,
            created_at,
            last_used_at,
            expires_at,
            ended_at,
            end_reason: _,
        } = row;
        Self { id, user_id, device, agent, address, created_at, last_used_at, expires_at, ended_at }
    }
}

impl From<refresh_token::Model> for KeptToken {
    fn from(row: refresh_token::Model) -> Self {
        let refresh_token::Model { token_hash, session_id, generation, issued_at: _, spent_at } = row;
        Self { hash: token_hash, session_id, generation, spent_at }
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
        agent: Set(call.origin.agent.clone()),
        address: Set(address(call)),
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
    Ok(row.map(KeptToken::from))
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

/// The refresh token of a session that follows another one.
pub async fn find_generation(
    db: &impl ConnectionTrait,
    session_id: SessionId,
    generation: i64,
) -> AppResult<Option<KeptToken>> {
    let row = refresh_token::Entity::find()
        .filter(refresh_token::Column::SessionId.eq(session_id))
        .filter(refresh_token::Column::Generation.eq(generation))
        .one(db)
        .await?;
    Ok(row.map(KeptToken::from))
}

/// Keeps another hash of a refresh token that was never used: what secrets are derived from has changed in between.
pub async fn replace_unused(
    db: &impl ConnectionTrait,
    session_id: SessionId,
    generation: i64,
    secret: &str,
) -> AppResult<()> {
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::TokenHash, Expr::value(tokens::hash_of(secret)))
        .filter(refresh_token::Column::SessionId.eq(session_id))
        .filter(refresh_token::Column::Generation.eq(generation))
        .filter(refresh_token::Column::SpentAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Notes that a session was refreshed, and from where.
pub async fn touch(db: &impl ConnectionTrait, call: &Call, id: SessionId) -> AppResult<()> {
    session::Entity::update_many()
        .col_expr(session::Column::LastUsedAt, Expr::value(call.now()))
        .col_expr(session::Column::Agent, Expr::value(call.origin.agent.clone()))
        .col_expr(session::Column::Address, Expr::value(address(call)))
        .filter(session::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends a session; false when it had ended already.
pub async fn end(db: &impl ConnectionTrait, id: SessionId, reason: EndReason, now: Timestamp) -> AppResult<bool> {
    Ok(end_where(db, Condition::all().add(session::Column::Id.eq(id)), reason, now).await? == 1)
}

/// Ends the sessions of a person, except one; how many had not ended yet.
pub async fn end_all(
    db: &impl ConnectionTrait,
    user_id: UserId,
    except: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> AppResult<u64> {
    let theirs = Condition::all()
        .add(session::Column::UserId.eq(user_id))
        .add_option(except.map(|id| session::Column::Id.ne(id)));
    end_where(db, theirs, reason, now).await
}

/// Ends the sessions of a partner's people; how many had not ended yet.
pub async fn end_all_of_partner(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    reason: EndReason,
    now: Timestamp,
) -> AppResult<u64> {
    end_where(db, of_partner(partner_id), reason, now).await
}

/// How many sessions of a partner's people can be used at an instant.
pub async fn count_live_of_partner(db: &impl ConnectionTrait, partner_id: PartnerId, now: Timestamp) -> AppResult<u64> {
    let live = session::Entity::find()
        .filter(of_partner(partner_id))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(session::Column::LastUsedAt.gt(now.plus_days(-IDLE_DAYS)));
    Ok(live.count(db).await?)
}

fn of_partner(partner_id: PartnerId) -> Condition {
    let people =
        user::Entity::find().select_only().column(user::Column::Id).filter(user::Column::PartnerId.eq(partner_id));
    Condition::all().add(session::Column::UserId.in_subquery(people.into_query()))
}

/// Whether a partner is terminated; it does not become so until the transaction ends. Staff belong to none.
pub async fn partner_is_terminated(db: &impl ConnectionTrait, partner_id: Option<PartnerId>) -> AppResult<bool> {
    let Some(id) = partner_id else { return Ok(false) };
    let row = dialect::for_share(db, partner::Entity::find_by_id(id)).one(db).await?;
    Ok(row.is_none_or(|row| row.state == PartnerState::Terminated))
}

/// Ends sessions and their refresh tokens. Where they were used from is nobody's business any more.
async fn end_where(db: &impl ConnectionTrait, which: Condition, reason: EndReason, now: Timestamp) -> AppResult<u64> {
    let updated = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(now))
        .col_expr(session::Column::EndReason, Expr::value(reason.word()))
        .col_expr(session::Column::Agent, Expr::value(None::<String>))
        .col_expr(session::Column::Address, Expr::value(None::<String>))
        .filter(which.clone())
        .filter(session::Column::EndedAt.is_null())
        .exec(db)
        .await?;
    let theirs = session::Entity::find().select_only().column(session::Column::Id).filter(which);
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::SpentAt, Expr::value(now))
        .filter(refresh_token::Column::SessionId.in_subquery(theirs.into_query()))
        .filter(refresh_token::Column::SpentAt.is_null())
        .exec(db)
        .await?;
    Ok(updated.rows_affected)
}

/// A person's sessions that can be used at an instant.
fn live(user_id: UserId, now: Timestamp) -> Condition {
    Condition::all()
        .add(session::Column::UserId.eq(user_id))
        .add(session::Column::EndedAt.is_null())
        .add(session::Column::ExpiresAt.gt(now))
        .add(session::Column::LastUsedAt.gt(now.plus_days(-IDLE_DAYS)))
}

/// The person's own sessions of these ids that can be used.
pub async fn find_many(
    db: &impl ConnectionTrait,
    user_id: UserId,
    ids: &[SessionId],
    now: Timestamp,
) -> AppResult<Vec<Session>> {
    let rows = session::Entity::find()
        .filter(session::Column::Id.is_in(ids.iter().copied()))
        .filter(live(user_id, now))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Session::from).collect())
}

/// A page of the person's own sessions that can be used.
pub async fn list(db: &impl ConnectionTrait, user_id: UserId, now: Timestamp, page: &Page) -> AppResult<Rows<Session>> {
    let select = session::Entity::find().filter(live(user_id, now));
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, session::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(Session::from).collect(), total))
}

fn address(call: &Call) -> Option<String> {
    call.origin.address.map(|address| address.to_string())
}
