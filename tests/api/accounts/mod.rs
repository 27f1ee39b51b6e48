mod accounts;
pub mod duplicates;
mod hierarchy;
mod identity;
mod matching;
mod merging;
mod merging_races;
mod plans;
mod product_lines;
mod reservations;
mod undo;
mod upsert;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// Everything that a refusal about accounts must leave alone.
pub const TABLES: &[&str] = &[
    "accounts",
    "account_names",
    "account_domains",
    "account_registry_ids",
    "account_references",
    "account_reservations",
    "account_incumbents",
    "account_pairs",
    "account_merges",
    "account_merge_moves",
    "account_partners",
    "audit_events",
];

/// Creates an account, a second later: ids are in the order of creation, to the millisecond. Its id.
pub async fn create(ops: &Person<'_>, input: Value) -> Value {
    ops.app.advance(TimeDelta::seconds(1));
    ops.done("createAccount", input, "account { id }").await["account"]["id"].clone()
}

/// Creates an account in Germany of which nothing but the name is known; its id.
pub async fn named(ops: &Person<'_>, name: &str) -> Value {
    create(ops, json!({ "name": name, "country": "DE" })).await
}

/// What staff see of an account.
pub async fn look(ops: &Person<'_>, id: &Value) -> Value {
    let document = "query($id: ID!) { account(id: $id) { id name names { name kind language } domain domains
        registryIds { kind value } references { system externalId } country industry size reservedFor
        reservations { reservedFor reason productLine { id } owner { name } } incumbents { partner { id } }
        parent { id } subsidiaries { nodes { id } } version } }";
    let answer = ops.ask(document, json!({ "id": id })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["account"].clone()
}

/// Merges two accounts, a second later; the merge's id.
pub async fn merge(ops: &Person<'_>, survivor: &Value, merged: &Value) -> Value {
    ops.app.advance(TimeDelta::seconds(1));
    let input = json!({ "survivorId": survivor, "mergedId": merged, "reason": "One customer." });
    ops.done("mergeAccounts", input, "accountMerge { id }").await["accountMerge"]["id"].clone()
}

/// How many statements something takes.
pub async fn statements<T>(app: &TestApp, work: impl Future<Output = T>) -> (T, u64) {
    let before = app.services.db.statements();
    let done = work.await;
    (done, app.services.db.statements() - before)
}
