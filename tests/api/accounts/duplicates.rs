//! The queue of accounts that may be the same customer.

use std::process::Command;

use entity::value::{AccountId, MatchVerdict, Role};
use partner_portal::{
    accounts::duplicates::{
        self,
        model::{Proposal, Reason},
    },
    platform::call::Call,
};
use serde_json::{Value, json};

use super::{TABLES, merge, named, statements};
use crate::support::{Person, TestApp, race::race};

/// What the matcher does when it has found something.
pub async fn propose(app: &TestApp, one: &Value, other: &Value, score_bp: i64) {
    propose_as(app, one, other, score_bp, MatchVerdict::Probable).await;
}

async fn propose_as(app: &TestApp, one: &Value, other: &Value, score_bp: i64, verdict: MatchVerdict) {
    let id = |value: &Value| value.as_str().unwrap().parse::<AccountId>().unwrap();
    let reason = Reason { code: "NAME_SIMILAR".into(), sentence: "The names are similar.".into() };
    let proposal =
        Proposal { accounts: [id(one), id(other)], verdict, score_bp, reasons: vec![reason], matcher_version: 1 };
    let call = Call::system(app.services.clone(), "test");
    call.in_transaction(async |txn| duplicates::propose_pair(txn, &call, &proposal).await).await.unwrap();
}

pub async fn queue(ops: &Person<'_>, filter: Value) -> Vec<Value> {
    let document = "query($filter: AccountDuplicateFilter, $orderBy: AccountDuplicateOrder) { accountDuplicates(filter: $filter, orderBy: $orderBy) { nodes {
        id first { id } second { id } verdict scoreBp state reasons { code } decisionReason decidedBy { name } version } } }";
    let answer = ops.ask(document, json!({ "filter": filter })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["accountDuplicates"]["nodes"].as_array().unwrap().clone()
}

/// What the command prints that succeeds.
fn run(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_partner-portal")).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn open() -> Value {
    json!({ "states": ["OPEN"] })
}

#[tokio::test]
async fn the_strongest_comes_first_and_what_is_dismissed_is_never_asked_again() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let [a, b, c] = [named(&ops, "Amber").await, named(&ops, "Birch").await, named(&ops, "Cedar").await];
    propose(&app, &a, &b, 7_000).await;
    propose(&app, &c, &a, 9_000).await;
    // In the other order it is the same pair; found anew it says what is found now.
    propose(&app, &b, &a, 7_500).await;
    propose_as(&app, &b, &c, 1_000, MatchVerdict::Distinct).await;
    propose(&app, &a, &a, 9_999).await;
    let found = queue(&ops, open()).await;
    assert_eq!(found.iter().map(|pair| pair["scoreBp"].as_i64().unwrap()).collect::<Vec<_>>(), [9_000, 7_500]);
    assert_eq!((&found[1]["verdict"], &found[1]["version"]), (&json!("PROBABLE"), &json!(2)));
    assert_eq!(queue(&ops, json!({ "accountId": b })).await.len(), 1);

    let id = &found[0]["id"];
    let before = app.rows(TABLES).await;
    let dismiss = |change: Value| {
        let mut input = json!({ "id": id, "reason": "Two families of the same name." });
        for (name, value) in change.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    for (change, code) in [
        (json!({ "id": "dup_00000000000000000000000000000001" }), "NOT_FOUND"),
        (json!({ "expectedVersion": 7 }), "VERSION_CONFLICT"),
        (json!({ "reason": "" }), "REQUIRED"),
    ] {
        assert_eq!(ops.refused("dismissAccountDuplicate", dismiss(change)).await, [code]);
    }
    assert_eq!(app.rows(TABLES).await, before);
    let done =
        ops.done("dismissAccountDuplicate", dismiss(json!({})), "accountDuplicate { state decidedBy { name } }").await;
    assert_eq!(done["accountDuplicate"], json!({ "state": "DISMISSED", "decidedBy": { "name": "channel_ops" } }));
    assert_eq!(ops.refused("dismissAccountDuplicate", dismiss(json!({}))).await, ["WRONG_STATE"]);
    propose(&app, &a, &c, 9_900).await;
    assert_eq!(queue(&ops, open()).await.len(), 1);
    app.check().await;
}

#[tokio::test]
async fn questions_about_a_merged_account_are_asked_about_the_other_and_decisions_are_labels() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let mut ids = Vec::new();
    for name in ["Amber", "Birch", "Cedar", "Dune", "Ember"] {
        ids.push(named(&ops, name).await);
    }
    let [a, b, c, d, e] = ids.try_into().unwrap();
    for (one, other) in [(&a, &b), (&b, &c), (&a, &d), (&b, &d), (&b, &e)] {
        propose(&app, one, other, 8_000).await;
    }
    let with_e = queue(&ops, json!({ "accountId": e })).await[0]["id"].clone();
    ops.done("dismissAccountDuplicate", json!({ "id": with_e, "reason": "Two." }), "").await;
    let merge_id = merge(&ops, &a, &b).await;
    let pairs = async |filter: Value| {
        let found = queue(&ops, filter).await;
        let mut pairs: Vec<Value> =
            found.iter().map(|pair| json!([pair["first"]["id"], pair["second"]["id"]])).collect();
        pairs.sort_by_key(Value::to_string);
        pairs
    };
    assert_eq!(pairs(open()).await, [json!([a, c]), json!([a, d])]);
    assert_eq!(queue(&ops, json!({ "states": ["MERGED"] })).await[0]["decisionReason"], "One customer.");
    // That B and E are two says that A and E are two, now that B is A.
    propose(&app, &a, &e, 9_900).await;
    assert_eq!(pairs(open()).await.len(), 2);

    let call = Call::system(app.services.clone(), "test");
    let labels = duplicates::labelled(call.db().pool(), None, 10).await.unwrap();
    let mut said: Vec<_> =
        labels.iter().map(|it| (it.first.account.name.as_str(), it.second.account.name.as_str(), it.same)).collect();
    said.sort_unstable();
    assert_eq!(said, [("Amber", "Birch", true), ("Birch", "Ember", false)]);
    // The same for a person with a terminal, and the matcher is measured by it.
    let decided = run(&["match", "decided", "--database-url", &app.database.url]);
    let header = "left_name,left_website,left_country,left_registry_id,right_name,right_website,right_country,right_registry_id,same";
    let mut lines: Vec<&str> = decided.lines().collect();
    assert_eq!(lines.remove(0), header);
    lines.sort_unstable();
    assert_eq!(lines, ["Amber,,DE,,Birch,,DE,,yes", "Birch,,DE,,Ember,,DE,,no"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &decided).unwrap();
    let measured = run(&["match", "evaluate", file.path().to_str().unwrap()]);
    assert!(measured.starts_with("2 pairs, 1 of them one customer; matcher "), "{measured}");
    assert!(measured.contains("| SAME | - | 0.000 | 0 | 0 | 1 |"), "{measured}");

    // Undone, everything is asked as before, and whether A is B is open.
    ops.done("undoAccountMerge", json!({ "id": merge_id, "reason": "Two." }), "").await;
    assert_eq!(pairs(open()).await, [json!([a, b]), json!([a, d]), json!([b, c]), json!([b, d])]);
    app.check().await;
}

#[tokio::test]
async fn the_queue_is_paged_in_few_statements_and_proposed_by_many_at_once() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(named(&ops, &format!("Customer {number}")).await);
    }
    for (place, other) in ids[1..].iter().enumerate() {
        let (app, one) = (&app, &ids[0]);
        race(4, move |_| propose(app, one, other, 5_000 + i64::try_from(place % 2).unwrap())).await;
    }
    let page = "query($first: Int, $after: String) { accountDuplicates(first: $first, after: $after) {
        totalCount nodes { scoreBp first { name } second { name } } pageInfo { endCursor } } }";
    let (first, few) = statements(&app, ops.ask(page, json!({ "first": 2 }))).await;
    assert_eq!(first.data["accountDuplicates"]["totalCount"], 5);
    let (_, many) = statements(&app, ops.ask(page, json!({ "first": 5 }))).await;
    assert_eq!(few, many, "a longer page costs no more statements");
    let after = &first.data["accountDuplicates"]["pageInfo"]["endCursor"];
    let second = ops.ask(page, json!({ "first": 5, "after": after })).await;
    let scores: Vec<i64> = second.data["accountDuplicates"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["scoreBp"].as_i64().unwrap())
        .collect();
    assert_eq!(scores, [5_000; 3]);
}
