//! A forgotten password: nobody learns whose address it is, and the link works once.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::value::{PartnerState, Role};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    app::PASSWORD,
    mail::{Postbox, Read},
    race::race,
};

const NEW: &str = "seven walnuts cross a bridge";
const ANA: &str = "ana@vendor.example";

async fn ask_for(app: &TestApp, email: &str) {
    app.anonymous().done("requestPasswordReset", json!({ "email": email }), "requested").await;
}

async fn lost(app: &TestApp) -> Read {
    ask_for(app, ANA).await;
    app.mail().await
}

async fn choose(app: &TestApp, token: &str, password: &str) -> Vec<String> {
    let mutation = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { passwordChanged userErrors { code } } }";
    let answer = app.anonymous().ask(mutation, json!({ "input": { "token": token, "password": password } })).await;
    let payload = &answer.data["resetPassword"];
    let codes = payload["userErrors"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(codes.is_empty(), payload["passwordChanged"] == true);
    codes.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

async fn may_sign_in(app: &TestApp, password: &str) -> bool {
    let mutation = "mutation($input: SignInInput!) { signIn(input: $input) { user { id } } }";
    let answer = app.anonymous().ask(mutation, json!({ "input": { "email": ANA, "password": password } })).await;
    !answer.data["signIn"]["user"].is_null()
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_and_every_session_ends() {
    let app = TestApp::start().await;
    let ana = app.person(ANA, None, &[Role::Admin]).await;
    let mail = lost(&app).await;
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), (ANA, "Choose a new password for the partner portal"));
    assert!(mail.text.contains("https://portal.example/reset-password#token="), "{}", mail.text);
    assert_eq!(choose(&app, &mail.token(), NEW).await, [] as [&str; 0]);

    let seen = ana.ask("{ viewer { isStaff } }", Value::Null).await;
    assert_eq!(seen.status, 401, "{seen:?}");
    assert!(!may_sign_in(&app, PASSWORD).await, "the old one");
    assert!(may_sign_in(&app, NEW).await);
    let notice = app.mail().await;
    assert_eq!(
        (notice.to.as_str(), notice.subject.as_str()),
        (ANA, "Your password for the partner portal was changed")
    );
    assert!(!notice.text.contains("token"));
    assert_eq!(choose(&app, &mail.token(), PASSWORD).await, ["INVALID_TOKEN"], "once");
    assert!(may_sign_in(&app, NEW).await);
}

#[tokio::test]
async fn an_unknown_address_is_answered_alike_after_the_same_work() {
    let app = TestApp::start().await;
    app.create_user(ANA, None, &[Role::Admin]).await;
    let mutation = "mutation($input: RequestPasswordResetInput!) {
        requestPasswordReset(input: $input) { requested userErrors { code } } }";
    let mut seen = Vec::new();
    // The caller's own address is counted from now on, whomever they ask for.
    ask_for(&app, "first@vendor.example").await;
    for email in [ANA, "nobody@vendor.example"] {
        let tables = ["password_resets", "outbound_mails", "audit_events"];
        let (rows, before) = (app.rows(&tables).await, app.services.db.statements());
        let answer = app.anonymous().ask(mutation, json!({ "input": { "email": email } })).await;
        let statements = app.services.db.statements() - before;
        let grown: Vec<_> = app.rows(&tables).await.iter().zip(rows).map(|(now, then)| now.1 - then.1).collect();
        seen.push((answer.body, statements, grown));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(app.mail().await.to, ANA, "only who exists gets a mail");
}

#[tokio::test]
async fn a_newer_link_takes_the_older_back_and_each_works_for_an_hour() {
    let app = TestApp::start().await;
    app.create_user(ANA, None, &[Role::Admin]).await;
    let first = lost(&app).await.token();
    app.advance(TimeDelta::minutes(20));
    let second = lost(&app).await.token();
    assert_eq!(choose(&app, &first, NEW).await, ["INVALID_TOKEN"]);
    app.advance(TimeDelta::minutes(60));
    assert_eq!(choose(&app, &second, NEW).await, ["INVALID_TOKEN"], "an hour is over");
    assert!(may_sign_in(&app, PASSWORD).await);
    let third = lost(&app).await.token();
    app.advance(TimeDelta::minutes(59));
    assert_eq!(choose(&app, &third, NEW).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_weak_password_is_refused_and_the_link_still_works() {
    let app = TestApp::start().await;
    app.create_user(ANA, None, &[Role::Admin]).await;
    let token = lost(&app).await.token();
    assert_eq!(choose(&app, &token, "password1234").await, ["WEAK_PASSWORD"]);
    assert_eq!(choose(&app, &token, "short").await, ["TOO_SHORT"]);
    assert_eq!(choose(&app, &token, NEW).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_retry_with_its_key_is_answered_the_same() {
    let app = TestApp::start().await;
    app.create_user(ANA, None, &[Role::Admin]).await;
    let input = json!({ "token": lost(&app).await.token(), "password": NEW, "idempotencyKey": "lost-answer" });
    app.anonymous().done("resetPassword", input.clone(), "passwordChanged").await;
    app.anonymous().done("resetPassword", input, "passwordChanged").await;
    assert_eq!(app.mails().await.len(), 1, "one notice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_works_once_however_many_use_it_at_once() {
    let app = TestApp::start().await;
    app.create_user(ANA, None, &[Role::Admin]).await;
    let token = lost(&app).await.token();
    let done = race(4, |_| choose(&app, &token, NEW)).await;
    assert_eq!(done.iter().filter(|codes| codes.is_empty()).count(), 1, "{done:?}");
    app.check().await;
}

#[tokio::test]
async fn who_may_not_sign_in_gets_no_mail_and_a_link_that_is_out_does_not_help() {
    for (statement, may) in [
        ("update users set state = 'DEACTIVATED'", false),
        ("update partners set state = 'TERMINATED'", false),
        ("update partners set state = 'SUSPENDED'", true),
    ] {
        let app = TestApp::start().await;
        let partner_id = app.partner("north.example").await;
        app.create_user(ANA, Some(partner_id), &[Role::PartnerAdmin]).await;
        let early = lost(&app).await.token();
        app.services.db.pool().execute_unprepared(statement).await.unwrap();
        let expected: &[&str] = if may { &[] } else { &["INVALID_TOKEN"] };
        assert_eq!(choose(&app, &early, NEW).await, expected, "{statement}");
        app.mails().await;
        app.advance(TimeDelta::hours(2));
        ask_for(&app, ANA).await;
        let sent = app.deliver_by(Arc::new(Postbox::default())).await;
        assert_eq!((sent.sent, sent.dropped), if may { (1, 0) } else { (0, 1) }, "{statement}");
    }
    assert_eq!(PartnerState::Suspended.to_string(), "SUSPENDED");
}

#[tokio::test]
async fn a_link_is_the_persons_whom_it_was_mailed_to_and_of_nobody_who_has_the_address_later() {
    let app = TestApp::start().await;
    app.create_user(ANA, None, &[Role::Admin]).await;
    let token = lost(&app).await.token();
    let gone = "update users set email = 'gone', email_key = 'gone', state = 'DEACTIVATED', password_hash = ''";
    app.services.db.pool().execute_unprepared(gone).await.unwrap();
    app.create_user(ANA, None, &[Role::Finance]).await;
    assert_eq!(choose(&app, &token, NEW).await, ["INVALID_TOKEN"]);
    assert!(may_sign_in(&app, PASSWORD).await, "the later one's own");
}

#[tokio::test]
async fn who_guesses_at_links_has_twenty_guesses_and_then_waits() {
    let app = TestApp::start().await;
    for (mutation, input) in [
        ("resetPassword", json!({ "token": "x".repeat(43), "password": NEW })),
        ("acceptInvitation", json!({ "token": "x".repeat(43), "password": NEW })),
    ] {
        for _ in 0..20 {
            assert_eq!(app.anonymous().refused(mutation, input.clone()).await, ["INVALID_TOKEN"], "{mutation}");
        }
        let name = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
        let document =
            format!("mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
        let answer = app.anonymous().ask(&document, json!({ "input": input })).await;
        assert_eq!(answer.status, 429, "{mutation}: {answer:?}");
        app.advance(TimeDelta::minutes(10));
    }
}

#[tokio::test]
async fn an_address_is_not_mailed_again_and_again_and_old_requests_are_forgotten() {
    let app = TestApp::start().await;
    app.create_user(ANA, None, &[Role::Admin]).await;
    let mutation = "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { requested } }";
    let limited = async |email: &str| {
        for made in 0.. {
            let answer = app.anonymous().ask(mutation, json!({ "input": { "email": email } })).await;
            if answer.errors[0]["extensions"]["code"] == "RATE_LIMITED" {
                return made;
            }
            assert!(made < 50, "never limited: {answer:?}");
        }
        0
    };
    assert_eq!(limited(ANA).await, limited("nobody@vendor.example").await);
    assert_eq!(app.mails().await.len(), 1);
    app.advance(TimeDelta::days(3));
    let forgotten = partner_portal::people::password_resets::purge(&app.services.db, app.now()).await.unwrap();
    assert!(forgotten > 0);
    assert_eq!(app.rows(&["password_resets"]).await[0].1, 0);
}
