//! SQL of API clients and their secrets.

use entity::{
    api_client, api_client_secret, partner, user,
    value::{ApiClientId, ApiClientSecretId, ClientScopes, PartnerId, PartnerState, Timestamp, UserId, UserState},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, SimpleExpr},
};

use super::model::{AddressRanges, ApiClient, ClientFilter, ClientSecret, Live, State, USE_NOTED_EVERY_SECONDS};
use crate::{
    kernel::code::Code,
    platform::{
        auth::{Scope, tokens},
        db::{Unique, dialect},
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// A client has two places for secrets, and each holds one that works.
const ONE_LIVE_SECRET_PER_PLACE: Unique =
    Unique { name: "one_live_secret_per_place", columns: "api_client_secrets.client_id, api_client_secrets.slot" };

/// Ranges as kept. What cannot be read lets nobody in: it is a fault.
fn ranges(text: &str) -> AppResult<AddressRanges> {
    text.parse().map_err(AppError::internal)
}

impl TryFrom<api_client::Model> for ApiClient {
    type Error = AppError;

    fn try_from(row: api_client::Model) -> AppResult<Self> {
        let api_client::Model {
            id,
            partner_id,
            name,
            scopes,
            address_ranges,
            requests_per_minute,
            created_by,
            responsible_id,
            created_at,
            expires_at,
            revoked_at,
            last_used_at,
            version,
        } = row;
        let address_ranges = ranges(&address_ranges)?;
        Ok(Self {
            id,
            partner_id,
            name,
            scopes,
            address_ranges,
            requests_per_minute,
            created_by,
            responsible_id,
            created_at,
            expires_at,
            revoked_at,
            last_used_at,
            version,
        })
    }
}

impl From<api_client_secret::Model> for ClientSecret {
    fn from(row: api_client_secret::Model) -> Self {
        let api_client_secret::Model {
            id,
            client_id,
            slot,
            secret_hash: _,
            hint,
            created_at,
            expires_at,
            revoked_at,
            last_used_at,
        } = row;
        Self { id, client_id, slot, hint, created_at, expires_at, revoked_at, last_used_at }
    }
}

fn clients(rows: Vec<api_client::Model>) -> AppResult<Vec<ApiClient>> {
    rows.into_iter().map(ApiClient::try_from).collect()
}

/// The clients of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[ApiClientId]) -> AppResult<Vec<ApiClient>> {
    let rows = api_client::Entity::find()
        .filter(api_client::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(api_client::Column::PartnerId))
        .all(db)
        .await?;
    clients(rows)
}

/// A client that exists for the caller, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, scope: Scope, id: ApiClientId) -> AppResult<Option<ApiClient>> {
    let found = api_client::Entity::find_by_id(id).filter(scope.rows_of(api_client::Column::PartnerId));
    dialect::for_update(db, found).one(db).await?.map(ApiClient::try_from).transpose()
}

/// The clients of a partner that were not revoked, oldest first.
pub async fn find_unrevoked_of_partner(db: &impl ConnectionTrait, partner_id: PartnerId) -> AppResult<Vec<ApiClient>> {
    let found = api_client::Entity::find()
        .filter(api_client::Column::PartnerId.eq(partner_id))
        .filter(api_client::Column::RevokedAt.is_null())
        .order_by_asc(api_client::Column::Id);
    found.all(db).await?.into_iter().map(ApiClient::try_from).collect()
}

/// A page of the clients that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &ClientFilter,
    now: Timestamp,
    page: &Page,
) -> AppResult<Rows<ApiClient>> {
    let select = api_client::Entity::find().filter(scope.rows_of(api_client::Column::PartnerId));
    let select = filtered(select, filter, now);
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, api_client::Column::Id).all(db).await?;
    Ok(page.finish(clients(rows)?, total))
}

fn filtered(
    mut select: Select<api_client::Entity>,
    filter: &ClientFilter,
    now: Timestamp,
) -> Select<api_client::Entity> {
    let ClientFilter { partner_id, states, needs_review } = filter;
    if let Some(partner_id) = partner_id {
        select = select.filter(api_client::Column::PartnerId.eq(*partner_id));
    }
    if !states.is_empty() {
        let any = states.iter().fold(Condition::any(), |any, state| any.add(in_state(*state, now)));
        select = select.filter(any);
    }
    match needs_review {
        Some(true) => select.filter(left_behind()),
        Some(false) => select.filter(left_behind().not()),
        None => select,
    }
}

fn in_state(state: State, now: Timestamp) -> Condition {
    let live = || Condition::all().add(api_client::Column::RevokedAt.is_null());
    match state {
        State::Revoked => Condition::all().add(api_client::Column::RevokedAt.is_not_null()),
        State::Expired => live().add(api_client::Column::ExpiresAt.lte(now)),
        State::Active => live().add(
            Condition::any().add(api_client::Column::ExpiresAt.is_null()).add(api_client::Column::ExpiresAt.gt(now)),
        ),
    }
}

/// Clients that work, and whose responsible person may not sign in any more.
fn left_behind() -> Condition {
    let gone = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::State.ne(UserState::Active))
        .into_query();
    Condition::all()
        .add(api_client::Column::RevokedAt.is_null())
        .add(api_client::Column::ResponsibleId.in_subquery(gone))
}

/// Which of these clients somebody else has to answer for.
pub async fn find_left_behind(db: &impl ConnectionTrait, ids: &[ApiClientId]) -> AppResult<Vec<ApiClientId>> {
    let found = api_client::Entity::find()
        .select_only()
        .column(api_client::Column::Id)
        .filter(api_client::Column::Id.is_in(ids.iter().copied()))
        .filter(left_behind())
        .into_tuple()
        .all(db)
        .await?;
    Ok(found)
}

/// The secrets of these clients that were not revoked, the earliest first.
pub async fn find_secrets(db: &impl ConnectionTrait, clients: &[ApiClientId]) -> AppResult<Vec<ClientSecret>> {
    let rows = api_client_secret::Entity::find()
        .filter(api_client_secret::Column::ClientId.is_in(clients.iter().copied()))
        .filter(api_client_secret::Column::RevokedAt.is_null())
        .order_by_asc(api_client_secret::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(ClientSecret::from).collect())
}

/// A secret of a client that exists for the caller.
pub async fn find_secret(
    db: &impl ConnectionTrait,
    scope: Scope,
    id: ApiClientSecretId,
) -> AppResult<Option<ClientSecret>> {
    let clients = api_client::Entity::find()
        .select_only()
        .column(api_client::Column::Id)
        .filter(scope.rows_of(api_client::Column::PartnerId))
        .into_query();
    let found = api_client_secret::Entity::find_by_id(id)
        .filter(api_client_secret::Column::ClientId.in_subquery(clients))
        .one(db)
        .await?;
    Ok(found.map(ClientSecret::from))
}

/// The state of a partner, held until the transaction ends, if there is such a partner for the caller.
pub async fn partner_state(db: &impl ConnectionTrait, scope: Scope, id: PartnerId) -> AppResult<Option<PartnerState>> {
    let found = partner::Entity::find_by_id(id).filter(scope.rows_of(partner::Column::Id));
    Ok(dialect::for_update(db, found).one(db).await?.map(|partner| partner.state))
}

/// Inserts a client.
pub async fn insert(db: &impl ConnectionTrait, client: &ApiClient) -> AppResult<()> {
    let row = api_client::ActiveModel {
        id: Set(client.id),
        partner_id: Set(client.partner_id),
        name: Set(client.name.clone()),
        scopes: Set(client.scopes.clone()),
        address_ranges: Set(client.address_ranges.to_string()),
        requests_per_minute: Set(client.requests_per_minute),
        created_by: Set(client.created_by),
        responsible_id: Set(client.responsible_id),
        created_at: Set(client.created_at),
        expires_at: Set(client.expires_at),
        revoked_at: Set(client.revoked_at),
        last_used_at: Set(client.last_used_at),
        version: Set(client.version),
    };
    api_client::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Records a change of a client that was held. Its last use is noted elsewhere.
pub async fn update(db: &impl ConnectionTrait, before: i64, after: &ApiClient) -> AppResult<()> {
    let updated = api_client::Entity::update_many()
        .col_expr(api_client::Column::Name, Expr::value(after.name.clone()))
        .col_expr(api_client::Column::Scopes, Expr::value(after.scopes.clone()))
        .col_expr(api_client::Column::AddressRanges, Expr::value(after.address_ranges.to_string()))
        .col_expr(api_client::Column::RequestsPerMinute, Expr::value(after.requests_per_minute))
        .col_expr(api_client::Column::ResponsibleId, Expr::value(after.responsible_id))
        .col_expr(api_client::Column::ExpiresAt, Expr::value(after.expires_at))
        .col_expr(api_client::Column::RevokedAt, Expr::value(after.revoked_at))
        .col_expr(api_client::Column::Version, Expr::value(after.version))
        .filter(api_client::Column::Id.eq(after.id))
        .filter(api_client::Column::Version.eq(before))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// Keeps the hash of a secret.
pub async fn insert_secret(db: &impl ConnectionTrait, kept: &ClientSecret, secret: &str) -> AppResult<()> {
    let row = api_client_secret::ActiveModel {
        id: Set(kept.id),
        client_id: Set(kept.client_id),
        slot: Set(kept.slot),
        secret_hash: Set(tokens::hash_of(secret)),
        hint: Set(kept.hint.clone()),
        created_at: Set(kept.created_at),
        expires_at: Set(kept.expires_at),
        revoked_at: Set(kept.revoked_at),
        last_used_at: Set(kept.last_used_at),
    };
    let inserted = api_client_secret::Entity::insert(row).exec_without_returning(db).await.map_err(AppError::from);
    inserted.map(drop).map_err(|error| {
        error.on_violation(&ONE_LIVE_SECRET_PER_PLACE, || {
            AppError::refused(Code::TooManySecrets, "The client has two secrets that work. Revoke one of them first.")
        })
    })
}

/// Takes a secret back; false when it was taken back before.
pub async fn revoke_secret(db: &impl ConnectionTrait, id: ApiClientSecretId, now: Timestamp) -> AppResult<bool> {
    let updated = api_client_secret::Entity::update_many()
        .col_expr(api_client_secret::Column::RevokedAt, Expr::value(now))
        .filter(api_client_secret::Column::Id.eq(id))
        .filter(api_client_secret::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Takes all secrets of a client back.
pub async fn revoke_secrets(db: &impl ConnectionTrait, client_id: ApiClientId, now: Timestamp) -> AppResult<()> {
    api_client_secret::Entity::update_many()
        .col_expr(api_client_secret::Column::RevokedAt, Expr::value(now))
        .filter(api_client_secret::Column::ClientId.eq(client_id))
        .filter(api_client_secret::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// By what a caller is known.
#[derive(Clone, Copy, Debug)]
pub enum Presented<'a> {
    /// The secret itself.
    Secret(&'a str),
    /// An access token that was made with this secret.
    Token(ApiClientSecretId),
}

#[derive(FromQueryResult)]
struct Row {
    secret_id: ApiClientSecretId,
    secret_expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    client_id: ApiClientId,
    partner_id: Option<PartnerId>,
    partner_state: Option<PartnerState>,
    scopes: ClientScopes,
    address_ranges: String,
    requests_per_minute: i64,
    responsible_id: UserId,
    client_expires_at: Option<Timestamp>,
}

/// The client behind what a caller presents, if neither it nor the secret was revoked.
pub async fn find_live(db: &impl ConnectionTrait, presented: Presented<'_>) -> AppResult<Option<Live>> {
    let which: SimpleExpr = match presented {
        Presented::Secret(secret) => api_client_secret::Column::SecretHash.eq(tokens::hash_of(secret)),
        Presented::Token(id) => api_client_secret::Column::Id.eq(id),
    };
    let client = api_client_secret::Entity::belongs_to(api_client::Entity)
        .from(api_client_secret::Column::ClientId)
        .to(api_client::Column::Id);
    let company =
        api_client::Entity::belongs_to(partner::Entity).from(api_client::Column::PartnerId).to(partner::Column::Id);
    let row = api_client_secret::Entity::find()
        .select_only()
        .column_as(api_client_secret::Column::Id, "secret_id")
        .column_as(api_client_secret::Column::ExpiresAt, "secret_expires_at")
        .column(api_client_secret::Column::LastUsedAt)
        .column(api_client_secret::Column::ClientId)
        .column(api_client::Column::PartnerId)
        .column_as(partner::Column::State, "partner_state")
        .column(api_client::Column::Scopes)
        .column(api_client::Column::AddressRanges)
        .column(api_client::Column::RequestsPerMinute)
        .column(api_client::Column::ResponsibleId)
        .column_as(api_client::Column::ExpiresAt, "client_expires_at")
        .join(JoinType::InnerJoin, client.into())
        .join(JoinType::LeftJoin, company.into())
        .filter(which)
        .filter(api_client_secret::Column::RevokedAt.is_null())
        .filter(api_client::Column::RevokedAt.is_null())
        .into_model::<Row>()
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Live {
        secret_id: row.secret_id,
        secret_expires_at: row.secret_expires_at,
        last_used_at: row.last_used_at,
        client_id: row.client_id,
        partner: row.partner_id.zip(row.partner_state),
        scopes: row.scopes,
        address_ranges: ranges(&row.address_ranges)?,
        requests_per_minute: row.requests_per_minute,
        responsible_id: row.responsible_id,
        client_expires_at: row.client_expires_at,
    }))
}

/// Notes that a secret was used, unless that was noted a moment ago.
pub async fn note_use(
    db: &impl ConnectionTrait,
    secret_id: ApiClientSecretId,
    client_id: ApiClientId,
    now: Timestamp,
) -> AppResult<()> {
    let long_ago = now.plus(chrono::TimeDelta::seconds(-USE_NOTED_EVERY_SECONDS));
    api_client_secret::Entity::update_many()
        .col_expr(api_client_secret::Column::LastUsedAt, Expr::value(now))
        .filter(api_client_secret::Column::Id.eq(secret_id))
        .filter(
            Condition::any()
                .add(api_client_secret::Column::LastUsedAt.is_null())
                .add(api_client_secret::Column::LastUsedAt.lte(long_ago)),
        )
        .exec(db)
        .await?;
    api_client::Entity::update_many()
        .col_expr(api_client::Column::LastUsedAt, Expr::value(now))
        .filter(api_client::Column::Id.eq(client_id))
        .filter(
            Condition::any()
                .add(api_client::Column::LastUsedAt.is_null())
                .add(api_client::Column::LastUsedAt.lte(long_ago)),
        )
        .exec(db)
        .await?;
    Ok(())
}
