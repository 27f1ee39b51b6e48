//! Reading the audit log by its filters: what each lets through, who sees what, and that an index serves it.

use chrono::TimeDelta;
use entity::value::Role;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{Engine, Person, TestApp};

const LIST: &str = "query($filter: AuditEventFilter) { auditEvents(filter: $filter, first: 100) { totalCount nodes {
    id at actorKind actor { id } onBehalfOf { id } clientId address action objectId requestId sequence hash } } }";

async fn list(person: &Person<'_>, filter: Value) -> Vec<Value> {
    let answer = person.ask(LIST, json!({ "filter": filter })).await;
    assert_eq!(answer.errors, Value::Null);
    let nodes = answer.data["auditEvents"]["nodes"].as_array().unwrap().clone();
    assert_eq!(answer.data["auditEvents"]["totalCount"], nodes.len());
    nodes
}

#[tokio::test]
async fn each_filter_lets_through_what_it_names() {
    let app = TestApp::start().await;
    app.staff(Role::Admin).await;
    let acme = app.partner("acme.example").await;
    app.advance(TimeDelta::hours(1));
    let noon = app.now();
    app.create_user("ana@acme.example", Some(acme), &[Role::PartnerAdmin]).await;
    app.advance(TimeDelta::hours(1));
    let ops = app.staff(Role::ChannelOps).await;
    crate::deals::product_line(&ops, "GTX-PRO").await;
    let (admin, ana) = (app.sign_in("admin@vendor.example").await, app.sign_in("ana@acme.example").await);

    let all = list(&admin, json!({})).await;
    let user = all.iter().find_map(|event| event["actor"]["id"].as_str()).unwrap();
    for (filter, which) in [
        (json!({ "objectId": all[0]["objectId"] }), ("objectId", all[0]["objectId"].clone())),
        (json!({ "action": all[1]["action"] }), ("action", all[1]["action"].clone())),
        (json!({ "requestId": all[1]["requestId"] }), ("requestId", all[1]["requestId"].clone())),
    ] {
        let wanted: Vec<_> = all.iter().filter(|event| event[which.0] == which.1).cloned().collect();
        assert_eq!(list(&admin, filter.clone()).await, wanted, "{filter}");
    }
    let by_actor: Vec<_> = all.iter().filter(|event| event["actor"]["id"] == user).cloned().collect();
    assert_eq!(list(&admin, json!({ "actorId": user })).await, by_actor);
    assert!(list(&admin, json!({ "clientId": "cli_00000000000000000000000000000001" })).await.is_empty());

    let between = |from: &str, to: &str| {
        let wanted: Vec<_> = all
            .iter()
            .filter(|event| from <= event["at"].as_str().unwrap() && event["at"].as_str().unwrap() < to)
            .cloned()
            .collect();
        wanted
    };
    let (from, to) = (noon.to_string(), noon.plus(TimeDelta::microseconds(1)).to_string());
    let span = between(&from, &to);
    assert!(!span.is_empty() && span.len() < all.len());
    assert_eq!(list(&admin, json!({ "from": from, "to": to })).await, span);
    assert_eq!(list(&admin, json!({ "to": from })).await, between("", &from));
    assert_eq!(list(&admin, json!({ "from": to })).await, between(&to, "9"));

    // Staff see where it came from and what holds the chain together; a partner sees what concerns it.
    let signed: Vec<_> = all.iter().filter(|event| event["actorKind"] == "USER").collect();
    assert!(!signed.is_empty() && signed.iter().all(|event| event["address"] == "127.0.0.1"), "{signed:?}");
    assert!(signed.iter().all(|event| event["onBehalfOf"] == event["actor"]), "{signed:?}");
    for event in &all {
        assert!(event["sequence"].as_i64().unwrap() > 0 && event["hash"].as_str().unwrap().len() == 64);
    }
    let seen = list(&ana, json!({})).await;
    assert!(!seen.is_empty() && seen.len() < all.len());
    for event in &seen {
        assert_eq!((&event["address"], &event["clientId"]), (&Value::Null, &Value::Null));
    }
    let first = list(&ana, json!({ "from": from, "to": to })).await;
    assert!(!first.is_empty() && first.iter().all(|event| seen.contains(event)));
}

/// Twenty thousand events of as many kinds as there are filters.
async fn grow(app: &TestApp) {
    let (uuid, of) = match Engine::current() {
        Engine::Postgres => ("md5(i::text)::uuid", "md5((i % 500)::text)::uuid"),
        Engine::Sqlite => ("randomblob(16)", "cast(printf('%016d', i % 500) as blob)"),
    };
    let some = if Engine::current() == Engine::Postgres { "'\\x00'::bytea" } else { "x'00'" };
    let sql = format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000)
         insert into audit_events (id, at, actor_kind, actor_user_id, actor_client_id, partner_id, action, object_id, request_id,
             chain, sequence, previous_hash, hash, hash_version)
         select {uuid}, i, 'USER', {of}, {of}, {of}, 'a' || i % 500, 'o' || i % 500, 'r' || i % 5000, 'grown', i, {some}, {some}, 1 from n"
    );
    app.services.db.pool().execute_unprepared(&sql).await.unwrap();
    app.analyze().await;
}

#[tokio::test]
async fn every_filter_is_served_by_an_index() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    grow(&app).await;
    let primary =
        if Engine::current() == Engine::Postgres { "audit_events_pkey" } else { "sqlite_autoindex_audit_events_1" };
    let someone = "00000000000000000000000000000001";
    for (filter, index) in [
        (json!({}), primary),
        (json!({ "objectId": "o7" }), "audit_events_object_id_idx"),
        (json!({ "partnerId": format!("ptr_{someone}") }), "audit_events_partner_id_idx"),
        (json!({ "actorId": format!("usr_{someone}") }), "audit_events_actor_user_id_idx"),
        (json!({ "clientId": format!("cli_{someone}") }), "audit_events_actor_client_id_idx"),
        (json!({ "action": "a7" }), "audit_events_action_idx"),
        (json!({ "requestId": "r7" }), "audit_events_request_id_idx"),
        (json!({ "from": "2026-03-02T08:00:00Z", "to": "2026-03-02T08:00:01Z" }), primary),
    ] {
        let document = "query($filter: AuditEventFilter) { auditEvents(filter: $filter, first: 5) { nodes { id } } }";
        let answer = admin.ask(document, json!({ "filter": filter })).await;
        assert_eq!(answer.errors, Value::Null, "{filter}");
        let plan = app.plan_of(&[r#"FROM "audit_events""#]).await;
        let whole = plan.contains("Seq Scan") || plan.contains("SCAN audit_events\n");
        assert!(plan.contains(index) && !whole, "{filter} is not served by {index}:\n{plan}");
    }
}
