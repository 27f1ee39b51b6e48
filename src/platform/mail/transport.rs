//! How mails leave: to a server (SMTP), as files in a folder, or not at all.

use std::{fmt, path::PathBuf, time::Duration};

use futures::future::BoxFuture;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret as _, SecretString};

/// How long sending one mail may take in all. The library's own limit holds for connecting only: a server that takes the
/// mail and never answers would be waited for without end. Shorter than the lease of whoever claimed the mail, and than a
/// stop waits for jobs.
const WHOLE: Duration = Duration::from_secs(10);

/// How one mail leaves.
pub trait Deliver: Send + Sync + 'static {
    /// Delivers a message; otherwise a few words for operators, without any address in them.
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), String>>;

    /// Whether mails leave at all.
    fn delivers(&self) -> bool {
        true
    }
}

/// How the connection to a server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Implicit,
    /// TLS from the greeting on (STARTTLS); a server that does not offer it gets no mail.
    StartTls,
    /// None: for a server on the same machine.
    None,
}

/// A server that takes mails.
pub struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Smtp")
    }
}

impl Smtp {
    /// Through a server; we introduce ourselves as `own_name`.
    ///
    /// # Errors
    /// A sentence when its name is none that a certificate can be issued for.
    pub fn through(
        host: &str,
        port: u16,
        security: Security,
        credentials: Option<(String, SecretString)>,
        own_name: &str,
    ) -> Result<Self, String> {
        let parameters = || TlsParameters::new(host.to_owned()).map_err(|error| format!("{host}: {error}"));
        let tls = match security {
            Security::Implicit => Tls::Wrapper(parameters()?),
            Security::StartTls => Tls::Required(parameters()?),
            Security::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(WHOLE))
            .hello_name(ClientId::Domain(own_name.to_owned()));
        if let Some((user, password)) = credentials {
            builder = builder.credentials(Credentials::new(user, password.expose_secret().to_owned()));
        }
        Ok(Self(builder.build()))
    }
}

impl Deliver for Smtp {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            match tokio::time::timeout(WHOLE, self.0.send(message.clone())).await {
                Ok(sent) => sent.map(drop).map_err(|error| problem(&error)),
                Err(_) => Err("the mail server did not finish in time".to_owned()),
            }
        })
    }
}

/// Servers repeat addresses in their answers, so only the number is kept.
fn problem(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("the mail server refused with {code}"),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if error.is_tls() => "the connection to the mail server cannot be protected".to_owned(),
        None if error.is_client() || error.is_response() => format!("the mail server is not understood: {error}"),
        None => "the mail server cannot be reached".to_owned(),
    }
}

/// A folder in which each mail becomes a file `….eml`, for trying things out.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// In this folder, made when the first mail comes.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Written beside its place and moved there whole; the same mail again takes the same place.
    async fn write(&self, message: &Message) -> std::io::Result<()> {
        use tokio::io::AsyncWriteExt as _;
        let id = message.headers().get_raw("Message-ID").unwrap_or("mail");
        let name: String = id.chars().take_while(|c| *c != '@').filter(char::is_ascii_alphanumeric).collect();
        tokio::fs::create_dir_all(&self.0).await?;
        let unfinished = self.0.join(format!("{name}.unfinished"));
        // It may hold a secret link: for its owner's eyes only.
        let mut file =
            tokio::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished).await?;
        file.write_all(&message.formatted()).await?;
        file.sync_all().await?;
        tokio::fs::rename(&unfinished, self.0.join(format!("{name}.eml"))).await
    }
}

impl Deliver for Folder {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            self.write(message).await.map_err(|error| format!("the folder of mails cannot be written: {error}"))
        })
    }
}

/// No way out: mails are forgotten.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Deliver for Nowhere {
    fn deliver<'a>(&'a self, _: &'a Message) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Err("no way of sending mails is configured".to_owned()) })
    }

    fn delivers(&self) -> bool {
        false
    }
}
