//! Access tokens: JWTs of ten minutes, signed with EdDSA; and the hashes under which opaque tokens are kept.

use std::str::FromStr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::value::{SessionId, Timestamp, UserId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::platform::error::{AppError, AppResult};

/// How long an access token works, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 600;

/// Clocks of servers may differ by so many seconds.
const LEEWAY_SECONDS: i64 = 5;

const AUDIENCE: &str = "partner-portal";
const TOKEN_TYPE: &str = "at+jwt";

/// Signs and reads access tokens.
#[derive(Clone)]
pub struct Tokens {
    signing: EncodingKey,
    reading: DecodingKey,
    key_id: String,
    issuer: String,
    validation: Validation,
    deriving: Hmac<Sha256>,
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
    /// When the token stops working.
    pub expires_at: Timestamp,
}

impl Tokens {
    /// With an Ed25519 private key in PEM (PKCS 8).
    ///
    /// # Errors
    /// A sentence saying what is wrong with the key.
    pub fn from_pem(pem: &str, issuer: &str) -> Result<Self, String> {
        let der = super::keys::private_der(pem)?;
        let public = super::keys::public_of(&der)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub", "nbf"]);
        // Instants are checked against our own clock below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            signing: EncodingKey::from_ed_der(&der),
            reading: DecodingKey::from_ed_der(&public),
            key_id: hex(&Sha256::digest(&public)).chars().take(16).collect(),
            issuer: issuer.to_owned(),
            validation,
            deriving: Hmac::<Sha256>::new_from_slice(&der).map_err(|error| error.to_string())?,
        })
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
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(self.key_id.clone());
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user_id.to_string(),
            sid: session_id.to_string(),
            iat: now.seconds(),
            nbf: now.seconds(),
            exp: now.seconds().saturating_add(ACCESS_TOKEN_SECONDS),
        };
        encode(&header, &claims, &self.signing).map_err(|error| AppError::internal(error.to_string()))
    }

    /// What a token says, if it is one of ours and in force at `now`.
    ///
    /// # Errors
    /// `Unauthenticated`, whatever is wrong with it.
    pub fn read(&self, token: &str, now: Timestamp) -> AppResult<Verified> {
        let header = decode_header(token).map_err(|_| AppError::Unauthenticated)?;
        if header.typ.as_deref() != Some(TOKEN_TYPE) || header.kid.as_deref() != Some(self.key_id.as_str()) {
            return Err(AppError::Unauthenticated);
        }
        let claims =
            decode::<Claims>(token, &self.reading, &self.validation).map_err(|_| AppError::Unauthenticated)?.claims;
        let in_force = now.seconds() < claims.exp.saturating_add(LEEWAY_SECONDS)
            && now.seconds() >= claims.nbf.saturating_sub(LEEWAY_SECONDS);
        if !in_force {
            return Err(AppError::Unauthenticated);
        }
        Ok(Verified {
            user_id: UserId::from_str(&claims.sub).map_err(|_| AppError::Unauthenticated)?,
            session_id: SessionId::from_str(&claims.sid).map_err(|_| AppError::Unauthenticated)?,
            expires_at: Timestamp::from_micros(claims.exp.saturating_mul(1_000_000)),
        })
    }
}

/// The hash under which an opaque token of 256 bits is kept: a plain one will do, there is nothing to guess.
#[must_use]
pub fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}
