//! The codes themselves: six digits every 30 seconds (RFC 6238), as every authenticator app shows them.

use entity::value::{SecondFactorId, Timestamp, TypedId};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use uuid::Uuid;

use super::model::RECOVERY_CODES;
use crate::platform::{
    call::Call,
    error::{AppError, AppResult},
};

/// Under which name apps show it.
const ISSUER: &str = "Partner Portal";

/// How many bytes of a derived secret are used: 160 bits, as RFC 4226 advises.
const SECRET_BYTES: usize = 20;
/// 80 bits: sixteen letters and digits.
const CODE_BYTES: usize = 10;

/// What makes the codes of a factor. The secret is derived, so that none is kept.
fn generator(call: &Call, id: SecondFactorId, email: &str) -> AppResult<Totp> {
    let mut secret = call.services.tokens.keyed_hash("totp", id.uuid().as_bytes());
    secret.truncate(SECRET_BYTES);
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret)
        // A colon would end the name of the issuer in the address.
        .with_account_name(email.replace(':', ""))
        .with_issuer(Some(ISSUER))
        .build()
        .map_err(|error| AppError::internal(format!("no codes can be made: {error:?}")))
}

/// The secret in base 32, and the address that apps read.
///
/// # Errors
/// A fault when neither can be written.
pub fn shown(call: &Call, id: SecondFactorId, email: &str) -> AppResult<(String, String)> {
    let mut secret = call.services.tokens.keyed_hash("totp", id.uuid().as_bytes());
    secret.truncate(SECRET_BYTES);
    let url = generator(call, id, email)?.to_url();
    let url = url.map_err(|error| AppError::internal(format!("no address of codes can be made: {error:?}")))?;
    Ok((Secret::from(secret).to_base32(), url))
}

/// Which step of time a code belongs to: this one, the one before or the next.
///
/// # Errors
/// A fault when no codes can be made.
pub fn step_of(call: &Call, id: SecondFactorId, digits: &str, now: Timestamp) -> AppResult<Option<i64>> {
    let Ok(seconds) = u64::try_from(now.seconds()) else { return Ok(None) };
    let step = generator(call, id, "")?.check(digits, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// The codes of a set, in groups of four.
#[must_use]
pub fn recovery_codes(call: &Call, set: Uuid) -> Vec<String> {
    (0..RECOVERY_CODES)
        .map(|number| {
            let mut bytes = call
                .services
                .tokens
                .keyed_hash("recovery code", &[set.as_bytes().as_slice(), [number].as_slice()].concat());
            bytes.truncate(CODE_BYTES);
            let text: Vec<char> = Secret::from(bytes).to_base32().chars().collect();
            text.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
        })
        .collect()
}
