//! The key that signs access tokens, and in whose name.

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Problems, given, variable};
use crate::platform::auth::tokens::Tokens;

/// The key itself, where there is no file. No flag: others on the machine could read it.
pub const KEY: &str = "PARTNER_PORTAL_SIGNING_KEY";

const FILE: &str = "PARTNER_PORTAL_SIGNING_KEY_FILE";
const PUBLIC_URL: &str = "PARTNER_PORTAL_PUBLIC_URL";

/// The key and the name, as written.
#[derive(Args, Clone, Default)]
pub struct SigningArgs {
    /// A file with the Ed25519 key that signs access tokens (PKCS 8, PEM; `openssl genpkey -algorithm ed25519`).
    /// The variable PARTNER_PORTAL_SIGNING_KEY can hold the key itself instead
    #[arg(long, env = "PARTNER_PORTAL_SIGNING_KEY_FILE", hide_env_values = true)]
    signing_key_file: Option<String>,
    /// Under which address callers know this server; tokens are issued in its name [default: http://localhost:8080]
    #[arg(long, env = "PARTNER_PORTAL_PUBLIC_URL", hide_env_values = true)]
    public_url: Option<String>,
}

/// The key and the name.
#[derive(Debug)]
pub struct Signing {
    pem: SecretString,
    issuer: String,
}

impl SigningArgs {
    /// Reads them, the file too.
    pub fn read(&self, problems: &mut Problems) -> Option<Signing> {
        let issuer =
            problems.take(PUBLIC_URL, issuer(given(self.public_url.as_ref()).unwrap_or("http://localhost:8080")));
        let written = variable(KEY).filter(|key| !key.trim().is_empty());
        let (setting, pem) = match (given(self.signing_key_file.as_ref()), written) {
            (Some(_), Some(_)) => (FILE, Err(format!("set this or {KEY}, not both"))),
            (Some(path), None) => {
                (FILE, std::fs::read_to_string(path).map_err(|error| format!("{path:?} cannot be read: {error}")))
            }
            (None, Some(key)) => (KEY, Ok(key)),
            (None, None) => (FILE, Err(format!("a key is needed to sign tokens: name its file here, or set {KEY}"))),
        };
        let pem = pem.and_then(|pem| Tokens::from_pem(&pem, "check").map(|_| SecretString::from(pem)));
        let pem = problems.take(setting, pem);
        Some(Signing { pem: pem?, issuer: issuer? })
    }
}

fn issuer(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is no address such as https://portal.example.com");
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

impl Signing {
    /// Under which address callers know this server.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.issuer
    }

    /// What signs and reads tokens.
    ///
    /// # Errors
    /// A sentence saying what is wrong with the key.
    pub fn tokens(&self) -> Result<Tokens, String> {
        Tokens::from_pem(self.pem.expose_secret(), &self.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_must_be_one_and_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let key = crate::platform::auth::keys::generate_pem().unwrap();
        for (content, taken) in [(key.as_str(), true), ("hunter2", false)] {
            std::fs::write(&path, content).unwrap();
            let args = SigningArgs { signing_key_file: Some(path.display().to_string()), public_url: None };
            let mut problems = Problems::default();
            let read = args.read(&mut problems);
            let printed = format!("{read:?} {problems:?}");
            assert!(!printed.contains("hunter2") && !printed.contains("PRIVATE"), "{printed}");
            assert_eq!(problems.finish(read).is_ok(), taken);
        }
        let mut problems = Problems::default();
        assert!(SigningArgs::default().read(&mut problems).is_none(), "no key, no server");
    }

    #[test]
    fn a_name_is_a_web_address_without_a_password() {
        assert_eq!(issuer("https://portal.example.com/").as_deref(), Ok("https://portal.example.com"));
        for refused in ["portal", "ftp://a", "https://user:secret@a"] {
            assert!(issuer(refused).is_err(), "{refused}");
        }
    }
}
