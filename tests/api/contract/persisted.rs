//! Operations that are named by their hash, and servers that execute only those of a list.

use std::sync::Arc;

use entity::value::Role;
use partner_portal::platform::http::{
    Settings,
    persisted::{Listed, hash_of},
    server::App,
};
use serde_json::{Value, json};

use crate::support::{TestApp, app::Options};

const DOCUMENT: &str = "query Who { viewer { isStaff } }";
const LISTED: &str = "query Listed { __typename }";

async fn post(app: &TestApp, body: Value) -> (u16, Value) {
    let answer = app.client.post(format!("{}/graphql", app.address)).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

fn named(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

#[tokio::test]
async fn a_document_that_was_sent_once_is_named_by_its_hash() {
    let app = TestApp::start().await;
    let document = "query($id: ID!) { node(id: $id) { id } }";
    let extensions = named(&hash_of(document));
    let by_hash = json!({ "extensions": extensions, "variables": { "id": "x" } });

    let (status, unknown) = post(&app, by_hash.clone()).await;
    assert_eq!((status, code(&unknown)), (200, "PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(unknown["errors"][0]["message"], "PersistedQueryNotFound");

    let mut with_text = by_hash.clone();
    with_text["query"] = json!(document);
    assert_eq!(post(&app, with_text).await.1["data"], json!({ "node": null }));
    assert_eq!(post(&app, by_hash).await.1["data"], json!({ "node": null }));

    let encode = |value: Value| url::form_urlencoded::byte_serialize(value.to_string().as_bytes()).collect::<String>();
    let (variables, extensions) = (encode(json!({ "id": "x" })), encode(extensions));
    let address = format!("{}/graphql?variables={variables}&extensions={extensions}", app.address);
    let answer: Value = app.client.get(address).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"], json!({ "node": null }));
}

#[tokio::test]
async fn a_hash_names_its_own_text_and_nothing_else() {
    let app = TestApp::start().await;
    let hash = hash_of(DOCUMENT);
    let (status, answer) = post(&app, json!({ "query": "{ __typename }", "extensions": named(&hash) })).await;
    assert_eq!((status, code(&answer)), (400, "BAD_REQUEST"));
    for extensions in [
        json!({ "persistedQuery": { "version": 2, "sha256Hash": hash } }),
        json!({ "persistedQuery": { "version": 1, "sha256Hash": "" } }),
        json!({ "persistedQuery": { "version": 1, "sha256Hash": "a".repeat(129) } }),
        json!({ "persistedQuery": { "version": 1 } }),
        json!({ "persistedQuery": "abc" }),
    ] {
        for body in [json!({ "query": DOCUMENT, "extensions": extensions }), json!({ "extensions": extensions })] {
            assert_eq!(post(&app, body.clone()).await.0, 400, "{body}");
        }
    }
    assert_eq!(code(&post(&app, json!({ "extensions": named(&hash) })).await.1), "PERSISTED_QUERY_NOT_FOUND");
}

#[tokio::test]
async fn only_what_was_executed_is_kept() {
    let app = TestApp::start().await;
    let wide = format!("{{ {} }}", "__typename ".repeat(501));
    for document in ["{ nothing }", "{", wide.as_str()] {
        let extensions = named(&hash_of(document));
        post(&app, json!({ "query": document, "extensions": extensions })).await;
        let (_, answer) = post(&app, json!({ "extensions": extensions })).await;
        assert_eq!(code(&answer), "PERSISTED_QUERY_NOT_FOUND", "{document}");
    }
    // A mutation by its hash is still none by GET.
    let mutation = "mutation { signOut(input: {}) { signedOut } }";
    let extensions = named(&hash_of(mutation));
    post(&app, json!({ "query": mutation, "extensions": extensions })).await;
    let address = format!("{}/graphql?extensions=", app.address);
    let encoded: String = url::form_urlencoded::byte_serialize(extensions.to_string().as_bytes()).collect();
    assert_eq!(app.client.get(address + &encoded).send().await.unwrap().status(), 405);
}

fn with_list(app: App, only: bool) -> App {
    let mut listed = Listed::default().exclusive(only);
    listed.add("md5-of-relay", LISTED);
    listed.add("signIn", include_str!("sign_in.graphql"));
    let settings = Settings { listed: Arc::new(listed), ..(*app.settings).clone() };
    app.with(settings)
}

#[tokio::test]
async fn a_server_with_a_list_executes_nothing_else() {
    let app = TestApp::start_with(Options { change: |app| with_list(app, true), ..Options::default() }).await;
    for body in [
        json!({ "query": LISTED }),
        json!({ "extensions": named("md5-of-relay") }),
        json!({ "extensions": named(&hash_of(LISTED)) }),
        json!({ "query": LISTED, "extensions": named("md5-of-relay") }),
    ] {
        assert_eq!(post(&app, body.clone()).await.1["data"], json!({ "__typename": "Query" }), "{body}");
    }
    let before = app.services.db.statements();
    let other = "query Listed {  __typename }";
    for body in [
        json!({ "query": other }),
        json!({ "query": DOCUMENT, "extensions": named(&hash_of(DOCUMENT)) }),
        json!({ "extensions": named(&hash_of(DOCUMENT)) }),
        json!({ "query": "{" }),
    ] {
        let (status, answer) = post(&app, body.clone()).await;
        assert_eq!((status, code(&answer)), (403, "OPERATION_NOT_LISTED"), "{body}");
    }
    let (status, _) = post(&app, json!({ "query": other, "extensions": named("md5-of-relay") })).await;
    assert_eq!(status, 400, "another text under a listed name");
    assert_eq!(app.services.db.statements(), before);
}

#[tokio::test]
async fn a_list_may_stand_beside_everything_else() {
    let app = TestApp::start_with(Options { change: |app| with_list(app, false), ..Options::default() }).await;
    let staff = app.staff(Role::Admin).await;
    assert_eq!(staff.ask(DOCUMENT, Value::Null).await.data, json!({ "viewer": { "isStaff": true } }));
    assert_eq!(post(&app, json!({ "extensions": named("md5-of-relay") })).await.1["data"]["__typename"], "Query");
}
