//! Signing in, staying signed in, signing out.

use entity::value::Role;
use serde_json::{Value, json};

use crate::support::{TestApp, app::PASSWORD};

const TOKENS: &str = "tokens { accessToken refreshToken }";

async fn sign_in(app: &TestApp) -> Value {
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    app.anonymous().done("signIn", json!({ "email": "Ana@Vendor.Example", "password": PASSWORD }), TOKENS).await["tokens"].clone()
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_answered_alike() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let mutation = "mutation($email: String!, $password: String!) {
        signIn(input: { email: $email, password: $password }) { user { id } tokens { accessToken } userErrors { code message field } } }";
    let unknown = app.anonymous().ask(mutation, json!({ "email": "bea@vendor.example", "password": PASSWORD })).await;
    let wrong = app
        .anonymous()
        .ask(mutation, json!({ "email": "ana@vendor.example", "password": "something else entirely" }))
        .await;
    assert_eq!(unknown.body, wrong.body);
    assert_eq!(wrong.data["signIn"]["userErrors"][0]["code"], "INVALID_CREDENTIALS");
    assert_eq!(
        app.rows(&["sessions", "refresh_tokens"]).await,
        [("sessions".to_owned(), 0), ("refresh_tokens".to_owned(), 0)]
    );
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
    let app = TestApp::start().await;
    let tokens = sign_in(&app).await;
    let first = json!({ "refreshToken": tokens["refreshToken"] });
    let second = app.anonymous().done("refreshSession", first.clone(), TOKENS).await["tokens"].clone();
    assert_ne!(second["refreshToken"], tokens["refreshToken"]);

    // The answer was lost and is asked for again: the same successor.
    let again = app.anonymous().done("refreshSession", first.clone(), TOKENS).await["tokens"].clone();
    assert_eq!(again["refreshToken"], second["refreshToken"]);

    let third = app.anonymous().done("refreshSession", json!({ "refreshToken": second["refreshToken"] }), TOKENS).await
        ["tokens"]
        .clone();
    assert_eq!(app.anonymous().refused("refreshSession", first).await, ["INVALID_TOKEN"]);
    assert_eq!(
        app.anonymous().refused("refreshSession", json!({ "refreshToken": third["refreshToken"] })).await,
        ["INVALID_TOKEN"]
    );
}

#[tokio::test]
async fn signing_out_ends_the_access_token_at_once() {
    let app = TestApp::start().await;
    let tokens = sign_in(&app).await;
    let mut person = app.anonymous();
    person.token = tokens["accessToken"].as_str().map(str::to_owned);
    person.done("signOut", json!({}), "signedOut").await;
    let answer = person.ask("{ node(id: \"x\") { id } }", Value::Null).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.errors[0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_same_key_answers_the_same_and_does_nothing_twice() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let input = json!({ "email": "ana@vendor.example", "password": PASSWORD, "idempotencyKey": "k-1" });
    let first = app.anonymous().done("signIn", input.clone(), TOKENS).await;
    let second = app.anonymous().done("signIn", input, TOKENS).await;
    assert_eq!(first["tokens"]["refreshToken"], second["tokens"]["refreshToken"]);
    assert_eq!(app.rows(&["sessions"]).await, [("sessions".to_owned(), 1)]);

    // Nobody in particular owns a key: a stranger's other input under the same key is another request.
    let other = json!({ "email": "ana@vendor.example", "password": "a guess of a stranger", "idempotencyKey": "k-1" });
    assert_eq!(app.anonymous().refused("signIn", other).await, ["INVALID_CREDENTIALS"]);
    app.create_user("bea@vendor.example", None, &[Role::Finance]).await;
    let bea = json!({ "email": "bea@vendor.example", "password": PASSWORD, "idempotencyKey": "k-1" });
    let hers = app.anonymous().done("signIn", bea, TOKENS).await;
    assert_ne!(hers["tokens"]["refreshToken"], first["tokens"]["refreshToken"]);
}
