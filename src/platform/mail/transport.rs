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
        response::Code,
    },
};
use secrecy::{ExposeSecret as _, SecretString};

/// How long sending one mail may take in all. The library's own limit holds for connecting only: a server that takes the
/// mail and never answers would be waited for without end. Shorter than the lease of whoever claimed the mail, and than a
/// stop waits for jobs.
const WHOLE: Duration = Duration::from_secs(10);

/// Why a mail did not leave: in a few words for operators, without any address in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// This mail is refused for good: there is no such address, for one.
    Never(String),
    /// This mail is not taken now; others may be.
    NotNow(String),
    /// No mail leaves now.
    Away(String),
}

/// How one mail leaves.
pub trait Deliver: Send + Sync + 'static {
    /// Delivers a message; otherwise says why not.
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), Undelivered>>;

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

    /// Sends a message. A server that greets us with a refusal, or does not believe our password, answers with the same
    /// numbers as one that refuses an address: it refuses a connection that brings no mail, too.
    async fn send(&self, message: &Message) -> Result<(), Undelivered> {
        let Err(error) = self.0.send(message.clone()).await else { return Ok(()) };
        let (problem, passes) = (problem(&error), error.is_transient());
        if !may_be_of_the_mail(&error) || !matches!(self.0.test_connection().await, Ok(true)) {
            return Err(Undelivered::Away(problem));
        }
        Err(if passes { Undelivered::NotNow(problem) } else { Undelivered::Never(problem) })
    }
}

impl Deliver for Smtp {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), Undelivered>> {
        Box::pin(async move {
            match tokio::time::timeout(WHOLE, self.send(message)).await {
                Ok(sent) => sent,
                Err(_) => Err(Undelivered::Away("the mail server did not finish in time".to_owned())),
            }
        })
    }
}

/// Whether the fault may lie in the mail: in its answer the server refuses something, or the library finds that this
/// server cannot take such a mail. Who is to sign in first (530) is refused whatever they bring.
fn may_be_of_the_mail(error: &Error) -> bool {
    error.status().map_or_else(|| error.is_client(), |code| !asks_to_sign_in(code))
}

fn asks_to_sign_in(code: Code) -> bool {
    code.to_string() == "530"
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
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), Undelivered>> {
        Box::pin(async move {
            let away = |error| Undelivered::Away(format!("the folder of mails cannot be written: {error}"));
            self.write(message).await.map_err(away)
        })
    }
}

/// No way out: mails are forgotten.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Deliver for Nowhere {
    fn deliver<'a>(&'a self, _: &'a Message) -> BoxFuture<'a, Result<(), Undelivered>> {
        Box::pin(async { Err(Undelivered::Away("no way of sending mails is configured".to_owned())) })
    }

    fn delivers(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader, Write as _},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    /// Speaks as a server does that greets, and answers to the name of an addressee, in these words.
    fn speak(mut connection: TcpStream, greeting: &str, addressee: &str) {
        let heard = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
        let mut answers = std::iter::once(greeting.to_owned()).chain(heard.map(|line| {
            let answer = match line.get(..4) {
                Some("EHLO") => "250 mail.example",
                Some("MAIL" | "NOOP") => "250 so be it",
                Some("RCPT") => addressee,
                Some("QUIT") => "221 good bye",
                _ => "500 what?",
            };
            answer.to_owned()
        }));
        // Who has gone hears nothing.
        let _gone = answers.try_for_each(|answer| write!(connection, "{answer}\r\n"));
    }

    /// A server for as long as the test runs.
    fn server(greeting: &'static str, addressee: &'static str) -> Smtp {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                std::thread::spawn(move || speak(connection, greeting, addressee));
            }
        });
        Smtp::through("127.0.0.1", port, Security::None, None, "portal.example").unwrap()
    }

    fn message() -> Message {
        let builder = Message::builder().from("portal@vendor.example".parse().unwrap());
        builder.to("ana@north.example".parse().unwrap()).body("Hello".to_owned()).unwrap()
    }

    #[tokio::test]
    async fn a_refused_mail_is_told_from_a_server_that_is_away() {
        let refused = |code: &str| format!("the mail server refused with {code}");
        for (greeting, addressee, expected) in [
            ("220 mail.example", "550 nobody of that name", Undelivered::Never(refused("550"))),
            ("220 mail.example", "451 try again later", Undelivered::NotNow(refused("451"))),
            ("220 mail.example", "530 sign in first", Undelivered::Away(refused("530"))),
            ("554 no mail from you", "250 so be it", Undelivered::Away(refused("554"))),
            ("421 too busy", "250 so be it", Undelivered::Away(refused("421"))),
        ] {
            let outcome = server(greeting, addressee).deliver(&message()).await;
            assert_eq!(outcome, Err(expected), "{greeting}; {addressee}");
        }
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let away = Smtp::through("127.0.0.1", nobody, Security::None, None, "portal.example").unwrap();
        assert!(matches!(away.deliver(&message()).await, Err(Undelivered::Away(_))));
        assert!(matches!(Nowhere.deliver(&message()).await, Err(Undelivered::Away(_))));
    }
}
