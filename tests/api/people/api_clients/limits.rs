//! When, from where and how often an API client is let in.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::value::Role;
use partner_portal::{people::sessions::Doorkeeper, platform::http::server::App};
use serde_json::{Value, json};

use super::{WHO, assert_unauthenticated, who};
use crate::{
    people::{CLIENT, client_of, query},
    support::{TestApp, app::Options},
};

/// Waits until a use of a client is written down and counted, which happens beside the call: a statement is counted after
/// its row is there.
async fn use_is_noted(app: &TestApp) {
    let noted = |statement: &String| statement.starts_with("UPDATE \"api_clients\" SET \"last_used_at\"");
    let wait = async {
        while !app.services.db.last_statements().iter().any(noted) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("the use is written down");
}

#[tokio::test]
async fn a_revoked_client_is_shut_out_for_good() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let (client, shown) = client_of(&admin, json!({ "name": "CRM", "scopes": ["DEALS_READ"] })).await;
    let id = json!({ "id": client["id"], "expectedVersion": 1 });
    assert_eq!(
        admin.refused("revokeApiClient", json!({ "id": client["id"], "expectedVersion": 2 })).await,
        ["VERSION_CONFLICT"]
    );
    let revoked = admin.done("revokeApiClient", id, CLIENT).await["apiClient"].clone();
    assert_eq!(
        (&revoked["state"], &revoked["secrets"], &revoked["version"]),
        (&json!("REVOKED"), &json!([]), &json!(2))
    );
    assert_unauthenticated(&app.bearer(&shown).ask(WHO, Value::Null).await);
    for mutation in ["revokeApiClient", "addApiClientSecret", "updateApiClient"] {
        assert_eq!(admin.refused(mutation, json!({ "id": client["id"] })).await, ["WRONG_STATE"], "{mutation}");
    }
}

fn as_in_production(app: App) -> App {
    let doorkeeper = Doorkeeper::new(Arc::clone(&app.services), Duration::from_secs(3));
    App { doorkeeper: Arc::new(doorkeeper), ..app }
}

#[tokio::test]
async fn a_revocation_acts_within_five_seconds_where_answers_are_remembered() {
    let app = TestApp::start_with(Options { change: as_in_production, ..Options::default() }).await;
    let admin = app.staff(Role::Admin).await;
    let (client, shown) = client_of(&admin, json!({ "name": "CRM", "scopes": ["DEALS_READ"] })).await;
    let bearer = app.bearer(&shown);
    who(&bearer).await;
    admin.done("revokeApiClient", json!({ "id": client["id"] }), "apiClient { id }").await;
    app.advance(TimeDelta::seconds(5));
    assert_unauthenticated(&bearer.ask(WHO, Value::Null).await);
}

#[tokio::test]
async fn a_client_stops_at_its_instant_and_goes_on_when_that_is_moved() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let past = json!({ "name": "CRM", "scopes": ["DEALS_READ"], "expiresAt": "2026-03-02T09:00:00Z" });
    assert_eq!(admin.refused("createApiClient", past).await, ["OUT_OF_RANGE"]);
    let brief = json!({ "name": "CRM", "scopes": ["DEALS_READ"], "expiresAt": "2026-03-02T09:05:00Z" });
    let (client, shown) = client_of(&admin, brief).await;
    who(&app.bearer(&shown)).await;
    app.advance(TimeDelta::minutes(5));
    assert_unauthenticated(&app.bearer(&shown).ask(WHO, Value::Null).await);
    let renamed = admin.done("updateApiClient", json!({ "id": client["id"], "name": "CRM 2" }), CLIENT).await;
    assert_eq!(renamed["apiClient"]["state"], "EXPIRED", "what is absent stays");
    let freed = admin.done("updateApiClient", json!({ "id": client["id"], "expiresAt": null }), CLIENT).await;
    assert_eq!((&freed["apiClient"]["state"], &freed["apiClient"]["version"]), (&json!("ACTIVE"), &json!(3)));
    assert_eq!(who(&app.bearer(&shown)).await["client"]["name"], "CRM 2");
}

fn behind_a_proxy(app: App) -> App {
    let mut settings = app.settings.as_ref().clone();
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    app.with(settings)
}

#[tokio::test]
async fn a_client_is_let_in_from_its_addresses_only() {
    let app = TestApp::start_with(Options { change: behind_a_proxy, ..Options::default() }).await;
    let admin = app.staff(Role::Admin).await;
    for malformed in ["10.0.0.0/33", "example.com", ""] {
        let input = json!({ "name": "CRM", "scopes": ["DEALS_READ"], "addressRanges": [malformed] });
        assert_eq!(admin.refused("createApiClient", input).await, ["MALFORMED"], "{malformed}");
    }
    let ranges = json!(["203.0.113.0/24", "2001:db8::/32"]);
    let (client, shown) =
        client_of(&admin, json!({ "name": "CRM", "scopes": ["DEALS_READ"], "addressRanges": ranges })).await;
    let bearer = app.bearer(&shown);
    let from = async |address: &str| bearer.ask_with(WHO, Value::Null, &[("x-forwarded-for", address)]).await;
    for inside in ["203.0.113.7", "::ffff:203.0.113.7", "2001:db8::1", "8.8.8.8, 203.0.113.7"] {
        assert_eq!(from(inside).await.status, 200, "{inside}");
    }
    for outside in ["203.0.114.7", "2001:db9::1", "203.0.113.7, 8.8.8.8", "nonsense"] {
        let answer = from(outside).await;
        assert_unauthenticated(&answer);
    }
    assert_unauthenticated(&bearer.ask(WHO, Value::Null).await);
    admin.done("updateApiClient", json!({ "id": client["id"], "addressRanges": [] }), CLIENT).await;
    assert_eq!(bearer.ask(WHO, Value::Null).await.status, 200);
}

#[tokio::test]
async fn a_client_that_asks_too_often_waits() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let (client, shown) =
        client_of(&admin, json!({ "name": "CRM", "scopes": ["DEALS_READ"], "requestsPerMinute": 2 })).await;
    let bearer = app.bearer(&shown);
    who(&bearer).await;
    who(&bearer).await;
    use_is_noted(&app).await;
    let before = app.services.db.statements();
    let response = bearer.send(WHO).await;
    assert_eq!(response.status().as_u16(), 429);
    let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    assert!(body.get("data").is_none(), "nothing was executed");
    assert_eq!(app.services.db.statements() - before, 1, "the secret is looked up, and nothing else");
    admin.done("updateApiClient", json!({ "id": client["id"], "requestsPerMinute": 600 }), "apiClient { id }").await;
    who(&bearer).await;
}

#[tokio::test]
async fn the_last_use_is_shown_and_written_at_most_once_a_minute() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let (client, shown) = client_of(&admin, json!({ "name": "CRM", "scopes": ["DEALS_READ"] })).await;
    assert_eq!((&client["lastUsedAt"], &client["secrets"][0]["lastUsedAt"]), (&Value::Null, &Value::Null));
    let bearer = app.bearer(&shown);
    let used = async |at: &str| {
        // It is written beside the request: look until it is there.
        let document = "{ apiClients { nodes { lastUsedAt secrets { lastUsedAt } version } } }";
        let wanted = json!({ "lastUsedAt": at, "secrets": [{ "lastUsedAt": at }], "version": 1 });
        for _ in 0..500 {
            if admin.ask(document, Value::Null).await.data["apiClients"]["nodes"][0] == wanted {
                return true;
            }
        }
        false
    };
    who(&bearer).await;
    use_is_noted(&app).await;
    assert!(used("2026-03-02T09:00:00.000000Z").await);
    let last = async |app: &TestApp| query(app, "select cast(last_used_at as text) as text from api_clients").await;
    let noted = last(&app).await;
    app.advance(TimeDelta::seconds(59));
    let before = app.services.db.statements();
    who(&bearer).await;
    assert_eq!(app.services.db.statements() - before, 2, "a look at the secret and one at the client, and no write");
    assert_eq!(last(&app).await, noted);
    app.advance(TimeDelta::seconds(1));
    who(&bearer).await;
    assert!(used("2026-03-02T09:01:00.000000Z").await);
}
