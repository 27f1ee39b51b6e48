//! Who reads which audit events; and who the viewer is.

use entity::value::Role;
use serde_json::{Value, json};

use super::{accept, application, approved};
use crate::support::TestApp;

const LIST: &str = "query($filter: AuditEventFilter) { auditEvents(filter: $filter, first: 100) { totalCount nodes {
    id at action actorKind actor { name } objectId partner { name } before after requestId } } }";

fn nodes(data: &Value) -> Vec<Value> {
    data["auditEvents"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn staff_read_the_history_of_an_object_newest_first() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let payload =
        app.anonymous().done("submitPartnerApplication", application("acme.example"), "application { id }").await;
    let id = &payload["application"]["id"];
    app.advance(chrono::TimeDelta::seconds(1));
    ops.done("rejectPartnerApplication", json!({ "applicationId": id, "code": "NOT_A_FIT" }), "").await;

    let answer = ops.ask(LIST, json!({ "filter": { "objectId": id } })).await;
    assert_eq!(answer.errors, Value::Null);
    let events = nodes(&answer.data);
    assert_eq!(
        events.iter().map(|event| event["action"].as_str().unwrap()).collect::<Vec<_>>(),
        ["application.decide", "application.submit"]
    );
    assert_eq!(events[0]["actor"]["name"], "channel_ops");
    assert_eq!(events[1]["actorKind"], "ANONYMOUS");
    assert_eq!(events[1]["before"], Value::Null);
    let after: Value = serde_json::from_str(events[0]["after"].as_str().unwrap()).unwrap();
    assert_eq!(after["state"], "REJECTED");
    assert!(!events[0]["requestId"].as_str().unwrap().is_empty());

    let decided = ops.ask(LIST, json!({ "filter": { "action": "application.decide" } })).await;
    assert_eq!(nodes(&decided.data).len(), 1);
    let node = "query($id: ID!) { node(id: $id) { ... on AuditEvent { action } } }";
    assert_eq!(ops.ask(node, json!({ "id": events[0]["id"] })).await.data["node"]["action"], "application.decide");
}

#[tokio::test]
async fn a_partner_reads_what_concerns_it_without_the_insides() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let other = approved(&app, &ops, "other.example").await;
    let ana = accept(&app, &approval).await;
    let seller =
        app.person("sam@acme.example", approval["partner"]["id"].as_str().unwrap().parse().ok(), &[Role::Seller]).await;

    let events = nodes(&ana.ask(LIST, json!({})).await.data);
    assert!(!events.is_empty());
    for event in &events {
        assert_eq!(event["partner"]["name"], "acme GmbH");
        assert_eq!((&event["before"], &event["after"]), (&Value::Null, &Value::Null));
        assert_ne!(event["objectId"], approval["application"]["id"], "what staff think of an application is theirs");
    }
    let foreign = ana.ask(LIST, json!({ "filter": { "partnerId": other["partner"]["id"] } })).await;
    assert_eq!(foreign.data["auditEvents"]["totalCount"], 0);

    let own = ops.ask(LIST, json!({ "filter": { "partnerId": other["partner"]["id"] } })).await;
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let missing = ana.ask(node, json!({ "id": "aud_00000000000000000000000000000001" })).await;
    assert_eq!(ana.ask(node, json!({ "id": nodes(&own.data)[0]["id"] })).await.body, missing.body);

    assert_eq!(seller.ask(LIST, json!({})).await.errors[0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(app.anonymous().ask(LIST, json!({})).await.errors[0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_history_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let mut costs = Vec::new();
    for round in 0..2 {
        for number in 0..3 {
            approved(&app, &ops, &format!("p{round}{number}.example")).await;
        }
        let before = app.services.db.statements();
        let answer = ops.ask(LIST, json!({})).await;
        costs.push(app.services.db.statements() - before);
        assert!(nodes(&answer.data).len() > 6 * (round + 1));
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn the_viewer_is_who_asks_and_nobody_without_a_session() {
    let app = TestApp::start().await;
    let document = "{ viewer { isStaff roles user { name partner { name } } partner { name allowedActions } } }";
    assert_eq!(app.anonymous().ask(document, json!({})).await.body, json!({ "data": { "viewer": null } }));
    let partner = app.partner("acme.example").await;
    let ana = app.person("ana@acme.example", Some(partner), &[Role::PartnerAdmin, Role::Seller]).await;
    assert_eq!(
        ana.ask(document, json!({})).await.data["viewer"],
        json!({
            "isStaff": false, "roles": ["PARTNER_ADMIN", "SELLER"],
            "user": { "name": "ana", "partner": { "name": "acme" } },
            "partner": { "name": "acme", "allowedActions": ["COMPLETE_ONBOARDING_STEP", "REGISTER_DEAL", "REQUEST_MDF", "UPDATE_PROFILE"] },
        })
    );
    let ops = app.staff(Role::ChannelOps).await;
    let viewer = ops.ask(document, json!({})).await.data["viewer"].clone();
    assert_eq!((&viewer["isStaff"], &viewer["partner"]), (&json!(true), &Value::Null));
}
