//! The keys that sign access tokens: Ed25519 private keys in PEM (PKCS 8).

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use pem::{EncodeConfig, LineEnding, Pem};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

const TAG: &str = "PRIVATE KEY";

/// What tokens call a key: the thumbprint of its public half (RFC 7638), so that no two keys share a name and nobody
/// has to invent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// The name in a token's header; none when no key of this kind can have it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// A key that signs and verifies.
#[derive(Clone)]
pub struct SigningKey {
    id: KeyId,
    public: String,
    /// What signs.
    pub signing: EncodingKey,
    /// What verifies.
    pub reading: DecodingKey,
}

/// The public half of a key, as others read it (RFC 7517, RFC 8037).
#[derive(Debug, Serialize)]
pub struct PublicKey {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    r#use: &'static str,
    kid: String,
    x: String,
}

impl SigningKey {
    /// The key inside a PEM text.
    ///
    /// # Errors
    /// A sentence that does not repeat the text.
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let der = private_der(text)?;
        let pair = Ed25519KeyPair::from_pkcs8(&der).map_err(|_| "the signing key is not an Ed25519 key".to_owned())?;
        let public = pair.public_key().as_ref();
        let x = URL_SAFE_NO_PAD.encode(public);
        let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        Ok(Self {
            id: KeyId(thumbprint.into()),
            signing: EncodingKey::from_ed_der(&der),
            reading: DecodingKey::from_ed_der(public),
            public: x,
        })
    }

    /// What tokens call it.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            r#use: "sig",
            kid: self.id.to_string(),
            x: self.public.clone(),
        }
    }
}

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

/// The bytes inside a PEM text.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_thumbprint() {
        // The key and its thumbprint of RFC 8037, appendix A.
        let seed = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
        let mut der =
            vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        der.extend(URL_SAFE_NO_PAD.decode(seed).unwrap());
        let key = SigningKey::from_pem(&pem::encode(&Pem::new(TAG, der))).unwrap();
        let public = serde_json::to_value(key.public()).unwrap();
        assert_eq!(public["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(public["kid"], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(KeyId::parse(public["kid"].as_str().unwrap()), Some(key.id()));
        for no_name in ["", "../../key", "' or 1=1 --", "kPrK"] {
            assert_eq!(KeyId::parse(no_name), None);
        }
    }
}
