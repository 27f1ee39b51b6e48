//! Who an access token stands for: the token is verified, and its session looked up, at most a few seconds ago.

use std::time::Duration;

use entity::{
    partner, session, user,
    value::{PartnerState, Timestamp, UserState},
};
use futures::future::BoxFuture;
use moka::sync::Cache;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect};
use std::sync::Arc;

use crate::{
    people::api_clients::{ClientDoor, secret},
    platform::{
        auth::{
            Authenticate, Caller, SignedIn,
            tokens::{Verified, hash_of},
        },
        call::Services,
        error::{AppError, AppResult},
        origin::Origin,
    },
};

/// How many tokens are remembered.
const REMEMBERED: u64 = 20_000;

/// Checks access tokens. A session that ended on another replica is noticed after `trust`; what changed on this one
/// is noticed at once.
pub struct Doorkeeper {
    services: Arc<Services>,
    trust: Duration,
    clients: ClientDoor,
    tokens: Cache<Vec<u8>, Verified>,
}

#[derive(FromQueryResult)]
struct Row {
    roles: entity::value::Roles,
    user_state: UserState,
    partner_id: Option<entity::value::PartnerId>,
    partner_state: Option<PartnerState>,
}

impl Doorkeeper {
    /// Sessions are looked up again after `trust`.
    #[must_use]
    pub fn new(services: Arc<Services>, trust: Duration) -> Self {
        let clients = ClientDoor::new(Arc::clone(&services), trust);
        Self { services, trust, clients, tokens: Cache::new(REMEMBERED) }
    }

    /// A token that was verified before needs no second look at its signature, only at the time and at its key.
    fn verified(&self, access_token: &str, now: Timestamp) -> AppResult<Verified> {
        let hash = hash_of(access_token);
        if let Some(verified) = self.tokens.get(&hash)
            && self.services.tokens.still_accepts(&verified.term, now)
        {
            return Ok(verified);
        }
        let verified = self.services.tokens.read(access_token, now)?;
        self.tokens.insert(hash, verified);
        Ok(verified)
    }

    async fn look_up(&self, verified: Verified, now: Timestamp) -> AppResult<SignedIn> {
        let remembered = &self.services.remembered;
        if let Some((at, signed_in)) = remembered.get(verified.session_id)
            && signed_in.user_id == verified.user_id
            && now.since(at).to_std().is_ok_and(|age| age < self.trust)
        {
            return Ok(signed_in);
        }
        let moment = remembered.moment();
        let row = session::Entity::find_by_id(verified.session_id)
            .select_only()
            .column(user::Column::Roles)
            .column_as(user::Column::State, "user_state")
            .column(user::Column::PartnerId)
            .column_as(partner::Column::State, "partner_state")
            .join(
                JoinType::InnerJoin,
                session::Entity::belongs_to(user::Entity).from(session::Column::UserId).to(user::Column::Id).into(),
            )
            .join(
                JoinType::LeftJoin,
                user::Entity::belongs_to(partner::Entity).from(user::Column::PartnerId).to(partner::Column::Id).into(),
            )
            .filter(session::Column::UserId.eq(verified.user_id))
            .filter(session::Column::EndedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(now))
            .into_model::<Row>()
            .one(self.services.db.pool())
            .await?
            .filter(|row| row.user_state == UserState::Active && row.partner_state != Some(PartnerState::Terminated))
            .ok_or(AppError::Unauthenticated)?;
        let signed_in = SignedIn {
            user_id: verified.user_id,
            session_id: verified.session_id,
            partner: row.partner_id.zip(row.partner_state),
            roles: row.roles,
        };
        remembered.keep(moment, now, signed_in.clone());
        Ok(signed_in)
    }
}

impl Authenticate for Doorkeeper {
    fn authenticate<'a>(&'a self, bearer: &'a str, origin: &'a Origin) -> BoxFuture<'a, AppResult<Caller>> {
        Box::pin(async move {
            if bearer.starts_with(secret::PREFIX) {
                return self.clients.by_secret(bearer, origin).await;
            }
            let now = self.services.clock.now();
            // A token is a person's or a client's: what one says is not what the other does.
            let Ok(verified) = self.verified(bearer, now) else {
                return self.clients.by_token(bearer, origin).await;
            };
            Ok(Caller::User(self.look_up(verified, now).await?))
        })
    }
}
