//! How often somebody may guess.

use chrono::TimeDelta;
use entity::value::Role;
use partner_portal::{people::throttle, platform::http::Settings};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    app::{Options, PASSWORD},
    race::race,
};

/// An app that believes what the tests say about their address.
async fn app() -> TestApp {
    let app = TestApp::start_with(Options {
        change: |app| {
            let settings = Settings { trusted_proxies: vec!["127.0.0.1".parse().unwrap()], ..(*app.settings).clone() };
            app.with(settings)
        },
        ..Options::default()
    })
    .await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    app
}

/// What somebody at an address is answered: the status, the code, and how long to wait.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    status: u16,
    code: String,
    wait: Option<u64>,
    body: Value,
}

async fn sign_in_at(server: &str, app: &TestApp, from: &str, email: &str, password: &str) -> Told {
    let document =
        "mutation($input: SignInInput!) { signIn(input: $input) { user { id } userErrors { code message field } } }";
    let asked = json!({ "query": document, "variables": { "input": { "email": email, "password": password } } });
    let request = app.client.post(format!("{server}/graphql")).header("x-forwarded-for", from).json(&asked);
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let wait = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().parse().unwrap());
    let mut body: Value = answer.json().await.unwrap();
    let code = [&body["data"]["signIn"]["userErrors"][0]["code"], &body["errors"][0]["extensions"]["code"]]
        .into_iter()
        .find_map(Value::as_str)
        .unwrap_or("DONE")
        .to_owned();
    if let Some(extensions) = body.pointer_mut("/errors/0/extensions").and_then(Value::as_object_mut) {
        extensions.remove("requestId");
    }
    Told { status, code, wait, body }
}

async fn sign_in(app: &TestApp, from: &str, email: &str, password: &str) -> Told {
    sign_in_at(&app.address, app, from, email, password).await
}

#[tokio::test]
async fn ten_wrong_guesses_and_then_growing_delays_whether_the_account_exists_or_not() {
    let app = app().await;
    let mut told = Vec::new();
    for (email, from) in [("ana@vendor.example", "203.0.113.1"), ("nobody@vendor.example", "203.0.113.2")] {
        let mut answers = Vec::new();
        for _ in 0..11 {
            answers.push(sign_in(&app, from, email, "a wrong guess").await);
        }
        assert!(answers[..10].iter().all(|told| told.code == "INVALID_CREDENTIALS"));
        let refused = &answers[10];
        assert_eq!((refused.status, refused.code.as_str(), refused.wait), (429, "RATE_LIMITED", Some(60)));
        assert_eq!(refused.body["errors"][0]["extensions"]["retryAfterSeconds"], 60);
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);

    // The next ones wait longer each time, and never longer than a quarter of an hour.
    let mut waits = Vec::new();
    for _ in 0..6 {
        let told = sign_in(&app, "203.0.113.1", "ana@vendor.example", PASSWORD).await;
        waits.push(told.wait.expect("it has to wait, however right it is"));
        app.advance(TimeDelta::seconds(told.wait.unwrap().try_into().unwrap()));
        assert_eq!(
            sign_in(&app, "203.0.113.1", "ana@vendor.example", "a wrong guess").await.code,
            "INVALID_CREDENTIALS"
        );
    }
    assert_eq!(waits, [60, 120, 240, 480, 900, 900]);

    // The right one after the wait opens the door and forgets what was before.
    app.advance(TimeDelta::minutes(15));
    assert_eq!(sign_in(&app, "203.0.113.1", "ana@vendor.example", PASSWORD).await.code, "DONE");
    assert_eq!(sign_in(&app, "203.0.113.1", "ana@vendor.example", "a wrong guess").await.code, "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn a_stranger_locks_nobody_out_where_they_are_known() {
    let app = app().await;
    assert_eq!(sign_in(&app, "198.51.100.7", "ana@vendor.example", PASSWORD).await.code, "DONE");
    for guess in 0..30 {
        sign_in(&app, &format!("203.0.113.{guess}"), "ana@vendor.example", "a wrong guess").await;
    }
    let elsewhere = sign_in(&app, "192.0.2.1", "ana@vendor.example", PASSWORD).await;
    assert_eq!((elsewhere.status, elsewhere.code.as_str()), (429, "RATE_LIMITED"));
    assert!(elsewhere.wait.unwrap() <= 900);
    assert_eq!(sign_in(&app, "198.51.100.7", "ana@vendor.example", PASSWORD).await.code, "DONE");
    // And where they are known nobody guesses for ever either.
    for _ in 0..10 {
        sign_in(&app, "198.51.100.7", "ana@vendor.example", "a wrong guess").await;
    }
    assert_eq!(sign_in(&app, "198.51.100.7", "ana@vendor.example", "a wrong guess").await.code, "RATE_LIMITED");
}

#[tokio::test]
async fn an_address_has_twenty_wrong_guesses_over_all_accounts_and_then_three_a_minute() {
    let app = app().await;
    // What is right does not count, and does not give more guesses either.
    for _ in 0..25 {
        assert_eq!(sign_in(&app, "2001:db8::1", "ana@vendor.example", PASSWORD).await.code, "DONE");
    }
    let mut wrong = 0;
    for account in 0..40 {
        let from = format!("2001:db8::{account:x}");
        let told = sign_in(&app, &from, &format!("person{account}@vendor.example"), "a wrong guess").await;
        wrong += usize::from(told.code == "INVALID_CREDENTIALS");
    }
    assert_eq!(wrong, 20, "one customer has a /64, and twenty guesses");
    let told = sign_in(&app, "2001:db8::ffff", "ana@vendor.example", PASSWORD).await;
    assert_eq!((told.status, told.wait), (429, Some(20)));
    assert_eq!(sign_in(&app, "2001:db8:0:1::1", "ana@vendor.example", PASSWORD).await.code, "DONE");
    app.advance(TimeDelta::minutes(1));
    let mut later = 0;
    for account in 0..10 {
        let told = sign_in(&app, "2001:db8::1", &format!("other{account}@vendor.example"), "a wrong guess").await;
        later += usize::from(told.code == "INVALID_CREDENTIALS");
    }
    assert_eq!(later, 3);
}

#[tokio::test]
async fn many_wrong_guesses_at_many_accounts_make_delays_begin_earlier() {
    let app = app().await;
    for guess in 0..100 {
        let from = format!("203.0.{guess}.1");
        sign_in(&app, &from, &format!("person{guess}@vendor.example"), "a wrong guess").await;
    }
    let mut codes = Vec::new();
    for guess in 0..4 {
        codes.push(sign_in(&app, &format!("192.0.2.{guess}"), "fresh@vendor.example", "a wrong guess").await.code);
    }
    assert_eq!(codes[..3], ["INVALID_CREDENTIALS", "INVALID_CREDENTIALS", "INVALID_CREDENTIALS"]);
    assert_eq!(codes[3], "RATE_LIMITED");
    // It passes by itself.
    app.advance(TimeDelta::minutes(10));
    for guess in 0..10 {
        let told = sign_in(&app, &format!("192.0.2.{guess}"), "later@vendor.example", "a wrong guess").await;
        assert_eq!(told.code, "INVALID_CREDENTIALS");
    }
}

#[tokio::test]
async fn a_hundred_guesses_at_once_over_two_replicas_are_ten_checks() {
    let app = app().await;
    let replica = app.replica().await;
    let answers = race(100, |guess| {
        let server = if guess % 2 == 0 { &app.address } else { &replica.address };
        let from = format!("203.0.113.{guess}");
        let app = &app;
        async move { sign_in_at(server, app, &from, "ana@vendor.example", "a wrong guess").await.code }
    })
    .await;
    let checked = answers.iter().filter(|code| *code == "INVALID_CREDENTIALS").count();
    let refused = answers.iter().filter(|code| *code == "RATE_LIMITED").count();
    assert!(checked <= 10, "{checked} guesses were checked");
    assert!(checked > 0 && checked + refused == 100, "{answers:?}");

    // And a hundred at a hundred accounts from one address are twenty.
    let answers = race(100, |guess| {
        let server = if guess % 2 == 0 { &app.address } else { &replica.address };
        let app = &app;
        async move {
            let email = format!("person{guess}@vendor.example");
            sign_in_at(server, app, "198.51.100.1", &email, "a wrong guess").await.code
        }
    })
    .await;
    let checked = answers.iter().filter(|code| *code == "INVALID_CREDENTIALS").count();
    assert!(checked <= 20, "{checked} guesses were checked");
}

#[tokio::test]
async fn what_says_nothing_any_more_is_forgotten() {
    let app = app().await;
    sign_in(&app, "203.0.113.1", "ana@vendor.example", PASSWORD).await;
    sign_in(&app, "203.0.113.1", "bea@vendor.example", "a wrong guess").await;
    let rows = async || app.rows(&["attempt_buckets"]).await[0].1;
    assert_eq!(rows().await, 4, "the known place, the address, the account, the total");
    assert_eq!(throttle::purge(&app.services.db, app.now()).await.unwrap(), 0);
    app.advance(TimeDelta::hours(25));
    throttle::purge(&app.services.db, app.now()).await.unwrap();
    assert_eq!(rows().await, 1, "the known place");
    app.advance(TimeDelta::days(90));
    throttle::purge(&app.services.db, app.now()).await.unwrap();
    assert_eq!(rows().await, 0);
}
