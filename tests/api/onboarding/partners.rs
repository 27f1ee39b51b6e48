//! Reading partners.

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use serde_json::{Value, json};

use crate::support::TestApp;

const ONE: &str = "query($id: ID!) { partner(id: $id) { id name domain country types state tier users { id } } }";
const LIST: &str = "query($filter: PartnerFilter, $orderBy: PartnerOrder, $first: Int, $after: String) {
    partners(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { name allowedActions nextDeadlineAt users { name partner { name } }
            onboardingSteps { step allowedActions completedBy { name } partner { name } } } } }";

fn names(answer: &Value) -> Vec<&str> {
    answer["partners"]["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn staff_see_every_partner_in_the_order_that_they_ask_for() {
    let app = TestApp::start().await;
    app.partner("charlie.example").await;
    app.advance(TimeDelta::seconds(1));
    app.partner("alpha.example").await;
    app.advance(TimeDelta::seconds(1));
    app.partner_in("bravo_100.example", PartnerState::Suspended, &[PartnerType::Influence, PartnerType::Retention])
        .await;
    let ops = app.staff(Role::ChannelOps).await;

    let newest = ops.ask(LIST, json!({})).await;
    assert_eq!(newest.errors, Value::Null);
    assert_eq!(names(&newest.data), ["bravo_100", "alpha", "charlie"]);
    assert_eq!(newest.data["partners"]["totalCount"], 3);

    let by_name = json!({ "field": "NAME", "direction": "ASC" });
    let first = ops.ask(LIST, json!({ "orderBy": by_name, "first": 2 })).await;
    assert_eq!(names(&first.data), ["alpha", "bravo_100"]);
    let after = &first.data["partners"]["pageInfo"]["endCursor"];
    let second = ops.ask(LIST, json!({ "orderBy": by_name, "first": 2, "after": after })).await;
    assert_eq!(names(&second.data), ["charlie"]);

    for (filter, wanted) in [
        (json!({ "states": ["SUSPENDED"] }), vec!["bravo_100"]),
        (json!({ "types": ["RETENTION"] }), vec!["bravo_100"]),
        (json!({ "types": ["RETENTION", "RESELLER"] }), vec!["bravo_100", "alpha", "charlie"]),
        (json!({ "types": [] }), vec!["bravo_100", "alpha", "charlie"]),
        (json!({ "tiers": ["GOLD"] }), vec![]),
        (json!({ "countries": ["FR"] }), vec![]),
        (json!({ "text": "ALPHA" }), vec!["alpha"]),
        (json!({ "text": "_" }), vec!["bravo_100"]),
        (json!({ "text": "%" }), vec![]),
    ] {
        let found = ops.ask(LIST, json!({ "filter": filter })).await;
        assert_eq!(found.errors, Value::Null, "{filter}");
        assert_eq!(names(&found.data), wanted, "{filter}");
    }
}

#[tokio::test]
async fn a_foreign_partner_is_answered_as_one_that_does_not_exist() {
    let app = TestApp::start().await;
    let own = app.partner("own.example").await;
    let foreign = app.partner("foreign.example").await;
    let seller = app.person("sam@own.example", Some(own), &[Role::Seller]).await;

    let missing = "ptr_00000000000000000000000000000001";
    let wanted = seller.ask(ONE, json!({ "id": missing })).await;
    assert_eq!(seller.ask(ONE, json!({ "id": foreign.to_string() })).await.body, wanted.body);
    assert_eq!(seller.ask(ONE, json!({ "id": "nonsense" })).await.body, wanted.body);
    assert_eq!(seller.ask(ONE, json!({ "id": own.to_string() })).await.data["partner"]["name"], "own");

    let node = "query($id: ID!) { node(id: $id) { id } }";
    let wanted = seller.ask(node, json!({ "id": missing })).await;
    assert_eq!(seller.ask(node, json!({ "id": foreign.to_string() })).await.body, wanted.body);
    assert_eq!(names(&seller.ask(LIST, json!({})).await.data), ["own"]);
}

#[tokio::test]
async fn visitors_read_no_partners() {
    let app = TestApp::start().await;
    let partner = app.partner("own.example").await;
    let answer = app.anonymous().ask(ONE, json!({ "id": partner.to_string() })).await;
    assert_eq!(answer.data["partner"], Value::Null);
    assert_eq!(answer.errors[0]["extensions"]["code"], "UNAUTHENTICATED");
    let answer = app.anonymous().ask(LIST, json!({})).await;
    assert_eq!(answer.errors[0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_list_with_its_people_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let mut costs = Vec::new();
    for round in 0..2 {
        for number in 0..4 {
            let domain = format!("p{round}{number}.example");
            let partner = app.partner(&domain).await;
            app.create_user(&format!("a@{domain}"), Some(partner), &[Role::PartnerAdmin]).await;
            app.create_user(&format!("b@{domain}"), Some(partner), &[Role::Seller]).await;
        }
        let before = app.services.db.statements();
        let answer = ops.ask(LIST, json!({})).await;
        costs.push(app.services.db.statements() - before);
        let nodes = answer.data["partners"]["nodes"].as_array().unwrap().clone();
        assert_eq!(nodes.len(), 4 * (round + 1));
        assert!(nodes.iter().all(|node| node["users"].as_array().unwrap().len() == 2));
    }
    assert_eq!(costs[0], costs[1]);
}
