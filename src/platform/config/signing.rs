//! The keys that sign access tokens, and in whose name.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::signal::unix::{SignalKind, signal};

use super::{Problems, given, variable};
use crate::platform::auth::{key_ring::KeyRing, tokens::Tokens};

/// The key itself, where there is no file. No flag: others on the machine could read it.
pub const KEY: &str = "PARTNER_PORTAL_SIGNING_KEY";

const FOLDER: &str = "PARTNER_PORTAL_SIGNING_KEYS";
const FILE: &str = "PARTNER_PORTAL_SIGNING_KEY_FILE";
const PUBLIC_URL: &str = "PARTNER_PORTAL_PUBLIC_URL";

/// How often the folder is read again.
const READ_AGAIN: Duration = Duration::from_secs(10);

/// The keys and the name, as written.
#[derive(Args, Clone, Default)]
pub struct SigningArgs {
    /// A folder with the keys that sign access tokens; `partner-portal keys generate` fills it. It is read again every
    /// ten seconds and on SIGHUP, so that keys rotate without a restart
    #[arg(long, env = "PARTNER_PORTAL_SIGNING_KEYS", hide_env_values = true)]
    signing_keys: Option<String>,
    /// Instead of a folder, one file with one Ed25519 key (PKCS 8, PEM; `openssl genpkey -algorithm ed25519`).
    /// The variable PARTNER_PORTAL_SIGNING_KEY can hold the key itself instead
    #[arg(long, env = "PARTNER_PORTAL_SIGNING_KEY_FILE", hide_env_values = true)]
    signing_key_file: Option<String>,
    /// Under which address callers know this server; tokens are issued in its name [default: http://localhost:8080]
    #[arg(long, env = "PARTNER_PORTAL_PUBLIC_URL", hide_env_values = true)]
    public_url: Option<String>,
}

/// The keys and the name.
#[derive(Debug)]
pub struct Signing {
    keys: Keys,
    issuer: String,
}

#[derive(Debug)]
enum Keys {
    Folder(PathBuf),
    One(SecretString),
}

impl SigningArgs {
    /// Reads them, the files too.
    pub fn read(&self, problems: &mut Problems) -> Option<Signing> {
        let issuer =
            problems.take(PUBLIC_URL, issuer(given(self.public_url.as_ref()).unwrap_or("http://localhost:8080")));
        let written = variable(KEY).filter(|key| !key.trim().is_empty());
        let one = |pem: String| Keys::One(SecretString::from(pem));
        let (setting, keys) = match (given(self.signing_keys.as_ref()), given(self.signing_key_file.as_ref()), written)
        {
            (Some(folder), None, None) => (FOLDER, Ok(Keys::Folder(PathBuf::from(folder)))),
            (None, Some(path), None) => {
                let text = std::fs::read_to_string(path).map_err(|error| format!("{path:?} cannot be read: {error}"));
                (FILE, text.map(one))
            }
            (None, None, Some(key)) => (KEY, Ok(one(key))),
            (None, None, None) => (
                FOLDER,
                Err(format!(
                    "a key is needed to sign tokens: name its folder here, or its file in {FILE}, or set {KEY}"
                )),
            ),
            _ => (FOLDER, Err(format!("set one of this, {FILE} and {KEY}"))),
        };
        let keys = keys.and_then(|keys| keys.tokens("check").map(|_| keys));
        let keys = problems.take(setting, keys);
        Some(Signing { keys: keys?, issuer: issuer? })
    }
}

impl Keys {
    fn tokens(&self, issuer: &str) -> Result<Tokens, String> {
        match self {
            Self::Folder(folder) => {
                let (ring, deriving) = KeyRing::read(folder)?;
                Tokens::new(ring, &deriving, issuer)
            }
            Self::One(pem) => Tokens::from_pem(pem.expose_secret(), issuer),
        }
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
    /// A sentence saying what is wrong with the keys.
    pub fn tokens(&self) -> Result<Tokens, String> {
        self.keys.tokens(&self.issuer)
    }

    /// The origin of the address under which callers know this server: that of its own pages.
    #[must_use]
    pub fn own_origin(&self) -> Option<String> {
        url::Url::parse(&self.issuer).ok().map(|url| url.origin().ascii_serialization())
    }

    /// Reads the folder again and again, for as long as it is awaited. What cannot be read leaves the keys as they are.
    pub async fn keep_reading(self, tokens: Tokens) {
        let Ok(mut hangup) = signal(SignalKind::hangup()) else {
            return tracing::error!("SIGHUP cannot be listened to: keys are not read again");
        };
        let mut said = String::new();
        loop {
            // Nothing is lost when the time is up: the signal is kept until somebody asks for it.
            let _asked = tokio::time::timeout(READ_AGAIN, hangup.recv()).await;
            let Keys::Folder(folder) = &self.keys else { continue };
            match read_again(folder, &tokens) {
                Ok(changed) => {
                    said.clear();
                    if changed {
                        tracing::info!("the signing keys have changed");
                    }
                }
                Err(problem) if problem == said => {}
                Err(problem) => {
                    tracing::error!(problem, "the signing keys cannot be read again: those of before stay in use");
                    said = problem;
                }
            }
        }
    }
}

/// Takes the keys that a folder holds now; whether they are others than before.
///
/// # Errors
/// A sentence saying what is wrong with them; the keys stay as they are then.
pub fn read_again(folder: &std::path::Path, tokens: &Tokens) -> Result<bool, String> {
    let (ring, _) = KeyRing::read(folder)?;
    Ok(tokens.replace(ring))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::auth::{key_ring::DERIVING_FILE, keys::generate_pem};

    #[test]
    fn a_key_must_be_one_and_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let key = generate_pem().unwrap();
        for (content, taken) in [(key.as_str(), true), ("hunter2", false)] {
            std::fs::write(&path, content).unwrap();
            let file = SigningArgs { signing_key_file: Some(path.display().to_string()), ..SigningArgs::default() };
            let all = SigningArgs { signing_keys: Some(folder.path().display().to_string()), ..SigningArgs::default() };
            for args in [file, all] {
                let mut problems = Problems::default();
                let read = args.read(&mut problems);
                let printed = format!("{read:?} {problems:?}");
                assert!(!printed.contains("hunter2") && !printed.contains("PRIVATE"), "{printed}");
                assert_eq!(problems.finish(read).is_ok(), taken);
            }
        }
        let mut problems = Problems::default();
        assert!(SigningArgs::default().read(&mut problems).is_none(), "no key, no server");
    }

    #[test]
    fn keys_change_while_the_server_runs_and_secrets_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let first = generate_pem().unwrap();
        write("key.pem", &first);
        let args = SigningArgs { signing_keys: Some(folder.path().display().to_string()), ..SigningArgs::default() };
        let tokens = args.read(&mut Problems::default()).unwrap().tokens().unwrap();
        let secret = |tokens: &Tokens| tokens.secret_for("test", uuid::Uuid::nil(), 1);
        let before = secret(&tokens);
        assert_eq!(read_again(folder.path(), &tokens), Ok(false));

        write(DERIVING_FILE, &first);
        write("20260302T100000Z.pem", &generate_pem().unwrap());
        assert_eq!(read_again(folder.path(), &tokens), Ok(true));
        write("20260303T100000Z.pem", "half a fi");
        assert!(read_again(folder.path(), &tokens).is_err());
        assert_eq!(tokens.ring().ids().len(), 2, "what cannot be read changes nothing");

        std::fs::remove_file(folder.path().join("20260303T100000Z.pem")).unwrap();
        std::fs::remove_file(folder.path().join("key.pem")).unwrap();
        assert_eq!(read_again(folder.path(), &tokens), Ok(true));
        let restarted = args.read(&mut Problems::default()).unwrap().tokens().unwrap();
        assert_eq!((secret(&tokens), secret(&restarted)), (before.clone(), before));
    }

    #[test]
    fn a_name_is_a_web_address_without_a_password() {
        assert_eq!(issuer("https://portal.example.com/").as_deref(), Ok("https://portal.example.com"));
        for refused in ["portal", "ftp://a", "https://user:secret@a"] {
            assert!(issuer(refused).is_err(), "{refused}");
        }
    }
}
