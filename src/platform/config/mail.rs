//! How mails leave, in whose name, and where their links lead.

use std::{fmt, path::PathBuf, sync::Arc};

use clap::Args;
use lettre::message::Mailbox;
use secrecy::SecretString;
use url::{Host, Url};

use super::{Problems, given, variable};
use crate::platform::mail::{Deliver, Folder, Letters, Links, Nowhere, Post, Security, Smtp};

/// The password at the mail server. No flag: others on the machine could read it.
pub const PASSWORD: &str = "PARTNER_PORTAL_MAIL_PASSWORD";

const TRANSPORT: &str = "PARTNER_PORTAL_MAIL_TRANSPORT";
const FROM: &str = "PARTNER_PORTAL_MAIL_FROM";
const USER: &str = "PARTNER_PORTAL_MAIL_USER";
const PORTAL_URL: &str = "PARTNER_PORTAL_PORTAL_URL";

/// Mails, as written.
#[derive(Args, Clone, Default)]
pub struct MailArgs {
    /// How mails leave: `smtp://HOST:PORT` (STARTTLS), `smtps://HOST:PORT` (TLS), `smtp://HOST:PORT?tls=none`,
    /// `folder:PATH` (a file for each) or `none` [default: none; in the demo a folder beside its database]
    #[arg(long, env = "PARTNER_PORTAL_MAIL_TRANSPORT", hide_env_values = true)]
    mail_transport: Option<String>,
    /// Who mails come from, such as `Partner portal <portal@example.com>`; needed to send any
    #[arg(long, env = "PARTNER_PORTAL_MAIL_FROM", hide_env_values = true)]
    mail_from: Option<String>,
    /// The user at the mail server, if it wants one; the variable PARTNER_PORTAL_MAIL_PASSWORD holds the password
    #[arg(long, env = "PARTNER_PORTAL_MAIL_USER", hide_env_values = true)]
    mail_user: Option<String>,
    /// The portal's frontend, where links in mails lead [default: the public address of this server]
    #[arg(long, env = "PARTNER_PORTAL_PORTAL_URL", hide_env_values = true)]
    portal_url: Option<String>,
}

/// Which way mails leave.
#[derive(Clone)]
enum Way {
    None,
    Folder(PathBuf),
    Smtp { host: String, port: u16, security: Security, credentials: Option<(String, SecretString)> },
}

/// Mails.
#[derive(Clone)]
pub struct Mail {
    way: Way,
    from: Mailbox,
    portal_url: Option<String>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("from", &self.from.email).finish_non_exhaustive()
    }
}

impl MailArgs {
    /// Reads it; without a setting mails become files in `folder`, or leave no way at all.
    pub fn read(&self, problems: &mut Problems, folder: Option<PathBuf>) -> Option<Mail> {
        self.read_with(problems, folder, variable(PASSWORD).filter(|password| !password.trim().is_empty()))
    }

    fn read_with(&self, problems: &mut Problems, folder: Option<PathBuf>, password: Option<String>) -> Option<Mail> {
        let user = given(self.mail_user.as_ref()).map(str::to_owned);
        let credentials = match (user, password) {
            (Some(user), Some(password)) => Ok(Some((user, SecretString::from(password)))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(format!("a user needs a password: set {PASSWORD}")),
            (None, Some(_)) => Err(format!("{PASSWORD} is set, and no user that it belongs to")),
        };
        let credentials = problems.take(USER, credentials);
        let way = match given(self.mail_transport.as_ref()) {
            None => Ok(folder.map_or(Way::None, Way::Folder)),
            Some(text) => way(text, credentials.clone().flatten()),
        };
        let way = problems.take(TRANSPORT, way);
        let from = match given(self.mail_from.as_ref()) {
            Some(text) => {
                text.parse().map_err(|_| format!("{text:?} is no address such as `Portal <portal@example.com>`"))
            }
            None if matches!(way, Some(Way::Smtp { .. })) => {
                Err("mails need an address that they come from, such as `Portal <portal@example.com>`".to_owned())
            }
            None => "Partner portal <portal@vendor.example>".parse().map_err(|_| "no address".to_owned()),
        };
        let from = problems.take(FROM, from);
        let portal_url = problems.take(PORTAL_URL, given(self.portal_url.as_ref()).map(web_address).transpose());
        credentials?;
        Some(Mail { way: way?, from: from?, portal_url: portal_url? })
    }
}

fn way(text: &str, credentials: Option<(String, SecretString)>) -> Result<Way, String> {
    const KNOWN: &str = "smtp://HOST:PORT, smtps://HOST:PORT, smtp://HOST:PORT?tls=none, folder:PATH or none";
    if text == "none" {
        return Ok(Way::None);
    }
    if let Some(path) = text.strip_prefix("folder:").filter(|path| !path.is_empty()) {
        return Ok(Way::Folder(PathBuf::from(path)));
    }
    // What was written may hold a password, so it is not repeated.
    let url = Url::parse(text).map_err(|_| format!("this is none of {KNOWN}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("the user belongs into {USER} and the password into {PASSWORD}"));
    }
    let (security, port) = match (url.scheme(), url.query()) {
        ("smtps", None) => (Security::Implicit, 465),
        ("smtp", None) => (Security::StartTls, 587),
        ("smtp", Some("tls=none")) => (Security::None, 25),
        _ => return Err(format!("this is none of {KNOWN}")),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| format!("this is none of {KNOWN}"))?;
    if !matches!(url.path(), "" | "/") {
        return Err(format!("this is none of {KNOWN}"));
    }
    if security == Security::None && credentials.is_some() && !is_this_machine(host) {
        return Err("a password is not sent to another machine without TLS: leave ?tls=none away".to_owned());
    }
    Ok(Way::Smtp { host: host.to_owned(), port: url.port().unwrap_or(port), security, credentials })
}

fn is_this_machine(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Ok(Host::Domain(name)) => name == "localhost",
        Err(_) => false,
    }
}

fn web_address(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is no address such as https://portal.example.com");
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain { Ok(text.trim_end_matches('/').to_owned()) } else { Err(wrong()) }
}

impl Mail {
    /// Where the portal's pages are: at the public address unless configured.
    #[must_use]
    pub fn portal_url<'a>(&'a self, public_url: &'a str) -> &'a str {
        self.portal_url.as_deref().unwrap_or(public_url)
    }

    /// What sending needs. Links lead to the portal's frontend, or to `public_url` when none is named.
    ///
    /// # Errors
    /// A sentence when the server's name is none.
    pub fn post(&self, public_url: &str, letters: Arc<dyn Letters>) -> Result<Post, String> {
        let links = Links::below(self.portal_url(public_url));
        let transport: Arc<dyn Deliver> = match &self.way {
            Way::None => {
                tracing::warn!("mails are not sent, and links in them reach nobody: {TRANSPORT} names a way");
                Arc::new(Nowhere)
            }
            Way::Folder(path) => {
                tracing::info!(folder = %path.display(), "mails become files");
                Arc::new(Folder::at(path.clone()))
            }
            Way::Smtp { host, port, security, credentials } => {
                tracing::info!(host, port, ?security, "mails are sent");
                Arc::new(Smtp::through(host, *port, *security, credentials.clone(), &links.host())?)
            }
        };
        Ok(Post { transport, from: self.from.clone(), links, letters })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(transport: &str, user: Option<&str>, password: Option<&str>) -> Result<Mail, Vec<String>> {
        let args = MailArgs {
            mail_transport: Some(transport.to_owned()),
            mail_from: Some("Portal <portal@vendor.example>".to_owned()),
            mail_user: user.map(str::to_owned),
            portal_url: None,
        };
        let mut problems = Problems::default();
        let read = args.read_with(&mut problems, None, password.map(str::to_owned));
        problems.finish(read)
    }

    #[test]
    fn the_way_of_mails_is_read() {
        for (text, host, port, security) in [
            ("smtps://mail.example.com", "mail.example.com", 465, Security::Implicit),
            ("smtp://mail.example.com", "mail.example.com", 587, Security::StartTls),
            ("smtp://127.0.0.1:1025?tls=none", "127.0.0.1", 1025, Security::None),
        ] {
            let Way::Smtp { host: read_host, port: read_port, security: read_security, .. } =
                read(text, None, None).unwrap().way
            else {
                panic!("{text}")
            };
            assert_eq!((read_host.as_str(), read_port, read_security), (host, port, security));
        }
        assert!(matches!(read("folder:/tmp/mails", None, None).unwrap().way, Way::Folder(_)));
        assert!(matches!(read("none", None, None).unwrap().way, Way::None));
    }

    #[test]
    fn what_is_no_way_is_refused_without_repeating_a_password() {
        for text in
            ["mail.example.com", "http://a", "smtp://a?tls=maybe", "smtp://u:hunter2@a", "folder:", "smtp://a/b"]
        {
            let problems = read(text, None, None).unwrap_err();
            assert!(problems.len() == 1 && !problems[0].contains("hunter2"), "{text}: {problems:?}");
        }
    }

    #[test]
    fn a_password_goes_to_no_other_machine_unprotected_and_is_never_printed() {
        assert!(read("smtp://mail.example.com?tls=none", Some("ana"), Some("hunter2")).is_err());
        assert!(read("smtp://localhost?tls=none", Some("ana"), Some("hunter2")).is_ok());
        assert!(read("smtps://mail.example.com", Some("ana"), None).is_err());
        assert!(read("smtps://mail.example.com", None, Some("hunter2")).is_err());
        let mail = read("smtps://mail.example.com", Some("ana"), Some("hunter2")).unwrap();
        assert!(!format!("{mail:?}").contains("hunter2"));
    }

    #[test]
    fn mails_to_a_server_come_from_somebody() {
        let args = MailArgs { mail_transport: Some("smtps://mail.example.com".to_owned()), ..MailArgs::default() };
        let mut problems = Problems::default();
        let read = args.read_with(&mut problems, None, None);
        assert!(problems.finish(read).unwrap_err()[0].starts_with(FROM));
    }
}
