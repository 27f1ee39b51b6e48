//! API clients: who makes them, what a secret opens and how long, and how secrets are replaced.

mod limits;
mod secrets;

use entity::value::{PartnerState, PartnerType, Role};
use partner_portal::people::api_clients::secret;
use serde_json::{Value, json};

use super::{CLIENT, client_of};
use crate::support::{Person, TestApp};

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
