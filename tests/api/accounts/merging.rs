//! Two accounts become one: what moves, what stands against it, and who sees what.

use chrono::TimeDelta;
use entity::value::Role;
use serde_json::{Value, json};

use super::{TABLES, create, look, merge, named, statements};
use crate::{
    deals::{DEAL, World, product_line, read},
    support::{Person, TestApp},
};

const PREVIEW: &str =
    "query($survivor: ID!, $merged: ID!) { previewAccountMerge(survivorId: $survivor, mergedId: $merged) {
    survivor { id } merged { id } moves { kind count } openRegistrations protectedRegistrations wonDeals undoUntil
    conflicts { kind message productLine { id } registrations { id } } } }";

pub async fn preview(ops: &Person<'_>, survivor: &Value, merged: &Value) -> Value {
    let answer = ops.ask(PREVIEW, json!({ "survivor": survivor, "merged": merged })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["previewAccountMerge"].clone()
}

/// The account of a deal.
pub async fn account_of(person: &Person<'_>, deal: &Value) -> Value {
    let document = "query($id: ID!) { dealRegistration(id: $id) { account { id name } } }";
    person.ask(document, json!({ "id": deal["id"] })).await.data["dealRegistration"]["account"].clone()
}

/// Everything that hangs on an account: names, domains, ids, references, a reservation of each kind, an incumbent, a
/// subsidiary.
pub async fn rich(ops: &Person<'_>, name: &str, line: &Value, partner: &Value) -> Value {
    let id = create(
        ops,
        json!({ "name": name, "country": "DE", "website": format!("{name}.example"), "domains": [format!("{name}-mail.example")],
            "names": [{ "name": format!("{name} formerly"), "kind": "FORMER" }], "industry": "Retail",
            "registryIds": [{ "kind": "DUNS", "value": format!("1{:08}", name.len() * 7 + usize::from(name.as_bytes()[0])) }],
            "references": [{ "system": "crm", "externalId": name }] }),
    )
    .await;
    let reserve = json!({ "accountId": id, "productLineId": line, "reservedFor": "PARTNER_LED", "reason": "Served." });
    ops.done("reserveAccount", reserve, "").await;
    ops.done("setAccountIncumbent", json!({ "accountId": id, "partnerId": partner }), "").await;
    create(ops, json!({ "name": format!("{name} Nord"), "country": "DE", "parentId": id })).await;
    id
}

#[tokio::test]
async fn everything_of_the_merged_account_becomes_the_others() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let ops = &world.ops;
    let line = product_line(ops, "GTX-BASIC").await;
    let [north, south] = [world.seller("north").await, world.seller("south").await];
    let partners = ops.ask("{ partners { nodes { id name } } }", Value::Null).await.data["partners"]["nodes"].clone();
    let partner_of =
        |name: &str| partners.as_array().unwrap().iter().find(|it| it["name"] == name).unwrap()["id"].clone();
    let survivor = rich(ops, "amber", &line, &partner_of("north")).await;
    let merged = rich(ops, "birch", &line, &partner_of("south")).await;
    let before = (look(ops, &survivor).await, look(ops, &merged).await);
    let mut deal = world.deal("birch");
    deal["account"] = json!({ "details": { "name": "birch", "country": "DE", "website": "birch.example" } });
    let protected = world.approve(&world.register(&south, deal.clone()).await).await;
    let mut rival = world.deal("amber");
    rival["account"]["details"]["website"] = json!("amber.example");
    let waiting = world.register(&north, rival).await;

    let seen = preview(ops, &survivor, &merged).await;
    assert_eq!(seen["conflicts"], json!([]));
    let count = |kind: &str| {
        let moves = seen["moves"].as_array().unwrap();
        moves.iter().find(|it| it["kind"] == kind).map_or(0, |it| it["count"].as_i64().unwrap())
    };
    for (kind, wanted) in [
        ("NAME", 1),
        ("DOMAIN", 2),
        ("REGISTRY_ID", 1),
        ("REFERENCE", 1),
        ("SUBSIDIARY", 1),
        // Both are led by partners on this line: one reservation is enough.
        ("RESERVATION", 0),
        ("INCUMBENT", 1),
        ("PARTNER", 1),
        ("REGISTRATION", 1),
        ("DUPLICATE", 0),
    ] {
        assert_eq!(count(kind), wanted, "{kind} of {seen}");
    }
    assert_eq!(
        (&seen["openRegistrations"], &seen["protectedRegistrations"], &seen["wonDeals"]),
        (&json!(1), &json!(1), &json!(0))
    );

    let input = json!({ "survivorId": survivor, "mergedId": merged, "reason": "One customer.", "survivorVersion": before.0["version"] });
    let done = ops
        .done(
            "mergeAccounts",
            input,
            "accountMerge { id survivor { id } merged { id name domain country } canBeUndone mergedBy { name } policyVersion moves { kind count } }",
        )
        .await["accountMerge"]
        .clone();
    assert_eq!(done["merged"], json!({ "id": merged, "name": "birch", "domain": "birch.example", "country": "DE" }));
    assert_eq!((&done["canBeUndone"], &done["policyVersion"]), (&json!(true), &json!(1)));
    let after = look(ops, &survivor).await;
    assert_eq!(after["domains"].as_array().unwrap().len(), 4);
    let names: Vec<&str> = after["names"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["amber formerly", "birch formerly", "birch"]);
    assert_eq!(after["registryIds"].as_array().unwrap().len(), 2);
    assert_eq!(after["references"].as_array().unwrap().len(), 2);
    assert_eq!(after["subsidiaries"]["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(after["incumbents"].as_array().unwrap().len(), 2);
    assert_eq!(after["reservations"].as_array().unwrap().len(), 1);
    for same in ["name", "domain", "industry", "country", "version", "parent"] {
        assert_eq!(after[same], before.0[same], "{same}");
    }
    // The merged account's id leads to the other one, for staff and for the partner that knew it.
    assert_eq!(look(ops, &merged).await, after);
    let one = "query($id: ID!) { account(id: $id) { id } }";
    assert_eq!(south.ask(one, json!({ "id": merged })).await.data["account"]["id"], survivor);
    assert_eq!(north.ask(one, json!({ "id": merged })).await.data["account"], Value::Null);
    // Registrations follow, protected as they were; and the protection stands against the other's.
    assert_eq!(account_of(&south, &protected).await["id"], survivor);
    let now = read(&south, &protected["id"]).await;
    assert_eq!((&now["state"], &now["protectedUntil"]), (&json!("PROTECTED"), &protected["protectedUntil"]));
    let refused = ops.refused("approveDealRegistration", json!({ "id": waiting["id"] })).await;
    assert_eq!(refused, ["PROTECTED_BY_ANOTHER_PARTNER"]);
    // Whoever comes with the merged account's name, domain or id comes to the other one.
    let mut late = world.deal("x");
    for choice in [
        json!({ "id": merged }),
        json!({ "details": { "name": "Birch GmbH", "country": "DE" } }),
        json!({ "details": { "name": "something", "country": "DE", "website": "birch-mail.example" } }),
    ] {
        late["account"] = choice;
        assert_eq!(south.refused("registerDeal", late.clone()).await, ["OWN_DUPLICATE"], "{late}");
    }
    // It is in no list, and is changed, reserved and merged no more.
    let list = "query($name: String) { accounts(filter: { name: $name }) { nodes { id } } }";
    assert_eq!(ops.ask(list, json!({ "name": "birch" })).await.data["accounts"]["nodes"].as_array().unwrap().len(), 1);
    let rows = app.rows(TABLES).await;
    assert_eq!(ops.refused("updateAccount", json!({ "id": merged, "industry": "x" })).await, ["ACCOUNT_MERGED"]);
    let reserve = json!({ "accountId": merged, "reservedFor": "DIRECT", "reason": "x" });
    assert_eq!(ops.refused("reserveAccount", reserve).await, ["ACCOUNT_MERGED"]);
    let again = json!({ "survivorId": survivor, "mergedId": merged, "reason": "x" });
    assert_eq!(ops.refused("mergeAccounts", again).await, ["ACCOUNT_MERGED"]);
    assert_eq!(app.rows(TABLES).await, rows);
    app.check().await;
}

#[tokio::test]
async fn two_protections_of_one_line_are_a_conflict_to_resolve() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let [north, south] = [world.seller("north").await, world.seller("south").await];
    let one = world.approve(&world.register(&north, world.deal("Amber")).await).await;
    let other = world.approve(&world.register(&south, world.deal("Birch")).await).await;
    let survivor = account_of(&world.ops, &one).await["id"].clone();
    let merged = account_of(&world.ops, &other).await["id"].clone();
    let tables = [TABLES, &["deal_registrations", "deal_registration_lines", "protections"]].concat();
    let before = app.rows(&tables).await;
    let seen = preview(&world.ops, &survivor, &merged).await;
    let conflict = &seen["conflicts"][0];
    assert_eq!((&conflict["kind"], &conflict["productLine"]["id"]), (&json!("BOTH_PROTECTED"), &world.line));
    assert_eq!(conflict["registrations"], json!([{ "id": one["id"] }, { "id": other["id"] }]));
    let document = "mutation($input: MergeAccountsInput!) { mergeAccounts(input: $input) { accountMerge { id } userErrors { code message field } } }";
    let input = json!({ "input": { "survivorId": survivor, "mergedId": merged, "reason": "One." } });
    let refused = world.ops.ask(document, input.clone()).await.data["mergeAccounts"].clone();
    let error = &refused["userErrors"][0];
    assert_eq!((&error["code"], &error["field"]), (&json!("MERGE_CONFLICT"), &json!(["mergedId"])));
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains(one["id"].as_str().unwrap()) && message.contains(other["id"].as_str().unwrap()),
        "{message}"
    );
    assert_eq!(app.rows(&tables).await, before);
    assert_eq!(read(&north, &one["id"]).await["state"], "PROTECTED");

    // Once one of them has ended, by the clock or by somebody, they are one.
    world.later(TimeDelta::days(200)).await;
    let done = world.ops.ask(document, input).await.data["mergeAccounts"].clone();
    assert_eq!(done["userErrors"], json!([]));
    app.check().await;
}

#[tokio::test]
async fn what_one_account_may_have_only_once_stands_against_a_merge() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let ops = &world.ops;
    let north = world.seller("north").await;
    let one = world.register(&north, world.deal("Amber")).await;
    let other = world.register(&north, world.deal("Birch")).await;
    let a = account_of(ops, &one).await["id"].clone();
    let b = account_of(ops, &other).await["id"].clone();
    let kinds = async |survivor: &Value, merged: &Value| {
        let seen = preview(ops, survivor, merged).await;
        let kinds = seen["conflicts"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap().to_owned());
        let refused = json!({ "survivorId": survivor, "mergedId": merged, "reason": "One." });
        let kinds: Vec<String> = kinds.collect();
        if !kinds.is_empty() {
            let rows = app.rows(TABLES).await;
            assert_eq!(ops.refused("mergeAccounts", refused).await, vec!["MERGE_CONFLICT"; kinds.len()]);
            assert_eq!(app.rows(TABLES).await, rows);
        }
        kinds
    };
    assert_eq!(kinds(&a, &b).await, ["CLAIMED_TWICE"]);
    north.done("withdrawDealRegistration", json!({ "id": other["id"] }), "").await;
    for (id, kind) in [(&a, "DIRECT"), (&b, "PARTNER_LED")] {
        ops.done("reserveAccount", json!({ "accountId": id, "reservedFor": kind, "reason": "x" }), "").await;
    }
    assert_eq!(kinds(&a, &b).await, ["RESERVED_DIFFERENTLY"]);
    ops.done("releaseAccountReservation", json!({ "accountId": b, "reason": "x" }), "").await;
    // Further up in the hierarchy by way of another account.
    let middle = create(ops, json!({ "name": "Middle", "country": "DE", "parentId": b })).await;
    ops.done("updateAccount", json!({ "id": a, "parentId": middle }), "").await;
    assert_eq!(kinds(&a, &b).await, ["HIERARCHY"]);
    ops.done("updateAccount", json!({ "id": a, "parentId": b }), "").await;
    let many = |from: usize| (0..50).map(|n| format!("a{}.example", from + n)).collect::<Vec<_>>();
    for (id, from) in [(&a, 0), (&b, 100)] {
        ops.done("updateAccount", json!({ "id": id, "domains": many(from) }), "").await;
    }
    ops.done("updateAccount", json!({ "id": b, "website": "one-more.example" }), "").await;
    assert_eq!(kinds(&a, &b).await, ["TOO_MUCH"]);
    ops.done("updateAccount", json!({ "id": b, "domains": [] }), "").await;
    // Directly below, it takes the place of the one that it was part of.
    let top = named(ops, "Top").await;
    ops.done("updateAccount", json!({ "id": b, "parentId": top }), "").await;
    assert_eq!(kinds(&a, &b).await, [] as [&str; 0]);
    merge(ops, &a, &b).await;
    let seen = look(ops, &a).await;
    assert_eq!((&seen["parent"]["id"], &seen["reservedFor"]), (&top, &json!("DIRECT")));
    assert_eq!(seen["subsidiaries"]["nodes"], json!([{ "id": middle }]));
    app.check().await;
}

#[tokio::test]
async fn merges_are_refused_by_version_and_id_and_made_once_by_key() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let [a, b] = [named(&ops, "Amber").await, named(&ops, "Birch").await];
    let input = |change: Value| {
        let mut input = json!({ "survivorId": a, "mergedId": b, "reason": "One." });
        for (name, value) in change.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let before = app.rows(TABLES).await;
    for (change, code) in [
        (json!({ "mergedId": a }), "MALFORMED"),
        (json!({ "mergedId": "acc_00000000000000000000000000000001" }), "NOT_FOUND"),
        (json!({ "survivorId": "acc_00000000000000000000000000000001" }), "NOT_FOUND"),
        (json!({ "survivorVersion": 2 }), "VERSION_CONFLICT"),
        (json!({ "mergedVersion": 2 }), "VERSION_CONFLICT"),
        (json!({ "reason": " " }), "REQUIRED"),
    ] {
        assert_eq!(ops.refused("mergeAccounts", input(change)).await, [code]);
    }
    assert_eq!(app.rows(TABLES).await, before);
    let keyed = input(json!({ "idempotencyKey": "k-1" }));
    let first = ops.done("mergeAccounts", keyed.clone(), "accountMerge { id }").await;
    let rows = app.rows(TABLES).await;
    assert_eq!(ops.done("mergeAccounts", keyed, "accountMerge { id }").await, first);
    assert_eq!(app.rows(TABLES).await, rows);
    let finance = app.staff(Role::Finance).await;
    let forbidden = finance
        .ask(
            "mutation { undoAccountMerge(input: { id: \"mrg_00000000000000000000000000000001\", reason: \"x\" }) { userErrors { code } } }",
            Value::Null,
        )
        .await;
    assert_eq!(forbidden.errors[0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn merges_of_merges_lead_to_the_last_and_lists_take_few_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let mut ids = Vec::new();
    for name in ["Amber", "Birch", "Cedar", "Dune", "Ember"] {
        ids.push(named(&ops, name).await);
    }
    for (survivor, merged) in [(1, 0), (2, 1), (2, 3)] {
        merge(&ops, &ids[survivor], &ids[merged]).await;
    }
    for id in &ids[..4] {
        assert_eq!(look(&ops, id).await["id"], ids[2]);
    }
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let found = ops.ask(nodes, json!({ "ids": [ids[0], ids[4], ids[2]] })).await;
    assert_eq!(found.data["nodes"], json!([{ "id": ids[2] }, { "id": ids[4] }, { "id": ids[2] }]));
    let list = "query($first: Int, $filter: AccountMergeFilter) { accountMerges(first: $first, filter: $filter) { totalCount nodes {
        survivor { name } merged { name } moves { kind count } mergedBy { name } undoneAt } } }";
    let (one, few) = statements(&app, ops.ask(list, json!({ "first": 1 }))).await;
    assert_eq!(one.data["accountMerges"]["nodes"][0]["merged"]["name"], "Dune");
    let (all, many) = statements(&app, ops.ask(list, json!({ "first": 3 }))).await;
    assert_eq!(all.data["accountMerges"]["totalCount"], 3);
    // Those that were merged since take one more, however many they are: the ones that they were merged into.
    assert!(many <= few + 1, "{few} for one, {many} for three");
    let of_birch = ops.ask(list, json!({ "filter": { "accountId": ids[1], "undone": false } })).await;
    assert_eq!(of_birch.data["accountMerges"]["totalCount"], 2);
    app.check().await;
}

#[tokio::test]
async fn a_deal_is_registered_on_a_merged_account_by_its_old_id() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let north = world.seller("north").await;
    let first = world.register(&north, world.deal("Birch")).await;
    let merged = account_of(&north, &first).await["id"].clone();
    north.done("withdrawDealRegistration", json!({ "id": first["id"] }), "").await;
    let survivor = named(&world.ops, "Amber").await;
    merge(&world.ops, &survivor, &merged).await;
    let mut deal = world.deal("x");
    deal["account"] = json!({ "id": merged });
    let made = north.done("registerDeal", deal, DEAL).await["dealRegistration"].clone();
    assert_eq!(account_of(&north, &made).await["id"], survivor);
    app.check().await;
}
