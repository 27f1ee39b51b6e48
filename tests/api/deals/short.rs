//! Lists read fewer columns than a single object, and resolve plain fields without the engine. Nobody may notice.

use serde_json::{Value, json};

use super::World;
use crate::support::TestApp;

const PLAIN: &str = "__typename id amount { minorUnits currency amount __typename } expectedCloseOn partnerRole state outcomeCode dealStage
    wonAmount { minorUnits currency amount } closedOn qualifiedAt protectedFrom protectedUntil submittedAt dueAt endedAt nextDeadlineAt version
    partner { __typename id name website domain country types state tier createdAt activatedAt version }
    account { __typename id name domain country industry reservedFor createdAt version }";
const LONG: &str =
    "customerContact { name email } need outcomeReason evidenceScore { total sufficient parts { part points } }";

#[tokio::test]
async fn a_registration_of_a_list_reads_like_the_same_one_by_its_id() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let mut deals = Vec::new();
    for number in 0..5 {
        deals.push(world.register(&seller, world.deal(&format!("Customer {number}"))).await);
    }
    for deal in &deals[..3] {
        world.approve(deal).await;
    }
    world
        .ops
        .done(
            "rejectDealRegistration",
            json!({ "id": deals[3]["id"], "code": "OTHER", "reason": "a reason" }),
            "dealRegistration { id }",
        )
        .await;
    seller
        .done("markDealLost", json!({ "id": deals[1]["id"], "reason": "another reason" }), "dealRegistration { id }")
        .await;

    for person in [&world.ops, &seller] {
        for fields in [
            PLAIN.to_owned(),
            LONG.to_owned(),
            format!("{PLAIN} {LONG} allowedActions"),
            format!("...F {LONG}"),
            format!("again: id {PLAIN} id partner {{ tier }}"),
        ] {
            let fragment = if fields.contains("...F") {
                format!("fragment F on DealRegistration {{ {PLAIN} }}")
            } else {
                String::new()
            };
            let list = format!(
                "{{ dealRegistrations {{ nodes {{ {fields} }} edges {{ node {{ id {fields} }} }} }} }} {fragment}"
            );
            let listed = person.ask(&list, Value::Null).await;
            assert_eq!(listed.errors, Value::Null, "{list}");
            let nodes = listed.data["dealRegistrations"]["nodes"].as_array().unwrap().clone();
            assert_eq!(nodes.len(), 5);
            for (edge, node) in listed.data["dealRegistrations"]["edges"].as_array().unwrap().iter().zip(nodes) {
                let one = format!("query($id: ID!) {{ dealRegistration(id: $id) {{ {fields} }} }} {fragment}");
                let single = person.ask(&one, json!({ "id": edge["node"]["id"] })).await;
                assert_eq!(single.data["dealRegistration"].to_string(), node.to_string(), "{fields}");
            }
        }
    }
}
