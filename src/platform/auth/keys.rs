//! The key that signs access tokens: an Ed25519 private key in PEM (PKCS 8).

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use pem::{EncodeConfig, LineEnding, Pem};

const TAG: &str = "PRIVATE KEY";

/// Makes a new key, as PEM.
///
/// # Errors
/// A sentence when the operating system gives no chance.
pub fn generate_pem() -> Result<String, String> {
    let pair = Ed25519KeyPair::generate().map_err(|_| "no key could be made".to_owned())?;
    let der = pair.to_pkcs8v1().map_err(|_| "the new key could not be written".to_owned())?;
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    Ok(pem::encode_config(&Pem::new(TAG, der.as_ref().to_vec()), config))
}

/// The key inside a PEM text.
///
/// # Errors
/// A sentence that does not repeat the text.
pub fn private_der(text: &str) -> Result<Vec<u8>, String> {
    let parsed = pem::parse(text).map_err(|_| "the signing key is not in PEM form".to_owned())?;
    if parsed.tag() != TAG {
        return Err("the signing key must be a PKCS 8 private key (BEGIN PRIVATE KEY)".to_owned());
    }
    Ok(parsed.into_contents())
}

/// The public key of a private one.
///
/// # Errors
/// A sentence when it is no Ed25519 key.
pub fn public_of(der: &[u8]) -> Result<Vec<u8>, String> {
    let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| "the signing key is not an Ed25519 key".to_owned())?;
    Ok(pair.public_key().as_ref().to_vec())
}
