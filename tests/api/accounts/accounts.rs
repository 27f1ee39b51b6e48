//! Accounts: created by staff, found again in other spellings, and hidden from partners that have no deal on them.

use entity::value::Role;
use serde_json::{Value, json};

use crate::support::TestApp;

const ACCOUNT: &str = "account { id name domain country industry reservedFor parent { name } version }";
const LIST: &str = "query($filter: AccountFilter, $orderBy: AccountOrder, $first: Int, $after: String) {
    accounts(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { id name parent { name } } } }";

fn names(answer: &Value) -> Vec<&str> {
    answer["accounts"]["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_customer_has_one_account_in_all_spellings() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let input = json!({ "name": "Acme Corporation", "website": "https://www.acme.example/home", "country": "DE", "industry": "Software" });
    let made = ops.done("createAccount", input, ACCOUNT).await["account"].clone();
    assert_eq!(made["domain"], "acme.example");
    assert_eq!(made["reservedFor"], "OPEN");

    let before = app.rows(&["accounts", "audit_events"]).await;
    for again in [
        json!({ "name": "Other words", "website": "shop.ACME.example.", "country": "FR" }),
        json!({ "name": "The ACME Corp., Inc.", "country": "DE" }),
    ] {
        assert_eq!(ops.refused("createAccount", again.clone()).await, ["ACCOUNT_EXISTS"], "{again}");
    }
    for malformed in [
        json!({ "name": "B", "website": "localhost", "country": "DE" }),
        json!({ "name": "B", "website": "http://10.0.0.1", "country": "DE" }),
    ] {
        assert_eq!(ops.refused("createAccount", malformed).await, ["MALFORMED"]);
    }
    assert_eq!(
        ops.refused(
            "createAccount",
            json!({ "name": "B", "country": "DE", "parentId": "acc_00000000000000000000000000000001" })
        )
        .await,
        ["NOT_FOUND"]
    );
    assert_eq!(app.rows(&["accounts", "audit_events"]).await, before);

    // The same name in another country, or at another domain, is somebody else; a shared host says nothing.
    ops.done("createAccount", json!({ "name": "ACME", "country": "FR" }), ACCOUNT).await;
    ops.done("createAccount", json!({ "name": "ACME", "country": "DE", "website": "acme-tools.example" }), ACCOUNT)
        .await;
    let shared = json!({ "name": "Cancity", "country": "US", "website": "https://facebook.com/cancity", "parentId": made["id"] });
    let shared = ops.done("createAccount", shared, ACCOUNT).await["account"].clone();
    assert_eq!(shared["domain"], Value::Null);
    assert_eq!(shared["parent"]["name"], "Acme Corporation");
}

#[tokio::test]
async fn staff_list_accounts_with_filters_in_a_stable_order_and_few_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let parent =
        ops.done("createAccount", json!({ "name": "Alpha", "country": "DE" }), ACCOUNT).await["account"]["id"].clone();
    for (name, country, reserved) in
        [("Delta", "DE", "OPEN"), ("Charlie", "FR", "DIRECT"), ("Bravo", "DE", "PARTNER_LED")]
    {
        ops.done(
            "createAccount",
            json!({ "name": name, "country": country, "reservedFor": reserved, "parentId": parent }),
            ACCOUNT,
        )
        .await;
    }
    let by_name = json!({ "field": "NAME", "direction": "ASC" });
    let first = ops.ask(LIST, json!({ "orderBy": by_name, "first": 3 })).await;
    assert_eq!(first.errors, Value::Null);
    assert_eq!(names(&first.data), ["Alpha", "Bravo", "Charlie"]);
    assert_eq!(first.data["accounts"]["totalCount"], 4);
    let after = &first.data["accounts"]["pageInfo"]["endCursor"];
    let second = ops.ask(LIST, json!({ "orderBy": by_name, "first": 3, "after": after })).await;
    assert_eq!(names(&second.data), ["Delta"]);
    for (filter, wanted) in [
        (json!({ "countries": ["FR"] }), vec!["Charlie"]),
        (json!({ "reservedFor": ["PARTNER_LED"] }), vec!["Bravo"]),
        (json!({ "name": "the CHARL" }), vec!["Charlie"]),
        (json!({ "name": "%" }), vec![]),
    ] {
        let found = ops.ask(LIST, json!({ "filter": filter })).await;
        assert_eq!(names(&found.data), wanted, "{filter}");
    }
    let count = async |first: i32| {
        let before = app.services.db.statements();
        ops.ask(LIST, json!({ "first": first })).await;
        app.services.db.statements() - before
    };
    assert_eq!(count(2).await, count(4).await, "a longer page costs no more statements");
}

#[tokio::test]
async fn an_account_does_not_exist_for_a_partner_without_a_deal_on_it() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let id =
        ops.done("createAccount", json!({ "name": "Acme", "country": "DE" }), ACCOUNT).await["account"]["id"].clone();
    let partner = app.partner("north.example").await;
    let seller = app.person("ana@north.example", Some(partner), &[Role::Seller]).await;
    assert_eq!(names(&seller.ask(LIST, json!({})).await.data), [] as [&str; 0]);
    let one = "query($id: ID!) { account(id: $id) { id } node(id: $id) { id } }";
    let foreign = seller.ask(one, json!({ "id": id })).await;
    let invented = seller.ask(one, json!({ "id": "acc_00000000000000000000000000000001" })).await;
    assert_eq!(foreign.body, invented.body);
    assert_eq!(foreign.data, json!({ "account": null, "node": null }));
}
