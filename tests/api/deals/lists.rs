//! Lists of registrations: filters, orders, pages, and few statements.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::World;
use crate::support::TestApp;

const LIST: &str = "query($filter: DealRegistrationFilter, $orderBy: DealRegistrationOrder, $first: Int, $after: String) {
    dealRegistrations(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { id state account { name } partner { name tier } productLines { code } evidence { kind } receipts { outcome } } } }";

fn names(answer: &Value) -> Vec<&str> {
    let nodes = answer["dealRegistrations"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["account"]["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn staff_see_all_in_the_order_that_they_ask_for_and_partners_their_own() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let mut deals = Vec::new();
    for (index, name) in ["Alpha", "Bravo", "Charlie", "Delta", "Echo"].into_iter().enumerate() {
        let mut input = world.deal(name);
        if name == "Delta" {
            input["evidence"] = json!([]);
        }
        deals.push(world.register(if index % 2 == 0 { &north } else { &south }, input).await);
        app.advance(TimeDelta::minutes(1));
    }
    world.approve(&deals[2]).await;
    app.advance(TimeDelta::minutes(1));
    world.approve(&deals[0]).await;

    let all = world.ops.ask(LIST, json!({})).await;
    assert_eq!(all.errors, Value::Null);
    assert_eq!(names(&all.data), ["Echo", "Delta", "Charlie", "Bravo", "Alpha"]);
    assert_eq!(names(&north.ask(LIST, json!({})).await.data), ["Echo", "Charlie", "Alpha"]);

    let by = |field: &str| json!({ "field": field, "direction": "ASC" });
    let queue = json!({ "filter": { "states": ["SUBMITTED", "IN_REVIEW"] }, "orderBy": by("QUALIFIED_AT") });
    assert_eq!(names(&world.ops.ask(LIST, queue).await.data), ["Bravo", "Echo"]);
    assert_eq!(
        names(&world.ops.ask(LIST, json!({ "orderBy": by("PROTECTED_UNTIL") })).await.data),
        ["Charlie", "Alpha"]
    );

    let first = world.ops.ask(LIST, json!({ "orderBy": by("QUALIFIED_AT"), "first": 3 })).await;
    assert_eq!(names(&first.data), ["Alpha", "Bravo", "Charlie"]);
    assert_eq!(first.data["dealRegistrations"]["totalCount"], 4);
    let after = &first.data["dealRegistrations"]["pageInfo"]["endCursor"];
    let second = world.ops.ask(LIST, json!({ "orderBy": by("QUALIFIED_AT"), "first": 3, "after": after })).await;
    assert_eq!(names(&second.data), ["Echo"]);

    let account = world.ops.ask("{ accounts(filter: { name: \"bravo\" }) { nodes { id } } }", Value::Null).await;
    let account = &account.data["accounts"]["nodes"][0]["id"];
    assert_eq!(names(&world.ops.ask(LIST, json!({ "filter": { "accountId": account } })).await.data), ["Bravo"]);
    let partner = world.ops.ask("{ partners(filter: { text: \"south\" }) { nodes { id dealRegistrations(first: 1) { totalCount nodes { account { name } } } } } }", Value::Null).await;
    let partner = &partner.data["partners"]["nodes"][0];
    assert_eq!(partner["dealRegistrations"], json!({ "totalCount": 2, "nodes": [{ "account": { "name": "Delta" } }] }));
    assert_eq!(
        names(&world.ops.ask(LIST, json!({ "filter": { "partnerId": partner["id"] } })).await.data),
        ["Delta", "Bravo"]
    );
    assert_eq!(
        names(&north.ask(LIST, json!({ "filter": { "partnerId": partner["id"] } })).await.data),
        [] as [&str; 0]
    );
}

#[tokio::test]
async fn a_page_with_its_nested_objects_takes_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    for number in 0..12 {
        world.register(&seller, world.deal(&format!("Customer {number}"))).await;
    }
    let count = async |first: i32| {
        let before = app.services.db.statements();
        let answer = world.ops.ask(LIST, json!({ "first": first })).await;
        assert_eq!(answer.errors, Value::Null);
        app.services.db.statements() - before
    };
    // Session, page, count; account, partner, lines of registrations, product lines, evidence, receipts.
    assert_eq!((count(1).await, count(12).await), (9, 9));
}
