//! Customers of another system, in bulk: each row answered by itself, and a repeat harmless.

use entity::value::Role;
use serde_json::{Value, json};

use super::{TABLES, create, look, merge, named, statements};
use crate::{
    people::client_of,
    support::{Person, TestApp, race::race},
};

const RESULTS: &str = "results { index status account { id name } error { code field } }";

async fn upsert(ops: &Person<'_>, rows: Value) -> Vec<Value> {
    let done = ops.done("upsertAccounts", json!({ "system": "crm", "rows": rows }), RESULTS).await;
    done["results"].as_array().unwrap().clone()
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_integration_tells_of_its_customers_and_a_repeat_changes_nothing() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let (_, secret) = client_of(&admin, json!({ "name": "CRM", "scopes": ["ACCOUNTS_WRITE"] })).await;
    let crm = app.bearer(&secret);
    let rows = json!([
        { "externalId": "3", "name": "Acme Nord GmbH", "country": "DE", "parentExternalId": "1" },
        { "externalId": "1", "name": "Acme Corporation", "country": "DE", "website": "acme.example", "industry": "Retail", "size": "LARGE",
            "names": [{ "name": "Acme AG", "kind": "FORMER" }], "registryIds": [{ "kind": "DUNS", "value": "150483782" }] },
        { "externalId": "2", "name": "Betasoloin", "country": "US" },
    ]);
    let made = upsert(&crm, rows.clone()).await;
    assert_eq!(statuses(&made), ["CREATED"; 3]);
    let id = |index: usize| made[index]["account"]["id"].clone();
    assert_eq!(look(&admin, &id(0)).await["parent"]["id"], id(1));
    assert_eq!(look(&admin, &id(1)).await["references"], json!([{ "system": "crm", "externalId": "1" }]));

    let before = app.rows(TABLES).await;
    assert_eq!(statuses(&upsert(&crm, rows.clone()).await), ["UNCHANGED"; 3]);
    let (again, few) = statements(&app, upsert(&crm, json!([rows[2]]))).await;
    let (_, many) = statements(&app, upsert(&crm, rows.clone())).await;
    assert_eq!(
        (statuses(&again), many),
        (vec!["UNCHANGED"], few),
        "more rows without a change cost no more statements"
    );
    assert_eq!(app.rows(TABLES).await, before);

    // What is said takes the place of what is known, lists grow, and what is not said stays.
    let told = json!([{ "externalId": "1", "name": "Acme Group", "country": "DE", "domains": ["acme-group.example"] }]);
    assert_eq!(statuses(&upsert(&crm, told).await), ["UPDATED"]);
    let seen = look(&admin, &id(1)).await;
    assert_eq!(
        (&seen["name"], &seen["industry"], &seen["size"]),
        (&json!("Acme Group"), &json!("Retail"), &json!("LARGE"))
    );
    assert_eq!(seen["domains"], json!(["acme-group.example", "acme.example"]));
    assert_eq!(seen["names"].as_array().unwrap().len(), 1);
    app.check().await;
}

#[tokio::test]
async fn each_row_is_answered_by_itself() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let known = create(&ops, json!({ "name": "Known", "country": "DE", "website": "known.example" })).await;
    let other = create(&ops, json!({ "name": "Other", "country": "DE", "website": "other.example" })).await;
    let results = upsert(
        &ops,
        json!([
            { "externalId": "1", "name": "Completely Other Words", "country": "FR", "website": "known.example" },
            { "externalId": "2", "name": " ", "country": "DE" },
            { "externalId": "3", "name": "Cancity", "country": "DE", "parentExternalId": "nobody" },
            { "externalId": "1", "name": "Known", "country": "DE", "website": "known.example", "domains": ["other.example"] },
            { "externalId": "4", "name": "Own", "country": "DE", "parentExternalId": "4" },
            { "externalId": "5", "name": "Deltaco", "country": "DE", "registryIds": [{ "kind": "LEI", "value": "nothing" }] },
            { "externalId": "6", "name": "Echo", "country": "DE" },
        ]),
    )
    .await;
    // A customer whose reference is not known is the account that is the same customer.
    assert_eq!(statuses(&results), ["UPDATED", "REFUSED", "REFUSED", "REFUSED", "REFUSED", "REFUSED", "CREATED"]);
    assert_eq!(results[0]["account"]["id"], known);
    for (index, code, field) in [
        (1, "REQUIRED", json!(["rows", "1", "name"])),
        (2, "NOT_FOUND", json!(["rows", "2", "parentExternalId"])),
        (3, "ACCOUNT_IDENTIFIER_TAKEN", json!(["rows", "3", "domains"])),
        (4, "NOT_FOUND", json!(["rows", "4", "parentExternalId"])),
        (5, "MALFORMED", json!(["rows", "5", "registryIds", "0", "value"])),
    ] {
        assert_eq!(results[index]["error"], json!({ "code": code, "field": field }));
    }
    assert_eq!(look(&ops, &other).await["references"], json!([]));
    assert_eq!(app.rows(&["accounts"]).await[0].1, 3);

    let before = app.rows(TABLES).await;
    let input = |rows: Value| json!({ "system": "crm", "rows": rows });
    assert_eq!(ops.refused("upsertAccounts", input(json!([]))).await, ["TOO_SHORT"]);
    let many: Vec<Value> =
        (0..101).map(|n| json!({ "externalId": n.to_string(), "name": "A", "country": "DE" })).collect();
    assert_eq!(ops.refused("upsertAccounts", input(json!(many))).await, ["TOO_LONG"]);
    assert_eq!(app.rows(TABLES).await, before);
    app.check().await;
}

#[tokio::test]
async fn the_same_key_twice_is_one_bulk_and_a_merged_reference_leads_to_the_survivor() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let input = json!({ "system": "crm", "idempotencyKey": "k-1", "rows": [{ "externalId": "1", "name": "Acme", "country": "DE" }] });
    let first = ops.done("upsertAccounts", input.clone(), RESULTS).await;
    let before = app.rows(TABLES).await;
    assert_eq!(ops.done("upsertAccounts", input, RESULTS).await, first);
    assert_eq!(app.rows(TABLES).await, before);

    let survivor = named(&ops, "Zenith").await;
    merge(&ops, &survivor, &first["results"][0]["account"]["id"]).await;
    let told =
        upsert(&ops, json!([{ "externalId": "1", "name": "Zenith", "country": "DE", "industry": "Optics" }])).await;
    assert_eq!(told[0]["status"], "UPDATED");
    assert_eq!(told[0]["account"]["id"], survivor);
    app.check().await;
}

#[tokio::test]
async fn twenty_bulks_about_the_same_customers_at_once_make_each_once() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    for round in 0..20 {
        let ops = &ops;
        let answers = race(4, move |number| async move {
            let row = |n: usize| {
                json!({ "externalId": format!("{round}-{n}"), "name": format!("Customer {round} {n}"), "country": "DE",
                    "website": format!("c{round}-{n}.example") })
            };
            // In different orders: whoever comes second waits, and not in a circle for ever.
            let rows = if number % 2 == 0 { json!([row(1), row(2)]) } else { json!([row(2), row(1)]) };
            upsert(ops, rows).await
        })
        .await;
        let created = answers.iter().flatten().filter(|result| result["status"] == "CREATED").count();
        assert_eq!(created, 2, "round {round}");
        assert!(answers.iter().flatten().all(|result| result["error"].is_null()), "{answers:?}");
    }
    assert_eq!(
        app.rows(&["accounts", "account_references"]).await.iter().map(|(_, n)| *n).collect::<Vec<_>>(),
        [40, 40]
    );
    app.check().await;
}
