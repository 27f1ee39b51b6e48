//! Access tokens: JWTs of ten minutes, signed with EdDSA; and the hashes under which opaque tokens are kept.

use std::{
    str::FromStr,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::value::{ApiClientId, ApiClientSecretId, ClientScopes, SessionId, Timestamp, UserId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    key_ring::KeyRing,
    keys::{self, KeyId, SigningKey},
};
use crate::platform::error::{AppError, AppResult};

/// How long an access token works, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 600;

/// Clocks of servers may differ by so many seconds.
pub const LEEWAY_SECONDS: i64 = 5;

const AUDIENCE: &str = "partner-portal";
const TOKEN_TYPE: &str = "at+jwt";
const ALGORITHM: &str = "EdDSA";

/// Ours are shorter than this; nothing longer is looked at.
const MOST_BYTES: usize = 2_048;

/// Signs and reads access tokens. Clones share their keys.
#[derive(Clone)]
pub struct Tokens {
    ring: Arc<RwLock<Arc<KeyRing>>>,
    issuer: String,
    validation: Validation,
    deriving: Hmac<Sha256>,
}

/// What an access token's header says, and nothing else: a header that brings its own key (`jwk`, `jku`, `x5u`) or
/// asks for more (`crit`) is none of ours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    alg: String,
    typ: String,
    kid: String,
}

/// What an access token says: nothing about the person but ids.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// What an access token of an API client says (RFC 9068).
#[derive(Debug, Serialize, Deserialize)]
struct ClientClaims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    scope: String,
    secret: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// What an access token of an API client stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientToken {
    /// The client.
    pub client_id: ApiClientId,
    /// The secret that it was made with, and ends with.
    pub secret_id: ApiClientSecretId,
    /// What it is good for.
    pub scopes: ClientScopes,
}

/// When a token is in force, and which key says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    not_before: Timestamp,
    expires_at: Timestamp,
    key: KeyId,
}

/// A verified access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The person.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// When the token works.
    pub term: Term,
}

impl Tokens {
    /// With these keys, and the PEM text from which secrets are derived: it outlives them.
    ///
    /// # Errors
    /// A sentence saying what is wrong with the text.
    pub fn new(ring: KeyRing, deriving: &str, issuer: &str) -> Result<Self, String> {
        let deriving = keys::private_der(deriving)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub", "nbf"]);
        // Instants are checked against our own clock below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            ring: Arc::new(RwLock::new(Arc::new(ring))),
            issuer: issuer.to_owned(),
            validation,
            deriving: Hmac::<Sha256>::new_from_slice(&deriving).map_err(|error| error.to_string())?,
        })
    }

    /// With one Ed25519 private key in PEM (PKCS 8), for everything.
    ///
    /// # Errors
    /// A sentence saying what is wrong with the key.
    pub fn from_pem(pem: &str, issuer: &str) -> Result<Self, String> {
        Self::new(KeyRing::of(SigningKey::from_pem(pem)?), pem, issuer)
    }

    /// The keys of this moment.
    #[must_use]
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes other keys for all clones at once; whether they differ from those before.
    pub fn replace(&self, ring: KeyRing) -> bool {
        let changed = self.ring().ids() != ring.ids();
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        changed
    }

    /// The secret of 256 bits that stands for an object: nobody without the key can make it, and a retried mutation
    /// can answer with it again although only its hash is kept.
    #[must_use]
    pub fn secret_for(&self, purpose: &str, object: Uuid, generation: i64) -> String {
        let mut mac = self.deriving.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(object.as_bytes());
        mac.update(&generation.to_be_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// The hash under which a value is kept that could be found by trying (an address, a short code): nobody without
    /// the key can try.
    #[must_use]
    pub fn keyed_hash(&self, purpose: &str, value: &[u8]) -> Vec<u8> {
        let mut mac = self.deriving.clone();
        mac.update(b"keyed hash\0");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        mac.finalize().into_bytes().to_vec()
    }

    /// An access token for a session.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(&self, user_id: UserId, session_id: SessionId, now: Timestamp) -> AppResult<String> {
        self.encode(
            now,
            &Claims {
                iss: self.issuer.clone(),
                aud: AUDIENCE.to_owned(),
                sub: user_id.to_string(),
                sid: session_id.to_string(),
                iat: now.seconds(),
                nbf: now.seconds(),
                exp: now.seconds().saturating_add(ACCESS_TOKEN_SECONDS),
            },
        )
    }

    /// An access token for a client, that works for so many seconds; `unique` tells it from its others.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign_client(&self, token: &ClientToken, unique: Uuid, now: Timestamp, seconds: i64) -> AppResult<String> {
        self.encode(
            now,
            &ClientClaims {
                iss: self.issuer.clone(),
                aud: AUDIENCE.to_owned(),
                sub: token.client_id.to_string(),
                client_id: token.client_id.to_string(),
                scope: token.scopes.to_oauth(),
                secret: token.secret_id.to_string(),
                jti: unique.simple().to_string(),
                iat: now.seconds(),
                nbf: now.seconds(),
                exp: now.seconds().saturating_add(seconds.min(ACCESS_TOKEN_SECONDS)),
            },
        )
    }

    fn encode(&self, now: Timestamp, claims: &impl Serialize) -> AppResult<String> {
        let ring = self.ring();
        let key = ring.signer(now);
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(key.id().to_string());
        encode(&header, claims, &key.signing).map_err(|error| AppError::internal(error.to_string()))
    }

    /// In whose name tokens are issued: the address under which callers know this server.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What a token says, if it is one of ours and in force at `now`.
    ///
    /// # Errors
    /// `Unauthenticated`, whatever is wrong with it.
    pub fn read(&self, token: &str, now: Timestamp) -> AppResult<Verified> {
        let (claims, key) = self.decode::<Claims>(token, now).ok_or(AppError::Unauthenticated)?;
        let term = self.term(key, [claims.iat, claims.nbf, claims.exp], now)?;
        let user_id = UserId::from_str(&claims.sub).map_err(|_| AppError::Unauthenticated)?;
        let session_id = SessionId::from_str(&claims.sid).map_err(|_| AppError::Unauthenticated)?;
        Ok(Verified { user_id, session_id, term })
    }

    /// What a token of an API client says, if it is one of ours and in force at `now`.
    ///
    /// # Errors
    /// `Unauthenticated`, whatever is wrong with it.
    pub fn read_client(&self, token: &str, now: Timestamp) -> AppResult<(ClientToken, Term)> {
        let (claims, key) = self.decode::<ClientClaims>(token, now).ok_or(AppError::Unauthenticated)?;
        let term = self.term(key, [claims.iat, claims.nbf, claims.exp], now)?;
        if claims.sub != claims.client_id {
            return Err(AppError::Unauthenticated);
        }
        let token = ClientToken {
            client_id: claims.sub.parse().map_err(|_| AppError::Unauthenticated)?,
            secret_id: claims.secret.parse().map_err(|_| AppError::Unauthenticated)?,
            scopes: ClientScopes::from_oauth(&claims.scope).ok_or(AppError::Unauthenticated)?,
        };
        Ok((token, term))
    }

    /// Whether a token that was verified before is in force at `now`, and its key still ours.
    #[must_use]
    pub fn still_accepts(&self, term: &Term, now: Timestamp) -> bool {
        let leeway = chrono::TimeDelta::seconds(LEEWAY_SECONDS);
        now < term.expires_at.plus(leeway)
            && now.plus(leeway) >= term.not_before
            && self.ring().reader(term.key, now).is_some()
    }

    fn term(&self, key: KeyId, [issued, not_before, expires]: [i64; 3], now: Timestamp) -> AppResult<Term> {
        let instant = |seconds: i64| Timestamp::from_micros(seconds.saturating_mul(1_000_000));
        let term = Term { not_before: instant(not_before.max(issued)), expires_at: instant(expires), key };
        // Longer than any that we sign.
        let too_long = expires.saturating_sub(issued) > ACCESS_TOKEN_SECONDS;
        if !too_long && self.still_accepts(&term, now) { Ok(term) } else { Err(AppError::Unauthenticated) }
    }

    fn decode<C: DeserializeOwned>(&self, token: &str, now: Timestamp) -> Option<(C, KeyId)> {
        if token.len() > MOST_BYTES {
            return None;
        }
        let (head, _) = token.split_once('.')?;
        let head: Head = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
        if head.typ != TOKEN_TYPE || head.alg != ALGORITHM {
            return None;
        }
        let (ring, key) = (self.ring(), KeyId::parse(&head.kid)?);
        let claims = decode::<C>(token, &ring.reader(key, now)?.reading, &self.validation).ok()?.claims;
        Some((claims, key))
    }
}

/// The hash under which an opaque token of 256 bits is kept: a plain one will do, there is nothing to guess.
#[must_use]
pub fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
