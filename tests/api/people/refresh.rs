//! Staying signed in: one refresh token after another, and what a spent one gives away.

use chrono::TimeDelta;
use entity::value::Role;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{TestApp, app::PASSWORD, race::race};

const TOKENS: &str = "tokens { accessToken refreshToken }";

async fn sign_in(app: &TestApp) -> Value {
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let input = json!({ "email": "ana@vendor.example", "password": PASSWORD, "device": "Ana's phone" });
    app.anonymous().done("signIn", input, TOKENS).await["tokens"].clone()
}

async fn refresh(app: &TestApp, token: &Value) -> Result<Value, String> {
    let document = "mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
        tokens { accessToken refreshToken } userErrors { code } } }";
    let answer = app.anonymous().ask(document, json!({ "input": { "refreshToken": token } })).await;
    let payload = &answer.data["refreshSession"];
    match payload["userErrors"][0]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(payload["tokens"].clone()),
    }
}

async fn number(app: &TestApp, sql: &str) -> i64 {
    let pool = app.services.db.pool();
    let row = pool.query_one_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

async fn works(app: &TestApp, access_token: &Value) -> bool {
    let mut person = app.anonymous();
    person.token = access_token.as_str().map(str::to_owned);
    person.ask("{ viewer { isStaff } }", Value::Null).await.status == 200
}

#[tokio::test]
async fn a_retry_is_no_theft_for_a_few_seconds_and_a_theft_after_them() {
    let app = TestApp::start().await;
    let first = sign_in(&app).await;
    let second = refresh(&app, &first["refreshToken"]).await.unwrap();
    app.advance(TimeDelta::seconds(10));
    let again = refresh(&app, &first["refreshToken"]).await.unwrap();
    assert_eq!(again["refreshToken"], second["refreshToken"]);
    app.advance(TimeDelta::seconds(1));
    assert_eq!(refresh(&app, &first["refreshToken"]).await, Err("INVALID_TOKEN".to_owned()));
    assert_eq!(refresh(&app, &second["refreshToken"]).await, Err("INVALID_TOKEN".to_owned()), "the family has ended");
    assert!(!works(&app, &second["accessToken"]).await, "and its access tokens with it");
}

#[tokio::test]
async fn a_retry_is_a_theft_when_the_successor_was_used() {
    let app = TestApp::start().await;
    let first = sign_in(&app).await;
    let second = refresh(&app, &first["refreshToken"]).await.unwrap();
    let third = refresh(&app, &second["refreshToken"]).await.unwrap();
    assert_eq!(refresh(&app, &first["refreshToken"]).await, Err("INVALID_TOKEN".to_owned()));
    assert_eq!(refresh(&app, &third["refreshToken"]).await, Err("INVALID_TOKEN".to_owned()));

    let admin = app.sign_in("ana@vendor.example").await;
    let query = "{ auditEvents(filter: { action: \"session.refresh_reused\" }) { totalCount
        nodes { actorKind objectId after actor { email } } } }";
    let answer = admin.ask(query, Value::Null).await;
    assert_eq!(answer.data["auditEvents"]["totalCount"], 1, "the refusal leaves its trace: {answer:?}");
    let event = &answer.data["auditEvents"]["nodes"][0];
    assert_eq!(event["actorKind"], "ANONYMOUS");
    assert!(event["objectId"].as_str().unwrap().starts_with("ses_"));
    assert!(event["after"].as_str().unwrap().contains("REFRESH_TOKEN_REUSED"));

    // Once told, it is told once: what comes later finds an ended session.
    assert_eq!(refresh(&app, &first["refreshToken"]).await, Err("INVALID_TOKEN".to_owned()));
    assert_eq!(admin.ask(query, Value::Null).await.data["auditEvents"]["totalCount"], 1);
}

#[tokio::test]
async fn an_idempotency_key_does_not_let_a_thief_in() {
    let app = TestApp::start().await;
    let first = sign_in(&app).await;
    let input = json!({ "refreshToken": first["refreshToken"], "idempotencyKey": "k-1" });
    let second = app.anonymous().done("refreshSession", input.clone(), TOKENS).await["tokens"].clone();
    let again = app.anonymous().done("refreshSession", input.clone(), TOKENS).await["tokens"].clone();
    assert_eq!(again["refreshToken"], second["refreshToken"], "a retry is answered the same");
    app.advance(TimeDelta::hours(1));
    assert_eq!(app.anonymous().refused("refreshSession", input).await, ["INVALID_TOKEN"]);
    assert_eq!(refresh(&app, &second["refreshToken"]).await, Err("INVALID_TOKEN".to_owned()));
}

#[tokio::test]
async fn twenty_refreshes_at_once_have_one_successor() {
    let app = TestApp::start().await;
    let first = sign_in(&app).await;
    let answers = race(20, |_| refresh(&app, &first["refreshToken"])).await;
    let tokens: Vec<_> = answers.iter().map(|answer| answer.as_ref().unwrap()["refreshToken"].clone()).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0] && *token != first["refreshToken"]));
    assert_eq!(number(&app, "select count(*) as n from refresh_tokens").await, 2);
    assert_eq!(number(&app, "select count(*) as n from refresh_tokens where spent_at is null").await, 1);
    assert!(refresh(&app, &tokens[0]).await.is_ok());
    app.check().await;
}

#[tokio::test]
async fn refreshing_and_signing_out_at_once_leave_nothing_that_works() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    for _ in 0..10 {
        let input = json!({ "email": "ana@vendor.example", "password": PASSWORD });
        let tokens = app.anonymous().done("signIn", input, TOKENS).await["tokens"].clone();
        let answers = race(4, |number| {
            let (app, tokens) = (&app, &tokens);
            async move {
                if number == 0 {
                    let mut person = app.anonymous();
                    person.token = tokens["accessToken"].as_str().map(str::to_owned);
                    person.done("signOut", json!({}), "signedOut").await;
                    return None;
                }
                refresh(app, &tokens["refreshToken"]).await.ok()
            }
        })
        .await;
        for refreshed in answers.into_iter().flatten() {
            assert!(!works(&app, &refreshed["accessToken"]).await);
            assert!(refresh(&app, &refreshed["refreshToken"]).await.is_err());
        }
        assert!(!works(&app, &tokens["accessToken"]).await);
    }
    let live = "select count(*) as n from refresh_tokens where spent_at is null";
    assert_eq!(number(&app, live).await, 0);
    assert_eq!(number(&app, "select count(*) as n from sessions where ended_at is null").await, 0);
    app.check().await;
}

#[tokio::test]
async fn a_session_that_is_not_used_for_two_weeks_ends() {
    let app = TestApp::start().await;
    let first = sign_in(&app).await;
    app.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
    let second = refresh(&app, &first["refreshToken"]).await.unwrap();
    app.advance(TimeDelta::days(14));
    assert_eq!(refresh(&app, &second["refreshToken"]).await, Err("INVALID_TOKEN".to_owned()));
}

#[tokio::test]
async fn a_session_ends_after_ninety_days_however_much_it_is_used() {
    let app = TestApp::start().await;
    let mut tokens = sign_in(&app).await;
    for _ in 0..9 {
        app.advance(TimeDelta::days(10) - TimeDelta::seconds(1));
        tokens = refresh(&app, &tokens["refreshToken"]).await.unwrap();
    }
    assert!(works(&app, &tokens["accessToken"]).await);
    app.advance(TimeDelta::seconds(9));
    assert_eq!(refresh(&app, &tokens["refreshToken"]).await, Err("INVALID_TOKEN".to_owned()));
    assert!(!works(&app, &tokens["accessToken"]).await, "its access token does not outlive it");
}
