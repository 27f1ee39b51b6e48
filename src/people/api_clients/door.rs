//! Who a client's secret stands for. It is looked up at most a few seconds ago, so that a revoked one is noticed soon
//! on every replica; where it comes from and how often are looked at each time.

use std::{hash::Hash, sync::Arc, time::Duration};

use entity::value::{ApiClientSecretId, ClientScopes, Timestamp, TypedId};
use moka::sync::Cache;

use super::{
    model::{Live, USE_NOTED_EVERY_SECONDS},
    rules::{self, KeptOut},
    secret,
    store::{self, Presented},
};
use crate::platform::{
    auth::{
        Caller, ClientCaller,
        tokens::{ClientToken, Term, hash_of},
    },
    call::Services,
    error::{AppError, AppResult},
    origin::Origin,
};

/// How many secrets are remembered.
const REMEMBERED: u64 = 20_000;

/// Lets clients in.
pub struct ClientDoor {
    services: Arc<Services>,
    trust: Duration,
    by_secret: Cache<Vec<u8>, (Timestamp, Live)>,
    by_id: Cache<ApiClientSecretId, (Timestamp, Live)>,
    tokens: Cache<Vec<u8>, (ClientToken, Term)>,
    noted: Cache<ApiClientSecretId, Timestamp>,
}

impl ClientDoor {
    /// Secrets are looked up again after `trust`.
    #[must_use]
    pub fn new(services: Arc<Services>, trust: Duration) -> Self {
        Self {
            services,
            trust,
            by_secret: Cache::new(REMEMBERED),
            by_id: Cache::new(REMEMBERED),
            tokens: Cache::new(REMEMBERED),
            noted: Cache::new(REMEMBERED),
        }
    }

    /// The client behind a secret that comes from somewhere.
    ///
    /// # Errors
    /// `Unauthenticated`, whatever is wrong with it; `RateLimited` when it asks too often.
    pub async fn by_secret(&self, presented: &str, origin: &Origin) -> AppResult<Caller> {
        if !secret::is_well_formed(presented) {
            return Err(AppError::Unauthenticated);
        }
        let live = self.look_up(&self.by_secret, hash_of(presented), Presented::Secret(presented)).await?;
        self.enter(live, origin, None)
    }

    /// The client behind an access token that was made with a secret, and that comes from somewhere.
    ///
    /// # Errors
    /// As [`Self::by_secret`].
    pub async fn by_token(&self, presented: &str, origin: &Origin) -> AppResult<Caller> {
        let token = self.verified(presented)?;
        let by = Presented::Token(token.secret_id);
        let live = self.look_up(&self.by_id, token.secret_id, by).await?;
        if live.client_id != token.client_id {
            return Err(AppError::Unauthenticated);
        }
        self.enter(live, origin, Some(&token.scopes))
    }

    /// A token that was verified before needs no second look at its signature, only at the time and at its key.
    fn verified(&self, presented: &str) -> AppResult<ClientToken> {
        let (hash, now) = (hash_of(presented), self.services.clock.now());
        if let Some((token, term)) = self.tokens.get(&hash)
            && self.services.tokens.still_accepts(&term, now)
        {
            return Ok(token);
        }
        let (token, term) = self.services.tokens.read_client(presented, now)?;
        self.tokens.insert(hash, (token.clone(), term));
        Ok(token)
    }

    async fn look_up<K>(&self, remembered: &Cache<K, (Timestamp, Live)>, key: K, by: Presented<'_>) -> AppResult<Live>
    where
        K: Hash + Eq + Send + Sync + 'static,
    {
        let now = self.services.clock.now();
        if let Some((at, live)) = remembered.get(&key)
            && self.is_fresh(at, now)
        {
            return Ok(live);
        }
        let found = store::find_live(self.services.db.pool(), by).await?;
        let live = found.ok_or(AppError::Unauthenticated)?;
        remembered.insert(key, (now, live.clone()));
        Ok(live)
    }

    fn is_fresh(&self, at: Timestamp, now: Timestamp) -> bool {
        now.since(at).to_std().is_ok_and(|age| age < self.trust)
    }

    /// Looks at the time, the address and the rate; then the client is let in, with no more than `granted` of its
    /// scopes.
    fn enter(&self, live: Live, origin: &Origin, granted: Option<&ClientScopes>) -> AppResult<Caller> {
        let now = self.services.clock.now();
        if let Err(why) = rules::enter(&live, now, origin.address) {
            tell_kept_out(&live, why, origin);
            return Err(AppError::Unauthenticated);
        }
        self.services.rates.take(live.client_id.uuid(), live.requests_per_minute)?;
        self.note(&live, now);
        let scopes = match granted {
            None => live.scopes,
            Some(granted) => live.scopes.iter().filter(|scope| granted.has(*scope)).collect(),
        };
        Ok(Caller::Client(ClientCaller {
            client_id: live.client_id,
            partner: live.partner,
            scopes,
            responsible: live.responsible_id,
        }))
    }

    /// Writes the use down beside the request, at most once a minute.
    fn note(&self, live: &Live, now: Timestamp) {
        let (secret_id, client_id) = (live.secret_id, live.client_id);
        let recent = |at: Timestamp| (0..USE_NOTED_EVERY_SECONDS).contains(&now.since(at).num_seconds());
        if self.noted.get(&secret_id).is_some_and(recent) {
            return;
        }
        self.noted.insert(secret_id, now);
        let services = Arc::clone(&self.services);
        tokio::spawn(async move {
            if store::note_use(services.db.pool(), secret_id, client_id, now).await.is_err() {
                tracing::warn!(client = client_id.to_string(), "the use of an API client could not be noted");
            }
        });
    }
}

/// Writes down why a client was kept out: it is told nothing but that.
pub fn tell_kept_out(live: &Live, why: KeptOut, origin: &Origin) {
    let (client, address) = (live.client_id.to_string(), origin.address.map(|address| address.to_string()));
    tracing::warn!(client, address, ?why, request_id = origin.request_id, "an API client was kept out");
}
