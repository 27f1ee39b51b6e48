//! A post office for tests: what was sent, and a server that refuses when told to.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use futures::future::BoxFuture;
use lettre::Message;
use mail_parser::MessageParser;
use partner_portal::{
    letters,
    platform::mail::{self, Deliver, Delivered, Links, Post, Undelivered},
};

use super::TestApp;

/// Where links in mails lead, in tests.
pub const PORTAL: &str = "https://portal.example";

/// Keeps what is sent.
#[derive(Default)]
pub struct Postbox {
    kept: Mutex<Vec<Vec<u8>>>,
    refusing: AtomicBool,
    refused: Mutex<Vec<(String, Undelivered)>>,
}

/// A mail as its reader sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub id: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Read {
    pub fn parse(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).unwrap();
        assert_eq!((message.text_body_count(), message.html_body_count()), (1, 1), "text and HTML");
        Self {
            id: message.message_id().unwrap().to_owned(),
            to: message.to().unwrap().first().unwrap().address().unwrap().to_owned(),
            subject: message.subject().unwrap().to_owned(),
            text: message.body_text(0).unwrap().into_owned(),
            html: message.body_html(0).unwrap().into_owned(),
        }
    }

    /// The secret in its link.
    pub fn token(&self) -> String {
        let link = self.text.lines().find(|line| line.contains("#token=")).unwrap_or_else(|| panic!("{}", self.text));
        assert!(self.html.contains(link), "both parts have the link: {}", self.html);
        link.split_once("#token=").unwrap().1.trim().to_owned()
    }
}

impl Deliver for Postbox {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), Undelivered>> {
        Box::pin(async {
            if self.refusing.load(Ordering::SeqCst) {
                return Err(Undelivered::NotNow("the mail server refused with 451".to_owned()));
            }
            let goes_to = |address: &str| message.envelope().to().iter().any(|to| to.to_string() == address);
            if let Some((_, why)) = self.refused.lock().unwrap().iter().find(|(address, _)| goes_to(address)) {
                return Err(why.clone());
            }
            self.kept.lock().unwrap().push(message.formatted());
            Ok(())
        })
    }
}

impl Postbox {
    pub fn refuse(&self, refusing: bool) {
        self.refusing.store(refusing, Ordering::SeqCst);
    }

    /// Refuses what goes to one address, and nothing else any more.
    pub fn refuse_to(&self, address: &str, why: Undelivered) {
        *self.refused.lock().unwrap() = vec![(address.to_owned(), why)];
    }

    /// Refuses nobody's any more.
    pub fn take_all(&self) {
        self.refused.lock().unwrap().clear();
    }
}

/// What sending needs, with this way out.
pub fn post(transport: Arc<dyn Deliver>) -> Post {
    Post {
        transport,
        from: "Partner portal <portal@vendor.example>".parse().unwrap(),
        links: Links::below(PORTAL),
        letters: Arc::new(letters::Table),
    }
}

impl TestApp {
    /// Runs the job that sends mails.
    pub async fn deliver_by(&self, transport: Arc<dyn Deliver>) -> Delivered {
        mail::run_due(&self.services, &post(transport)).await.unwrap()
    }

    /// Runs the job that sends mails, and reads what came.
    pub async fn mails(&self) -> Vec<Read> {
        let postbox = Arc::new(Postbox::default());
        // One run sends so many and no more.
        while self.deliver_by(postbox.clone()).await != Delivered::default() {}
        postbox.kept.lock().unwrap().iter().map(|bytes| Read::parse(bytes)).collect()
    }

    /// The only mail that is due.
    pub async fn mail(&self) -> Read {
        let mut mails = self.mails().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
    }
}
