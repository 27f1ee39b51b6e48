//! API clients: who makes them, what a secret opens and how long, and how secrets are replaced.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use partner_portal::{
    people::{api_clients::secret, sessions::Doorkeeper},
    platform::http::server::App,
};
use serde_json::{Value, json};

use super::{CLIENT, client_of, query};
use crate::support::{Person, TestApp, app::Options, race::race};

const TABLES: &[&str] = &["api_clients", "api_client_secrets", "audit_events"];
const WHO: &str = "{ currentClient { scopes client { id name scopes addressRanges } } }";

/// Who the secret says that its bearer is.
async fn who(person: &Person<'_>) -> Value {
    let answer = person.ask(WHO, Value::Null).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["currentClient"].clone()
}

#[track_caller]
fn assert_unauthenticated(answer: &crate::support::Answer) {
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.errors[0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn an_administrator_makes_a_client_whose_secret_is_a_bearer_token() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let input = json!({ "name": "  CRM  ", "scopes": ["DEALS_WRITE", "DEALS_READ", "DEALS_READ"],
        "addressRanges": ["127.0.0.1", "10.1.2.3/8"], "expiresAt": "2026-06-01T00:00:00Z", "requestsPerMinute": 100 });
    let made = admin.done("createApiClient", input, &format!("secret {CLIENT}")).await;
    let (client, shown) = (&made["apiClient"], made["secret"].as_str().unwrap());
    assert_eq!(
        (&client["name"], &client["scopes"], &client["addressRanges"]),
        (&json!("CRM"), &json!(["DEALS_READ", "DEALS_WRITE"]), &json!(["127.0.0.1/32", "10.0.0.0/8"]))
    );
    assert_eq!((&client["state"], &client["version"]), (&json!("ACTIVE"), &json!(1)));
    assert_eq!((&client["partner"], &client["needsReview"]), (&Value::Null, &json!(false)));
    assert_eq!(client["createdBy"]["email"], "admin@vendor.example");
    assert_eq!(client["secrets"].as_array().unwrap().len(), 1);
    assert!(secret::is_well_formed(shown), "{shown}");
    assert!(shown.ends_with(client["secrets"][0]["hint"].as_str().unwrap()));

    let bearer = app.bearer(shown);
    let seen = who(&bearer).await;
    assert_eq!((&seen["client"]["id"], &seen["scopes"]), (&client["id"], &client["scopes"]));
    assert_eq!(bearer.ask("{ viewer { isStaff } }", Value::Null).await.data["viewer"], Value::Null);
    assert_eq!(who(&admin).await, Value::Null);
}

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
async fn a_partners_administrator_makes_clients_of_their_own_company_only() {
    let app = TestApp::start().await;
    let (acme, other) = (app.partner("acme.example").await, app.partner("other.example").await);
    let paula = app.person("paula@acme.example", Some(acme), &[Role::PartnerAdmin]).await;
    let admin = app.staff(Role::Admin).await;
    let (own, _) = client_of(&paula, json!({ "name": "CRM", "scopes": ["DEALS_WRITE"] })).await;
    assert_eq!(own["partner"]["id"], acme.to_string());
    let before = app.rows(TABLES).await;
    let scopes = json!(["DEALS_READ"]);
    for (input, code) in [
        (json!({ "name": "x", "scopes": scopes, "partnerId": other.to_string() }), "NOT_FOUND"),
        (json!({ "name": "x", "scopes": scopes, "partnerId": "ptr_00000000000000000000000000000007" }), "NOT_FOUND"),
        (json!({ "name": "x", "scopes": ["TRAINING_WRITE"] }), "NOT_ALLOWED"),
        (json!({ "name": "x", "scopes": ["DEALS_READ", "ACCOUNTS_WRITE"] }), "NOT_ALLOWED"),
        (json!({ "name": "x", "scopes": [] }), "REQUIRED"),
        (json!({ "name": "x", "scopes": scopes, "requestsPerMinute": 6000 }), "NOT_ALLOWED"),
        (json!({ "name": " ", "scopes": scopes }), "REQUIRED"),
    ] {
        assert_eq!(paula.refused("createApiClient", input.clone()).await, [code], "{input}");
    }
    assert_eq!(
        admin.refused("createApiClient", json!({ "name": "x", "scopes": ["MDF_WRITE"] })).await,
        ["NOT_ALLOWED"]
    );
    assert_eq!(app.rows(TABLES).await, before);

    let (of_other, _) =
        client_of(&admin, json!({ "name": "BI", "scopes": scopes, "partnerId": other.to_string() })).await;
    let (of_vendor, _) = client_of(&admin, json!({ "name": "CRM", "scopes": scopes })).await;
    let list = "{ apiClients { totalCount nodes { id } } node: currentClient { scopes } }";
    let seen = paula.ask(list, Value::Null).await.data["apiClients"].clone();
    assert_eq!(seen, json!({ "totalCount": 1, "nodes": [{ "id": own["id"] }] }));
    assert_eq!(admin.ask(list, Value::Null).await.data["apiClients"]["totalCount"], 3);
    for foreign in [&of_other["id"], &of_vendor["id"]] {
        let node = paula.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": foreign })).await;
        assert_eq!(node.body, json!({ "data": { "node": null } }));
        for mutation in ["updateApiClient", "revokeApiClient", "addApiClientSecret"] {
            assert_eq!(paula.refused(mutation, json!({ "id": foreign })).await, ["NOT_FOUND"], "{mutation}");
        }
    }
    let foreign_secret = json!({ "secretId": of_other["secrets"][0]["id"] });
    assert_eq!(paula.refused("revokeApiClientSecret", foreign_secret).await, ["NOT_FOUND"]);
    assert_eq!(app.rows(&["api_clients"]).await[0].1, 3);

    let filtered = "query($filter: ApiClientFilter) { apiClients(filter: $filter) { nodes { id } } }";
    let of = admin.ask(filtered, json!({ "filter": { "partnerId": other.to_string(), "states": ["ACTIVE"] } })).await;
    assert_eq!(of.data["apiClients"]["nodes"], json!([{ "id": of_other["id"] }]));
    let none = admin.ask(filtered, json!({ "filter": { "states": ["EXPIRED", "REVOKED"] } })).await;
    assert_eq!(none.data["apiClients"]["nodes"], json!([]));
}

#[tokio::test]
async fn only_administrators_see_and_make_clients() {
    let app = TestApp::start().await;
    let acme = app.partner("acme.example").await;
    let admin = app.staff(Role::Admin).await;
    let (client, _) =
        client_of(&admin, json!({ "name": "BI", "scopes": ["DEALS_READ"], "partnerId": acme.to_string() })).await;
    let mut others = Vec::new();
    for role in [Role::ChannelOps, Role::ChannelManager, Role::Finance, Role::DirectSales, Role::Executive] {
        others.push(app.staff(role).await);
    }
    for (role, name) in [(Role::Seller, "sam"), (Role::Marketer, "mia"), (Role::Learner, "lea")] {
        others.push(app.person(&format!("{name}@acme.example"), Some(acme), &[role]).await);
    }
    for other in others {
        let list = other.ask("{ apiClients { nodes { id } } }", Value::Null).await;
        assert_eq!(list.errors[0]["extensions"]["code"], "FORBIDDEN");
        let node = other.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": client["id"] })).await;
        assert_eq!(node.body, json!({ "data": { "node": null } }));
        let made = other
            .ask("mutation { createApiClient(input: { name: \"x\", scopes: [DEALS_READ] }) { secret } }", Value::Null)
            .await;
        assert_eq!(made.errors[0]["extensions"]["code"], "FORBIDDEN");
    }
    let nobody = app.anonymous().ask("{ apiClients { nodes { id } } }", Value::Null).await;
    assert_eq!(nobody.errors[0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_client_of_a_suspended_partner_reads_and_one_of_a_terminated_partner_does_not() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let acme = app.partner("acme.example").await;
    let paula = app.person("paula@acme.example", Some(acme), &[Role::PartnerAdmin]).await;
    let (client, shown) = client_of(&paula, json!({ "name": "CRM", "scopes": ["DEALS_WRITE", "ACCOUNTS_READ"] })).await;
    let bearer = app.bearer(&shown);
    let becomes = async |state: &str| app.execute(&format!("update partners set state = '{state}'")).await;
    let withdraw = json!({ "id": "reg_00000000000000000000000000000007" });

    becomes("SUSPENDED").await;
    assert_eq!(bearer.ask("{ accounts { nodes { id } } }", Value::Null).await.errors, Value::Null);
    assert_eq!(bearer.refused("withdrawDealRegistration", withdraw).await, ["PARTNER_NOT_ACTIVE"]);
    assert_eq!(
        paula.refused("createApiClient", json!({ "name": "x", "scopes": ["DEALS_READ"] })).await,
        ["PARTNER_NOT_ACTIVE"]
    );
    let for_it = json!({ "name": "x", "scopes": ["DEALS_READ"], "partnerId": acme.to_string() });
    assert_eq!(admin.refused("createApiClient", for_it).await, ["PARTNER_NOT_ACTIVE"]);
    assert_eq!(
        paula.ask("{ apiClients { nodes { id } } }", Value::Null).await.data["apiClients"]["nodes"][0]["id"],
        client["id"]
    );

    becomes("TERMINATED").await;
    assert_unauthenticated(&bearer.ask(WHO, Value::Null).await);

    // A secret that leaked can be taken back whatever the state.
    becomes("SUSPENDED").await;
    paula.done("revokeApiClient", json!({ "id": client["id"] }), "apiClient { id }").await;
    let waiting = app.partner_in("new.example", PartnerState::Onboarding, &[PartnerType::Reseller]).await;
    client_of(&admin, json!({ "name": "x", "scopes": ["DEALS_READ"], "partnerId": waiting.to_string() })).await;
}

#[tokio::test]
async fn a_client_outlives_its_makers_account_and_is_listed_for_review() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let (client, shown) = client_of(&admin, json!({ "name": "CRM", "scopes": ["DEALS_READ"] })).await;
    let other = app.person("other@vendor.example", None, &[Role::Admin]).await;
    let waiting =
        "query($yes: Boolean!) { apiClients(filter: { needsReview: $yes }) { totalCount nodes { needsReview } } }";
    let counts =
        async |yes: bool| other.ask(waiting, json!({ "yes": yes })).await.data["apiClients"]["totalCount"].clone();
    assert_eq!((counts(true).await, counts(false).await), (json!(0), json!(1)));
    app.execute("update users set state = 'DEACTIVATED' where email_key = 'admin@vendor.example'").await;
    assert_eq!(who(&app.bearer(&shown)).await["client"]["id"], client["id"], "it goes on working");
    assert_eq!((counts(true).await, counts(false).await), (json!(1), json!(0)));
    let taken = other.done("updateApiClient", json!({ "id": client["id"], "takeOver": true }), CLIENT).await;
    assert_eq!(
        (&taken["apiClient"]["needsReview"], &taken["apiClient"]["responsible"]["email"]),
        (&json!(false), &json!("other@vendor.example"))
    );
    assert_eq!(taken["apiClient"]["createdBy"]["email"], "admin@vendor.example");
    assert_eq!(counts(true).await, json!(0));
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
    // The last use is written beside the call, once a minute; a statement is counted after its row is there.
    let noted = |statement: &String| statement.starts_with("UPDATE \"api_clients\" SET \"last_used_at\"");
    while !app.services.db.last_statements().iter().any(noted) {
        tokio::task::yield_now().await;
    }
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

#[tokio::test]
async fn every_change_is_audited_without_the_secret() {
    let app = TestApp::start().await;
    let acme = app.partner("acme.example").await;
    let paula = app.person("paula@acme.example", Some(acme), &[Role::PartnerAdmin]).await;
    let (client, _) = client_of(&paula, json!({ "name": "CRM", "scopes": ["DEALS_READ"] })).await;
    let id = client["id"].clone();
    paula.done("addApiClientSecret", json!({ "id": id }), "secret").await;
    paula.done("updateApiClient", json!({ "id": id, "scopes": ["DEALS_READ", "DEALS_WRITE"] }), CLIENT).await;
    paula.done("revokeApiClientSecret", json!({ "secretId": client["secrets"][0]["id"] }), CLIENT).await;
    paula.done("revokeApiClient", json!({ "id": id }), CLIENT).await;
    let document = "query($id: ID!) { auditEvents(filter: { objectId: $id }) { nodes { action actor { email } partner { id } } } }";
    let events = paula.ask(document, json!({ "id": id })).await.data["auditEvents"]["nodes"].clone();
    let mut actions: Vec<_> =
        events.as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(
        actions,
        [
            "api_client.manage",
            "api_client.manage",
            "api_client.manage",
            "api_client.manage",
            "api_client.revoke",
            "api_client.revoke"
        ]
    );
    assert!(events.as_array().unwrap().iter().all(|event| event["actor"]["email"] == "paula@acme.example"));
}
