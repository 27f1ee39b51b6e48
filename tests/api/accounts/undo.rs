//! Undoing a merge: what it moved goes back, and what came later stays.

use chrono::TimeDelta;
use entity::value::Role;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use super::{
    TABLES, create, look, merge,
    merging::{account_of, rich},
    named,
};
use crate::{
    deals::{World, product_line, read},
    support::{Person, TestApp},
};

async fn undo(ops: &Person<'_>, id: &Value) {
    ops.done("undoAccountMerge", json!({ "id": id, "reason": "Two after all." }), "").await;
}

/// Whose everything is: each table that points to accounts, row by row, but for what only the merge itself wrote.
async fn whose(app: &TestApp) -> Vec<String> {
    let pool = app.services.db.pool();
    let mut found = Vec::new();
    for (table, columns) in [
        ("accounts", "id, name, domain, parent_id, merged_into_id, reserved_for, version"),
        ("account_names", "id, account_id, name"),
        ("account_domains", "id, account_id, domain"),
        ("account_registry_ids", "id, account_id, value"),
        ("account_references", "id, account_id, external_id"),
        ("account_reservations", "id, account_id, reserved_for, released_at, released_by, release_reason"),
        ("account_incumbents", "id, account_id, partner_id, ended_at, ended_by"),
        ("account_partners", "partner_id, account_id, since"),
        ("deal_registrations", "id, account_id, state, protected_until"),
        ("deal_registration_lines", "registration_id, product_line_id, account_id, closed_at"),
        ("protections", "id, account_id, ended_at"),
    ] {
        let text: Vec<String> = columns
            .split(", ")
            .map(|column| match pool.get_database_backend() {
                sea_orm::DbBackend::Postgres => format!("coalesce({column}::text, '-')"),
                _ => format!(
                    "case typeof({column}) when 'blob' then hex({column}) else coalesce(cast({column} as text), '-') end"
                ),
            })
            .collect();
        let sql = format!("select {} as shown from {table} order by 1", text.join(" || ' ' || "));
        let rows = pool.query_all_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap();
        found.extend(rows.iter().map(|row| format!("{table}: {}", row.try_get::<String>("", "shown").unwrap())));
    }
    found
}

#[tokio::test]
async fn undone_at_once_everything_is_as_it_was() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let ops = &world.ops;
    let line = product_line(ops, "GTX-BASIC").await;
    let [north, south] = [world.seller("north").await, world.seller("south").await];
    let partners = ops.ask("{ partners { nodes { id } } }", Value::Null).await.data["partners"]["nodes"].clone();
    let survivor = rich(ops, "amber", &line, &partners[0]["id"]).await;
    let merged = rich(ops, "birch", &line, &partners[0]["id"]).await;
    ops.done("setAccountIncumbent", json!({ "accountId": merged, "partnerId": partners[1]["id"] }), "").await;
    ops.done("reserveAccount", json!({ "accountId": merged, "reservedFor": "PARTNER_LED", "reason": "x" }), "").await;
    let top = named(ops, "Top").await;
    ops.done("updateAccount", json!({ "id": merged, "parentId": top }), "").await;
    ops.done("updateAccount", json!({ "id": survivor, "parentId": merged }), "").await;
    // Both partners know the merged account, one of them the other too; one deal ended, one is protected.
    for (seller, customer) in [(&north, "amber"), (&north, "birch"), (&south, "birch")] {
        let mut deal = world.deal(customer);
        deal["account"]["details"]["website"] = json!(format!("{customer}.example"));
        // Who comes second waits.
        deal["joinWaitlist"] = json!(std::ptr::eq(seller, &south));
        let made = world.register(seller, deal).await;
        if customer == "amber" {
            seller.done("withdrawDealRegistration", json!({ "id": made["id"] }), "").await;
        } else if std::ptr::eq(seller, &north) {
            world.approve(&made).await;
        }
    }
    let earlier = named(ops, "Earlier").await;
    merge(ops, &merged, &earlier).await;

    let before = whose(&app).await;
    let id = merge(ops, &survivor, &merged).await;
    assert_ne!(whose(&app).await, before);
    app.check().await;
    undo(ops, &id).await;
    assert_eq!(whose(&app).await, before);
    assert_eq!(look(ops, &merged).await["id"], merged);
    assert_eq!(look(ops, &earlier).await["id"], merged);
    // Once is enough, and merging them anew works.
    let rows = app.rows(TABLES).await;
    assert_eq!(ops.refused("undoAccountMerge", json!({ "id": id, "reason": "x" })).await, ["WRONG_STATE"]);
    assert_eq!(app.rows(TABLES).await, rows);
    let again = merge(ops, &survivor, &merged).await;
    undo(ops, &again).await;
    assert_eq!(whose(&app).await, before);
    app.check().await;
}

#[tokio::test]
async fn what_came_later_stays_and_what_ended_goes_back_as_it_ended() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let ops = &world.ops;
    let line = product_line(ops, "GTX-BASIC").await;
    let [north, south] = [world.seller("north").await, world.seller("south").await];
    let survivor = create(ops, json!({ "name": "amber", "country": "DE", "website": "amber.example" })).await;
    let merged = create(
        ops,
        json!({ "name": "birch", "country": "DE", "website": "birch.example", "domains": ["gone.example"] }),
    )
    .await;
    let on = |website: &str, line: &Value| {
        let mut deal = world.deal("x");
        deal["account"]["details"]["website"] = json!(website);
        deal["productLineIds"] = json!([line]);
        deal
    };
    let moved = world.register(&south, on("birch.example", &world.line)).await;
    let id = merge(ops, &survivor, &merged).await;

    // Since then: a deal of its own, one of the partner that came along, a name, a domain less, the moved deal decided.
    let later = world.register(&north, on("amber.example", &world.line)).await;
    let came_along = world.register(&south, on("birch.example", &line)).await;
    world.approve(&moved).await;
    let seen = look(ops, &survivor).await;
    let mut names = seen["names"].as_array().unwrap().clone();
    names.push(json!({ "name": "Amber Group", "kind": "LEGAL" }));
    let input = json!({ "id": survivor, "names": names, "domains": ["amber.example", "birch.example", "new.example"] });
    ops.done("updateAccount", input, "").await;
    let child = create(ops, json!({ "name": "Child", "country": "DE", "parentId": survivor })).await;
    undo(ops, &id).await;

    let (a, b) = (look(ops, &survivor).await, look(ops, &merged).await);
    assert_eq!(a["domains"], json!(["amber.example", "new.example"]));
    assert_eq!((&b["domain"], &b["domains"]), (&json!("birch.example"), &json!(["birch.example"])));
    let names: Vec<&str> = a["names"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Amber Group"]);
    assert_eq!(a["subsidiaries"]["nodes"], json!([{ "id": child }]));
    assert_eq!(account_of(ops, &later).await["id"], survivor);
    assert_eq!(account_of(ops, &came_along).await["id"], survivor);
    assert_eq!(account_of(ops, &moved).await["id"], merged);
    assert_eq!(read(ops, &moved["id"]).await["state"], "PROTECTED");
    // South has a deal on each by now; north never knew the other.
    let one = "query($id: ID!) { account(id: $id) { id } }";
    for (seller, id, wanted) in
        [(&south, &survivor, &survivor), (&south, &merged, &merged), (&north, &survivor, &survivor)]
    {
        assert_eq!(seller.ask(one, json!({ "id": id })).await.data["account"]["id"], *wanted);
    }
    assert_eq!(north.ask(one, json!({ "id": merged })).await.data["account"], Value::Null);
    app.check().await;
}

#[tokio::test]
async fn a_partner_that_came_along_forgets_the_account_again() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let south = world.seller("south").await;
    let deal = world.register(&south, world.deal("Birch")).await;
    let merged = account_of(&south, &deal).await["id"].clone();
    let survivor = named(&world.ops, "Amber").await;
    let id = merge(&world.ops, &survivor, &merged).await;
    let one = "query($id: ID!) { account(id: $id) { id } }";
    assert_eq!(south.ask(one, json!({ "id": survivor })).await.data["account"]["id"], survivor);
    undo(&world.ops, &id).await;
    assert_eq!(south.ask(one, json!({ "id": survivor })).await.data["account"], Value::Null);
    assert_eq!(south.ask(one, json!({ "id": merged })).await.data["account"]["id"], merged);
    app.check().await;
}

#[tokio::test]
async fn a_merge_is_undone_within_its_days_and_the_latest_first() {
    let app = TestApp::start().await;
    let mut ops = app.staff(Role::ChannelOps).await;
    let mut ids = Vec::new();
    for name in ["Amber", "Birch", "Cedar", "Dune"] {
        ids.push(named(&ops, name).await);
    }
    let first = merge(&ops, &ids[1], &ids[0]).await;
    let second = merge(&ops, &ids[2], &ids[1]).await;
    let refused = async |ops: &Person<'_>, change: Value| {
        let rows = app.rows(TABLES).await;
        let mut input = json!({ "id": first, "reason": "Two." });
        for (name, value) in change.as_object().unwrap() {
            input[name] = value.clone();
        }
        let codes = ops.refused("undoAccountMerge", input).await;
        assert_eq!(app.rows(TABLES).await, rows);
        codes
    };
    assert_eq!(refused(&ops, json!({})).await, ["ACCOUNT_MERGED"]);
    assert_eq!(refused(&ops, json!({ "id": "mrg_00000000000000000000000000000001" })).await, ["NOT_FOUND"]);
    assert_eq!(refused(&ops, json!({ "expectedVersion": 2 })).await, ["VERSION_CONFLICT"]);
    undo(&ops, &second).await;
    assert_eq!(look(&ops, &ids[0]).await["id"], ids[1]);
    undo(&ops, &first).await;
    assert_eq!(look(&ops, &ids[0]).await["id"], ids[0]);

    // A name that was given to a new account since is not taken back from it.
    let third = merge(&ops, &ids[2], &ids[3]).await;
    let names = json!({ "id": ids[2], "names": [] });
    ops.done("updateAccount", names, "").await;
    named(&ops, "Dune").await;
    assert_eq!(refused(&ops, json!({ "id": third })).await, ["ACCOUNT_EXISTS"]);

    let fourth = merge(&ops, &ids[1], &ids[0]).await;
    // To the microsecond: the last instant is in time.
    app.advance(TimeDelta::days(30) - TimeDelta::microseconds(1));
    ops = app.sign_in("channel_ops@vendor.example").await;
    undo(&ops, &fourth).await;
    let fifth = merge(&ops, &ids[1], &ids[0]).await;
    app.advance(TimeDelta::days(30));
    ops = app.sign_in("channel_ops@vendor.example").await;
    assert_eq!(refused(&ops, json!({ "id": fifth })).await, ["MERGE_UNDO_CLOSED"]);
    app.check().await;
}
