//! Access tokens: JWTs of ten minutes, signed with EdDSA; and the hashes under which opaque tokens are kept.

use std::{
    str::FromStr,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::value::{SessionId, Timestamp, UserId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
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

/// A verified access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The person.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// When the token begins to work.
    pub not_before: Timestamp,
    /// When the token stops working.
    pub expires_at: Timestamp,
    key: KeyId,
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
        let ring = self.ring();
        let key = ring.signer(now);
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(key.id().to_string());
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user_id.to_string(),
            sid: session_id.to_string(),
            iat: now.seconds(),
            nbf: now.seconds(),
            exp: now.seconds().saturating_add(ACCESS_TOKEN_SECONDS),
        };
        encode(&header, &claims, &key.signing).map_err(|error| AppError::internal(error.to_string()))
    }

    /// What a token says, if it is one of ours and in force at `now`.
    ///
    /// # Errors
    /// `Unauthenticated`, whatever is wrong with it.
    pub fn read(&self, token: &str, now: Timestamp) -> AppResult<Verified> {
        let verified = self.look_at(token, now).ok_or(AppError::Unauthenticated)?;
        if self.still_accepts(&verified, now) { Ok(verified) } else { Err(AppError::Unauthenticated) }
    }

    /// Whether a token that was verified before is in force at `now`, and its key still ours.
    #[must_use]
    pub fn still_accepts(&self, verified: &Verified, now: Timestamp) -> bool {
        let leeway = chrono::TimeDelta::seconds(LEEWAY_SECONDS);
        now < verified.expires_at.plus(leeway)
            && now.plus(leeway) >= verified.not_before
            && self.ring().reader(verified.key, now).is_some()
    }

    fn look_at(&self, token: &str, now: Timestamp) -> Option<Verified> {
        if token.len() > MOST_BYTES {
            return None;
        }
        let (head, _) = token.split_once('.')?;
        let head: Head = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
        if head.typ != TOKEN_TYPE || head.alg != ALGORITHM {
            return None;
        }
        let (ring, key) = (self.ring(), KeyId::parse(&head.kid)?);
        let claims = decode::<Claims>(token, &ring.reader(key, now)?.reading, &self.validation).ok()?.claims;
        // Longer than any that we sign.
        if claims.exp.saturating_sub(claims.iat) > ACCESS_TOKEN_SECONDS {
            return None;
        }
        let instant = |seconds: i64| Timestamp::from_micros(seconds.saturating_mul(1_000_000));
        Some(Verified {
            user_id: UserId::from_str(&claims.sub).ok()?,
            session_id: SessionId::from_str(&claims.sid).ok()?,
            not_before: instant(claims.nbf.max(claims.iat)),
            expires_at: instant(claims.exp),
            key,
        })
    }
}

/// The hash under which an opaque token of 256 bits is kept: a plain one will do, there is nothing to guess.
#[must_use]
pub fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
