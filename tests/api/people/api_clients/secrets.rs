//! The secrets of API clients: kept as hashes, two at a time, each taken back by itself.

use chrono::TimeDelta;
use entity::value::Role;
use partner_portal::people::api_clients::secret;
use serde_json::{Value, json};

use super::{TABLES, WHO, assert_unauthenticated, who};
use crate::{
    people::{CLIENT, client_of, query},
    support::{TestApp, race::race},
};

#[tokio::test]
async fn a_secret_is_kept_as_a_hash_and_shown_again_to_a_retry_only() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let input = json!({ "name": "CRM", "scopes": ["DEALS_READ"], "idempotencyKey": "k-1" });
    let first = admin.done("createApiClient", input.clone(), "secret apiClient { id }").await;
    let again = admin.done("createApiClient", input, "secret apiClient { id }").await;
    assert_eq!(first, again);
    assert_eq!(
        app.rows(&["api_clients", "api_client_secrets"]).await.iter().map(|(_, n)| *n).collect::<Vec<_>>(),
        [1, 1]
    );

    let shown = first["secret"].as_str().unwrap();
    for (table, columns) in [
        ("api_client_secrets", &["hint"][..]),
        ("idempotency_keys", &["outcome"]),
        ("audit_events", &["after", "before"]),
    ] {
        for column in columns {
            for text in query(&app, &format!("select coalesce(\"{column}\", '') as text from {table}")).await {
                assert!(!text.contains(shown) && !text.contains(&shown[4..47]), "{table}.{column}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn two_secrets_work_at_a_time_and_each_is_taken_back_by_itself() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let (client, first) = client_of(&admin, json!({ "name": "LMS", "scopes": ["TRAINING_READ"] })).await;
    let id = client["id"].clone();
    let more = json!({ "id": id });
    app.advance(TimeDelta::milliseconds(1));
    let second = admin.done("addApiClientSecret", more.clone(), &format!("secret {CLIENT}")).await;
    let second_secret = second["secret"].as_str().unwrap();
    assert_ne!(first, second_secret);
    let before = app.rows(TABLES).await;
    assert_eq!(admin.refused("addApiClientSecret", more.clone()).await, ["TOO_MANY_SECRETS"]);
    assert_eq!(app.rows(TABLES).await, before);
    for works in [first.as_str(), second_secret] {
        assert_eq!(who(&app.bearer(works)).await["client"]["id"], id);
    }

    let earlier = &second["apiClient"]["secrets"][0];
    assert!(first.ends_with(earlier["hint"].as_str().unwrap()));
    let taken = json!({ "secretId": earlier["id"] });
    admin.done("revokeApiClientSecret", taken.clone(), "apiClient { id }").await;
    assert_eq!(admin.refused("revokeApiClientSecret", taken).await, ["WRONG_STATE"]);
    assert_unauthenticated(&app.bearer(&first).ask(WHO, Value::Null).await);
    assert_eq!(who(&app.bearer(second_secret)).await["client"]["id"], id);

    // There is room again, and a secret with an end makes room by itself.
    let brief = json!({ "id": id, "expiresAt": "2026-03-02T10:00:00Z" });
    let third = admin.done("addApiClientSecret", brief, "secret").await["secret"].as_str().unwrap().to_owned();
    assert_eq!(who(&app.bearer(&third)).await["client"]["id"], id);
    app.advance(TimeDelta::hours(1));
    assert_unauthenticated(&app.bearer(&third).ask(WHO, Value::Null).await);
    let admin = app.sign_in("admin@vendor.example").await;
    admin.done("addApiClientSecret", more, "secret").await;
}

#[tokio::test]
async fn many_who_add_a_secret_at_once_add_one() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let (client, _) = client_of(&admin, json!({ "name": "CRM", "scopes": ["DEALS_READ"] })).await;
    let document = "mutation($input: AddApiClientSecretInput!) { addApiClientSecret(input: $input) { secret userErrors { code } } }";
    let (admin, id) = (&admin, &client["id"]);
    let answers = race(8, |_| async move {
        admin.ask(document, json!({ "input": { "id": id } })).await.data["addApiClientSecret"].clone()
    })
    .await;
    let added = answers.iter().filter(|answer| answer["secret"] != Value::Null).count();
    assert_eq!(added, 1, "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|answer| answer["secret"] != Value::Null || answer["userErrors"][0]["code"] == "TOO_MANY_SECRETS")
    );
    app.check().await;
}

#[tokio::test]
async fn what_is_no_secret_is_refused_without_asking_the_database() {
    let app = TestApp::start().await;
    let unknown = secret::format(&[7; 32]);
    let mistyped = unknown.replace("ppk_", "ppk_x");
    for (token, statements) in [(mistyped.as_str(), 0), ("ppk_", 0), ("ppk_' or 1=1 --", 0), (unknown.as_str(), 1)] {
        let before = app.services.db.statements();
        assert_unauthenticated(&app.bearer(token).ask(WHO, Value::Null).await);
        assert_eq!(app.services.db.statements() - before, statements, "{token}");
    }
}
