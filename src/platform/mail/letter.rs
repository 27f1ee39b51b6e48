//! What a mail says, and the links in it.

use std::time::SystemTime;

use entity::value::{MailId, RegistrationId, Timestamp, TypedId};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use crate::platform::error::{AppError, AppResult};

/// A mail as it is sent. The subject is a text of ours; names of people are in the parts only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The address that it goes to.
    pub to: String,
    /// The subject.
    pub subject: &'static str,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

impl Letter {
    /// The message under an id that stays the same however often it is sent. No name of a person is in its headers.
    ///
    /// # Errors
    /// When the address is none that mail can be sent to.
    pub fn message(self, from: &Mailbox, host: &str, id: MailId, now: Timestamp) -> AppResult<Message> {
        let to: Address = self.to.parse().map_err(|_| AppError::internal("an address that no mail can be sent to"))?;
        let micros = u64::try_from(now.micros()).unwrap_or(0);
        let date = SystemTime::UNIX_EPOCH + std::time::Duration::from_micros(micros);
        Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .date(date)
            .message_id(Some(format!("<{}@{host}>", id.uuid().simple())))
            // So that no machine answers it (RFC 3834).
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .subject(self.subject)
            .multipart(MultiPart::alternative_plain_html(self.text, self.html))
            .map_err(|error| AppError::internal(error.to_string()))
    }
}

/// Where links in mails lead: to the portal's frontend and nowhere else.
#[derive(Clone, Debug)]
pub struct Links {
    base: String,
}

impl Links {
    /// Below an address such as `https://portal.example.com`.
    #[must_use]
    pub fn below(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned() }
    }

    /// The frontend itself.
    #[must_use]
    pub fn home(&self) -> String {
        format!("{}/", self.base)
    }

    /// The page where an invitation is accepted. The secret stands behind `#`: browsers do not send that part, so it
    /// is in no server's log.
    #[must_use]
    pub fn invitation(&self, secret: &str) -> String {
        format!("{}/invitation#token={secret}", self.base)
    }

    /// The page where a new password is chosen.
    #[must_use]
    pub fn password_reset(&self, secret: &str) -> String {
        format!("{}/reset-password#token={secret}", self.base)
    }

    /// The page where a new address is confirmed.
    #[must_use]
    pub fn address_change(&self, secret: &str) -> String {
        format!("{}/confirm-address#token={secret}", self.base)
    }

    /// The page of a deal registration.
    #[must_use]
    pub fn deal(&self, id: RegistrationId) -> String {
        format!("{}/deals/{id}", self.base)
    }

    /// The page where an applicant follows the application.
    #[must_use]
    pub fn application(&self, secret: &str) -> String {
        format!("{}/application#token={secret}", self.base)
    }

    /// The name of the machine in the address.
    #[must_use]
    pub fn host(&self) -> String {
        let url = url::Url::parse(&self.base).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "localhost".to_owned())
    }
}

/// A text of strangers, such as a name, in which programs that show mails find no address to make a link of.
#[must_use]
pub fn unlinked(text: &str) -> String {
    let shown = text.chars().filter(|c| !c.is_control()).map(|c| match c {
        '.' => '\u{2024}',
        '/' => '\u{2215}',
        ':' => '\u{2236}',
        '@' => '\u{FF20}',
        other => other,
    });
    shown.take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(letter: Letter) -> String {
        let from = "Portal <portal@vendor.example>".parse().unwrap();
        let message = letter.message(&from, "portal.example", MailId::from_uuid(uuid::Uuid::from_u128(5)), now());
        String::from_utf8(message.unwrap().formatted()).unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::from_micros(1_795_306_712_000_000)
    }

    fn letter(to: &str) -> Letter {
        Letter { to: to.to_owned(), subject: "Hello", text: "text".to_owned(), html: "<p>html</p>".to_owned() }
    }

    #[test]
    fn a_message_has_both_parts_and_an_id_that_stays() {
        let message = sent(letter("ana@example.com"));
        for wanted in [
            "To: ana@example.com\r\n",
            "Message-ID: <00000000000000000000000000000005@portal.example>\r\n",
            "Content-Type: multipart/alternative",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
            "Auto-Submitted: auto-generated\r\n",
            "Date: Sun, 22 Nov 2026",
        ] {
            assert!(message.contains(wanted), "{wanted}: {message}");
        }
    }

    #[test]
    fn an_address_brings_no_header_of_its_own() {
        let from: Mailbox = "Portal <portal@vendor.example>".parse().unwrap();
        for to in ["ana@example.com\r\nBcc: eve@example.com", "ana@example.com, eve@example.com", "ana", "a\n@b.c", ""]
        {
            let id = MailId::from_uuid(uuid::Uuid::from_u128(5));
            assert!(letter(to).message(&from, "portal.example", id, now()).is_err(), "{to:?}");
        }
    }

    #[test]
    fn a_strangers_name_is_no_link() {
        let shown = unlinked("Ana https://evil.example/win eve@evil.example\r\n");
        assert!(!shown.contains("://") && !shown.contains("evil.example") && !shown.contains('@'), "{shown}");
        assert!(!shown.contains('\n') && shown.starts_with("Ana "));
        assert_eq!(unlinked("Zoë O'Brien 日本語"), "Zoë O'Brien 日本語");
    }

    #[test]
    fn links_lead_to_the_portal_and_keep_the_secret_from_servers() {
        let links = Links::below("https://portal.example.com/app/");
        assert_eq!(links.invitation("s3cret"), "https://portal.example.com/app/invitation#token=s3cret");
        assert_eq!(
            (links.home(), links.host()),
            ("https://portal.example.com/app/".into(), "portal.example.com".into())
        );
    }
}
