//! Mails through a real SMTP server. `tests/smtp/run` starts these: they need Node.js.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use entity::value::Role;
use partner_portal::platform::mail::{Deliver, Delivered, LEASE_SECONDS, Security, Smtp};
use serde_json::{Value, json};

use crate::support::{TestApp, app::PASSWORD, mail::Read};

/// A server that says what it takes.
struct Sink {
    process: Child,
    input: ChildStdin,
    lines: mpsc::Receiver<Value>,
    port: u16,
}

impl Sink {
    fn start() -> Self {
        let script = std::env::var("TEST_SMTP_SINK").expect("tests/smtp/run starts these tests");
        let mut process =
            Command::new("node").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (send, lines) = mpsc::channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _unheard = send.send(serde_json::from_str(&line).unwrap());
            }
        });
        let input = process.stdin.take().unwrap();
        let mut sink = Self { process, input, lines, port: 0 };
        sink.port = sink.next()["port"].as_u64().unwrap().try_into().unwrap();
        sink
    }

    fn next(&self) -> Value {
        self.lines.recv_timeout(Duration::from_secs(20)).expect("the server says something")
    }

    fn behave(&mut self, behaviour: &str) {
        writeln!(self.input, "{behaviour}").unwrap();
        assert_eq!(self.next(), json!({ "behaviour": behaviour }));
    }

    fn transport(&self, security: Security) -> Arc<dyn Deliver> {
        Arc::new(Smtp::through("127.0.0.1", self.port, security, None, "portal.example").unwrap())
    }

    /// The mail that the server took.
    fn mail(&self) -> Read {
        let taken = self.next();
        let read = Read::parse(&STANDARD.decode(taken["message"].as_str().unwrap()).unwrap());
        assert_eq!(taken["to"], json!([read.to]), "the envelope says whom the header says");
        read
    }

    fn is_quiet(&self) -> bool {
        self.lines.recv_timeout(Duration::from_millis(200)).is_err()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

async fn invited(app: &TestApp) {
    let partner_id = app.partner("north.example").await;
    app.invite("nora@north.example", Some(partner_id), &[Role::Seller]).await;
}

const SENT: Delivered = Delivered { sent: 1, dropped: 0, failed: 0 };
const FAILED: Delivered = Delivered { sent: 0, dropped: 0, failed: 1 };

#[tokio::test]
#[ignore = "needs the server of tests/smtp/run"]
async fn a_mail_arrives_with_both_parts_and_its_link_lets_the_person_in() {
    let (app, sink) = (TestApp::start().await, Sink::start());
    invited(&app).await;
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, SENT);
    let mail = sink.mail();
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("nora@north.example", "You are invited to the partner portal")
    );
    let input = json!({ "token": mail.token(), "password": PASSWORD });
    let accepted = app.anonymous().done("acceptInvitation", input, "user { email }").await;
    assert_eq!(accepted["user"]["email"], "nora@north.example");
    assert!(sink.is_quiet());
}

#[tokio::test]
#[ignore = "needs the server of tests/smtp/run"]
async fn a_server_that_refuses_gets_the_same_mail_later() {
    let (app, mut sink) = (TestApp::start().await, Sink::start());
    invited(&app).await;
    sink.behave("refuse");
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, FAILED);
    assert_eq!(sink.next(), json!({ "refused": true }));
    sink.behave("take");
    app.advance(TimeDelta::seconds(15));
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, SENT);
    let mail = sink.mail();
    assert!(mail.id.ends_with("@portal.example"), "{}", mail.id);
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, Delivered::default());
    assert!(sink.is_quiet());
}

#[tokio::test]
#[ignore = "needs the server of tests/smtp/run"]
async fn an_address_that_is_refused_for_good_is_given_up_and_the_next_mail_is_sent() {
    let (app, mut sink) = (TestApp::start().await, Sink::start());
    let north = app.partner("north.example").await;
    for address in ["gone@north.example", "nora@north.example"] {
        app.invite(address, Some(north), &[Role::Seller]).await;
        app.advance(TimeDelta::seconds(1));
    }
    sink.behave("bounce");
    let done = app.deliver_by(sink.transport(Security::None)).await;
    assert_eq!(done, Delivered { sent: 1, dropped: 0, failed: 1 });
    assert_eq!(sink.next(), json!({ "refused": true }));
    assert_eq!(sink.mail().to, "nora@north.example");
    assert_eq!(app.rows(&["outbound_mails where state = 'GIVEN_UP'"]).await[0].1, 1);
    app.advance(TimeDelta::hours(5));
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, Delivered::default());
}

#[tokio::test]
#[ignore = "needs the server of tests/smtp/run"]
async fn a_server_that_takes_nothing_from_us_loses_no_mail() {
    let (app, mut sink) = (TestApp::start().await, Sink::start());
    invited(&app).await;
    sink.behave("closed");
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, FAILED);
    sink.behave("take");
    app.advance(TimeDelta::seconds(15));
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, SENT);
    sink.mail();
}

#[tokio::test]
#[ignore = "needs the server of tests/smtp/run"]
async fn a_server_that_hangs_or_is_away_is_given_up_in_time_and_nothing_is_lost() {
    let (app, mut sink) = (TestApp::start().await, Sink::start());
    invited(&app).await;
    sink.behave("hang");
    let started = Instant::now();
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, FAILED);
    let waited = started.elapsed();
    assert!((Duration::from_secs(9)..Duration::from_secs(15)).contains(&waited), "{waited:?}");
    assert_eq!(sink.next(), json!({ "heard": true }));
    let transport = sink.transport(Security::None);
    drop(sink);
    app.advance(TimeDelta::seconds(15));
    assert_eq!(app.deliver_by(transport).await, FAILED, "away");

    let sink = Sink::start();
    app.advance(TimeDelta::seconds(45));
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, SENT);
    sink.mail();
}

#[tokio::test]
#[ignore = "needs the server of tests/smtp/run"]
async fn who_is_killed_while_sending_leads_to_exactly_one_later_mail() {
    let (app, mut sink) = (TestApp::start().await, Sink::start());
    invited(&app).await;
    sink.behave("hang");
    let (services, transport) = (app.services.clone(), sink.transport(Security::None));
    let sending = tokio::spawn(async move {
        let post = crate::support::mail::post(transport);
        partner_portal::platform::mail::run_due(&services, &post).await.unwrap()
    });
    let heard = tokio::task::spawn_blocking(move || (sink.next(), sink));
    let (heard, mut sink) = heard.await.unwrap();
    assert_eq!(heard, json!({ "heard": true }));
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());

    sink.behave("take");
    app.advance(TimeDelta::seconds(LEASE_SECONDS - 1));
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, Delivered::default(), "another may be sending it");
    app.advance(TimeDelta::seconds(1));
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, SENT);
    sink.mail();
    app.advance(TimeDelta::days(1));
    assert_eq!(app.deliver_by(sink.transport(Security::None)).await, Delivered::default());
    assert!(sink.is_quiet());
}

#[tokio::test]
#[ignore = "needs the server of tests/smtp/run"]
async fn a_server_that_cannot_protect_the_connection_gets_no_mail() {
    let (app, sink) = (TestApp::start().await, Sink::start());
    invited(&app).await;
    for security in [Security::StartTls, Security::Implicit] {
        assert_eq!(app.deliver_by(sink.transport(security)).await, FAILED, "{security:?}");
        app.advance(TimeDelta::hours(1));
    }
    assert!(sink.is_quiet());
}
