//! Accounts are part of others: without circles, not too deep, and listed in few statements.

use entity::value::Role;
use serde_json::{Value, json};

use super::{TABLES, create, look, named, statements};
use crate::support::{Person, TestApp, race::race};

async fn put_under(ops: &Person<'_>, id: &Value, parent: &Value) -> String {
    let update = "mutation($input: UpdateAccountInput!) { updateAccount(input: $input) { userErrors { code } } }";
    let answer = ops.ask(update, json!({ "input": { "id": id, "parentId": parent } })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["updateAccount"]["userErrors"][0]["code"].as_str().unwrap_or("DONE").to_owned()
}

#[tokio::test]
async fn no_account_is_part_of_itself_and_a_hierarchy_has_a_greatest_depth() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let admin = app.staff(Role::Admin).await;
    let set = json!({ "hierarchyLevels": 4, "expectedVersion": 1 });
    let set = admin.done("setAccountPolicy", set, "accountPolicy { version hierarchyLevels mergeUndoDays }").await;
    assert_eq!(set["accountPolicy"], json!({ "version": 2, "hierarchyLevels": 4, "mergeUndoDays": 30 }));
    assert_eq!(admin.refused("setAccountPolicy", json!({ "expectedVersion": 1 })).await, ["VERSION_CONFLICT"]);
    assert_eq!(admin.refused("setAccountPolicy", json!({ "hierarchyLevels": 1 })).await, ["OUT_OF_RANGE"]);

    let mut chain = vec![named(&ops, "Amber").await];
    for name in ["Birch", "Cedar", "Dune"] {
        let parent = chain.last().unwrap().clone();
        chain.push(create(&ops, json!({ "name": name, "country": "DE", "parentId": parent })).await);
    }
    let before = app.rows(TABLES).await;
    for (place, id) in chain.iter().enumerate() {
        assert_eq!(put_under(&ops, &chain[0], id).await, "ACCOUNT_HIERARCHY", "{place}");
    }
    let too_deep = json!({ "name": "Ember", "country": "DE", "parentId": chain[3] });
    assert_eq!(ops.refused("createAccount", too_deep).await, ["ACCOUNT_HIERARCHY"]);
    // What is below counts too.
    let top = named(&ops, "Fjord").await;
    assert_eq!(put_under(&ops, &chain[0], &top).await, "ACCOUNT_HIERARCHY");
    assert_eq!(app.rows(TABLES).await[1..10], before[1..10]);
    assert_eq!(put_under(&ops, &chain[3], &top).await, "DONE");
    assert_eq!(put_under(&ops, &chain[0], &top).await, "DONE");
    assert_eq!(look(&ops, &top).await["subsidiaries"]["nodes"], json!([{ "id": chain[0] }, { "id": chain[3] }]));
    app.check().await;
}

#[tokio::test]
async fn two_that_would_close_a_circle_at_once_do_not() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    for round in 0..20 {
        let one = named(&ops, &format!("One {round}")).await;
        let other = named(&ops, &format!("Other {round}")).await;
        let (ops, pair) = (&ops, [&one, &other]);
        let mut answers =
            race(2, move |number| async move { put_under(ops, pair[number], pair[1 - number]).await }).await;
        answers.sort();
        assert_eq!(answers, ["ACCOUNT_HIERARCHY", "DONE"], "round {round}");
    }
    app.check().await;
}

#[tokio::test]
async fn subsidiaries_are_paged_and_a_list_of_accounts_takes_no_more_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let mut children = Vec::new();
    for name in ["Amber", "Birch"] {
        let parent = named(&ops, name).await;
        for number in 0..5 {
            let child = json!({ "name": format!("{name} {number}"), "country": "DE", "parentId": parent, "website": format!("{name}{number}.example"),
                "names": [{ "name": format!("Also {name}{number}"), "kind": "TRADING" }] });
            children.push(create(&ops, child).await);
        }
    }
    let list = "query($first: Int, $name: String) { accounts(first: $first, filter: { name: $name }, orderBy: { field: NAME, direction: ASC }) { nodes { name domains
        names { name } registryIds { value } references { system } reservations { reason } incumbents { since } parent { name }
        subsidiaries(first: 3) { nodes { name } pageInfo { hasNextPage } } } } }";
    let (answer, few) = statements(&app, ops.ask(list, json!({ "first": 2 }))).await;
    assert_eq!(answer.errors, Value::Null);
    let first = &answer.data["accounts"]["nodes"][0]["subsidiaries"];
    assert_eq!(first["nodes"], json!([{ "name": "Amber 0" }, { "name": "Amber 1" }, { "name": "Amber 2" }]));
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let (answer, many) = statements(&app, ops.ask(list, json!({ "first": 12 }))).await;
    assert_eq!(answer.data["accounts"]["nodes"].as_array().unwrap().len(), 12);
    assert_eq!(many, few, "a longer page costs no more statements");

    let page = "query($id: ID!, $after: String, $last: Int, $first: Int) { account(id: $id) {
        subsidiaries(first: $first, after: $after, last: $last) { totalCount nodes { id } pageInfo { endCursor hasNextPage } } } }";
    let parent = look(&ops, &children[0]).await["parent"]["id"].clone();
    let ask = async |variables: Value| {
        let mut variables = variables;
        variables["id"] = parent.clone();
        ops.ask(page, variables).await.data["account"]["subsidiaries"].clone()
    };
    let first = ask(json!({ "first": 3 })).await;
    assert_eq!(first["totalCount"], 5);
    let second = ask(json!({ "first": 3, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(second["nodes"], json!([{ "id": children[3] }, { "id": children[4] }]));
    assert_eq!(ask(json!({ "last": 1 })).await["nodes"], json!([{ "id": children[4] }]));
    let filtered = "query($id: ID!) { accounts(filter: { parentId: $id }) { totalCount } }";
    assert_eq!(ops.ask(filtered, json!({ "id": parent })).await.data["accounts"]["totalCount"], 5);
}
