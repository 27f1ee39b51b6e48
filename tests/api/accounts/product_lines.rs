//! Product lines.

use entity::value::Role;
use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn staff_create_product_lines_and_everybody_with_deals_reads_them() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let made =
        ops.done("createProductLine", json!({ "code": "gtx-pro", "name": "GTX Pro" }), "productLine { id code }").await;
    assert_eq!(made["productLine"]["code"], "GTX-PRO");
    ops.done("createProductLine", json!({ "code": "GTX-BASIC", "name": "GTX Basic" }), "productLine { id }").await;

    let before = app.rows(&["product_lines", "audit_events"]).await;
    assert_eq!(ops.refused("createProductLine", json!({ "code": "GTX-PRO", "name": "x" })).await, ["CODE_TAKEN"]);
    assert_eq!(ops.refused("createProductLine", json!({ "code": "GTX Pro", "name": "x" })).await, ["MALFORMED"]);
    assert_eq!(app.rows(&["product_lines", "audit_events"]).await, before);

    let partner = app.partner("north.example").await;
    let seller = app.person("ana@north.example", Some(partner), &[Role::Seller]).await;
    let list = seller.ask("{ productLines { totalCount nodes { id code name } } }", Value::Null).await;
    assert_eq!(list.data["productLines"]["totalCount"], 2);
    assert_eq!(list.data["productLines"]["nodes"][0]["code"], "GTX-BASIC");
    let node = seller
        .ask(
            "query($id: ID!) { node(id: $id) { ... on ProductLine { name } } }",
            json!({ "id": made["productLine"]["id"] }),
        )
        .await;
    assert_eq!(node.data["node"]["name"], "GTX Pro");

    let refused = seller
        .ask("mutation { createProductLine(input: { code: \"A\", name: \"A\" }) { userErrors { code } } }", Value::Null)
        .await;
    assert_eq!(refused.errors[0]["extensions"]["code"], "FORBIDDEN");
    let learner = app.person("leo@north.example", Some(partner), &[Role::Learner]).await;
    let refused = learner.ask("{ productLines { nodes { id } } }", Value::Null).await;
    assert_eq!(refused.errors[0]["extensions"]["code"], "FORBIDDEN");
}
