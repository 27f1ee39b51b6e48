//! What staff and registrations ask of accounts walks along indexes, however large the tables grow.

use entity::value::Role;
use serde_json::{Value, json};

use super::{create, named};
use crate::support::{Engine, TestApp};

/// Twenty thousand accounts with a domain each, and as many pairs.
async fn grow(app: &TestApp) {
    let postgres = Engine::current() == Engine::Postgres;
    let numbers = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000)";
    let new_id = if postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let parent = "(select id from accounts limit 1)";
    let statements = [
        format!(
            "insert into accounts (id, name, name_key, domain, country, reserved_for, parent_id, created_at, version)
             {numbers} select {new_id}, 'Company ' || i, 'company ' || i, 'company' || i || '.example', 'DE', 'OPEN',
                case when i % 10 = 0 then {parent} end, i, 1 from n"
        ),
        format!(
            "insert into account_domains (id, account_id, domain, added_at) select {new_id}, id, domain, 1 from accounts where domain is not null"
        ),
        format!(
            "insert into account_names (id, account_id, name, name_key, kind, added_at) select {new_id}, id, name, 'also ' || name_key, 'LEGAL', 1 from accounts"
        ),
        format!(
            "insert into account_registry_ids (id, account_id, kind, value, added_at) select {new_id}, id, 'VAT', 'DE' || created_at, 1 from accounts"
        ),
        format!(
            "insert into account_references (id, account_id, system, external_id, added_at) select {new_id}, id, 'erp', 'E-' || created_at, 1 from accounts"
        ),
        "insert into account_pairs (id, first_id, second_id, score_bp, reasons, matcher_version, state, found_at, version)
         select a.id, a.id, b.id, a.created_at % 10000, '[]', 1, case when a.created_at % 4 = 0 then 'OPEN' else 'DISMISSED' end, 1, 1
         from accounts a join accounts b on b.created_at = a.created_at + 1 and b.id > a.id where a.created_at between 1 and 20000"
            .to_owned(),
    ];
    for sql in statements {
        app.execute(&sql).await;
    }
    app.analyze().await;
}

/// None of the large tables is read as a whole.
fn reads_little(plan: &str) -> bool {
    !["accounts", "account_domains", "account_names", "account_registry_ids", "account_references", "account_pairs"]
        .iter()
        .any(|table| {
            plan.contains(&format!("Seq Scan on {table} "))
                || plan
                    .lines()
                    .any(|line| line.trim_start().starts_with(&format!("SCAN {table}")) && !line.contains("USING"))
        })
}

#[tokio::test]
async fn candidates_lists_and_the_queue_are_read_along_indexes() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let parent = named(&ops, "Parent").await;
    let reference = json!([{ "system": "crm", "externalId": "A-1" }]);
    let ids = json!([{ "kind": "DUNS", "value": "150483782" }]);
    create(&ops, json!({ "name": "Known", "country": "DE", "references": reference, "registryIds": ids })).await;
    grow(&app).await;

    // Whether a customer is known: by name, other name, domain and registry id in one statement.
    let input = json!({ "name": "also company 77", "country": "FR", "website": "nobody.example", "registryIds": [{ "kind": "DUNS", "value": "150483783" }] });
    ops.done("createAccount", input, "").await;
    let found = app.plan_of(&["same_registry_id"]).await;
    assert!(reads_little(&found), "candidates:\n{found}");

    let list = "query($filter: AccountFilter, $after: String) { accounts(filter: $filter, first: 20, after: $after) { nodes { id } pageInfo { endCursor } } }";
    for filter in [
        json!({ "parentId": parent }),
        json!({ "website": "company77.example" }),
        json!({ "reference": reference[0] }),
        json!({ "registryId": ids[0] }),
    ] {
        let answer = ops.ask(list, json!({ "filter": filter })).await;
        assert!(!answer.data["accounts"]["nodes"].as_array().unwrap().is_empty(), "{filter}: {answer:?}");
        let found = app.plan_of(&[r#"FROM "accounts""#]).await;
        assert!(reads_little(&found), "{filter}:\n{found}");
    }
    let nested = "query($id: ID!) { account(id: $id) { subsidiaries(first: 20) { nodes { id } } } }";
    let answer = ops.ask(nested, json!({ "id": parent })).await;
    assert_eq!(answer.data["account"]["subsidiaries"]["nodes"].as_array().unwrap().len(), 20);
    let found = app.plan_of(&["row_number"]).await;
    assert!(reads_little(&found), "subsidiaries:\n{found}");

    let queue = "query($orderBy: AccountDuplicateOrder, $after: String) { accountDuplicates(filter: { states: [OPEN] }, orderBy: $orderBy, first: 20, after: $after) {
        nodes { id } pageInfo { endCursor } } }";
    for order in [Value::Null, json!({ "field": "FOUND_AT", "direction": "ASC" })] {
        let mut after = Value::Null;
        for page in 0..2 {
            let answer = ops.ask(queue, json!({ "orderBy": order, "after": after })).await;
            assert_eq!(answer.data["accountDuplicates"]["nodes"].as_array().unwrap().len(), 20, "{answer:?}");
            after = answer.data["accountDuplicates"]["pageInfo"]["endCursor"].clone();
            let found = app.plan_of(&[r#"FROM "account_pairs""#]).await;
            let sorted = ["Sort", "TEMP B-TREE"].iter().any(|word| found.contains(word));
            assert!(found.contains("account_pairs_state") && !sorted, "page {page} by {order}:\n{found}");
        }
    }
}
