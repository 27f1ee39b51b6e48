//! Drafts hold nothing, tell nothing, and are decided like a new registration when they are handed in.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{DEAL, TABLES, World, but_for_traces, product_line, whole};
use crate::support::{Person, TestApp};

fn draft(world: &World<'_>, customer: &str) -> Value {
    let mut deal = world.deal(customer);
    deal["draft"] = json!(true);
    deal
}

async fn shown(person: &Person<'_>, id: &Value) -> Value {
    let document = "query($id: ID!) { dealRegistration(id: $id) { state account { name } draftCustomer { name domain country }
        productLines { code } need amount { minorUnits } evidence { kind withdrawnAt } evidenceScore { total } qualifiedAt nextDeadlineAt
        editableFields allowedActions version } }";
    person.ask(document, json!({ "id": id })).await.data["dealRegistration"].clone()
}

#[tokio::test]
async fn a_draft_is_changed_in_every_part_and_handed_in() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let mut input = draft(&world, "Acme Corp");
    input["evidence"] = json!([]);
    input["account"]["details"]["website"] = json!("https://www.acme.example/");
    let made = world.register(&seller, input).await;
    assert_eq!((&made["state"], &made["nextDeadlineAt"]), (&json!("DRAFT"), &Value::Null));
    assert_eq!(made["allowedActions"], json!(["UPDATE", "SUBMIT", "ADD_EVIDENCE", "WITHDRAW_EVIDENCE", "WITHDRAW"]));
    let seen = shown(&seller, &made["id"]).await;
    assert_eq!(seen["account"], Value::Null);
    assert_eq!(seen["draftCustomer"], json!({ "name": "Acme Corp", "domain": "acme.example", "country": "DE" }));
    assert_eq!(seen["productLines"], json!([{ "code": "GTX-PRO" }]));
    // No account was made, and nobody else has anything of it.
    assert_eq!(app.rows(&["accounts", "account_partners"]).await.iter().map(|(_, n)| *n).sum::<i64>(), 0);

    let basic = product_line(&world.ops, "GTX-BASIC").await;
    let change = json!({
        "id": made["id"], "expectedVersion": 1, "account": { "details": { "name": "Bravo", "country": "AT" } },
        "productLineIds": [basic], "amount": { "minorUnits": "5", "currency": "EUR" }, "expectedCloseOn": "2026-07-01",
        "customerContact": { "name": "Lou", "email": "lou@bravo.example" }, "partnerRole": "REFER", "need": "Other words.",
    });
    seller.done("updateDealRegistration", change, DEAL).await;
    let evidence = world.deal("x")["evidence"].clone();
    app.advance(TimeDelta::minutes(1));
    let full = seller.done("addDealEvidence", json!({ "id": made["id"], "evidence": evidence }), DEAL).await;
    // Sufficient, and yet no place in the queue: a draft holds none.
    assert_eq!(full["dealRegistration"]["evidenceScore"]["sufficient"], true);
    assert_eq!(full["dealRegistration"]["qualifiedAt"], Value::Null);
    let seen = shown(&seller, &made["id"]).await;
    assert_eq!(
        (&seen["productLines"], &seen["amount"]["minorUnits"]),
        (&json!([{ "code": "GTX-BASIC" }]), &json!("5"))
    );
    assert_eq!((&seen["draftCustomer"]["name"], &seen["need"]), (&json!("Bravo"), &json!("Other words.")));

    app.advance(TimeDelta::minutes(1));
    let handed_in =
        seller.done("submitDealRegistration", json!({ "id": made["id"], "expectedVersion": 3 }), DEAL).await;
    let handed_in = &handed_in["dealRegistration"];
    assert_eq!((&handed_in["state"], &handed_in["version"]), (&json!("SUBMITTED"), &json!(4)));
    for field in ["qualifiedAt", "submittedAt"] {
        assert_eq!(handed_in[field], "2026-03-02T09:02:00.000000Z");
    }
    assert_eq!(handed_in["dueAt"], "2026-03-04T09:02:00.000000Z");
    let seen = shown(&seller, &made["id"]).await;
    assert_eq!((&seen["account"]["name"], &seen["draftCustomer"]), (&json!("Bravo"), &Value::Null));
    assert_eq!(seller.refused("submitDealRegistration", json!({ "id": made["id"] })).await, ["WRONG_STATE"]);
    world.approve(handed_in).await;
    app.check().await;
}

#[tokio::test]
async fn a_draft_is_in_nobodys_way_and_tells_nothing() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let reserved = json!({ "name": "Reserved", "country": "DE", "reservedFor": "DIRECT" });
    world.ops.done("createAccount", reserved, "account { id }").await;
    let taken = world.register(&south, world.deal("Protected")).await;
    world.approve(&taken).await;

    // Free, reserved, protected by another: the same answer, made with the same statements. The first one finds out what is
    // asked once only: the session, and the role that partners read under.
    whole(&north, "registerDeal", draft(&world, "Warm")).await;
    let mut told = Vec::new();
    for name in ["Free", "Reserved", "Protected"] {
        let statements = app.services.db.statements();
        let mut answer = whole(&north, "registerDeal", draft(&world, name)).await;
        answer["statements"] = json!(app.services.db.statements() - statements);
        told.push(answer);
    }
    assert_eq!((&told[0], &told[0]), (&told[1], &told[2]));
    assert_eq!(told[0]["dealRegistration"]["receipts"], json!([]));

    // A rival is not held up by a draft, nor by several, and neither is their own partner.
    let rival = world.register(&south, world.deal("Free")).await;
    assert_eq!(rival["state"], "SUBMITTED");
    world.register(&north, draft(&world, "Free")).await;
    app.advance(TimeDelta::seconds(1));
    let own = world.register(&north, world.deal("Free")).await;
    assert_eq!(own["state"], "IN_REVIEW");
    world.approve(&rival).await;

    // Handing in tells what registering at once tells.
    let nodes = "{ dealRegistrations(filter: { states: [DRAFT] }) { nodes { id draftCustomer { name } } } }";
    let drafts = north.ask(nodes, Value::Null).await.data["dealRegistrations"]["nodes"].clone();
    assert_eq!(drafts.as_array().unwrap().len(), 5);
    let before = but_for_traces(&app).await;
    let mut told = Vec::new();
    for name in ["Reserved", "Protected"] {
        let of_name = drafts.as_array().unwrap().iter().find(|node| node["draftCustomer"]["name"] == name).unwrap();
        let at_once = whole(&north, "registerDeal", world.deal(name)).await;
        let statements = app.services.db.statements();
        let handed_in = whole(&north, "submitDealRegistration", json!({ "id": of_name["id"] })).await;
        assert_eq!(handed_in, at_once);
        told.push((handed_in, app.services.db.statements() - statements));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].0["userErrors"][0]["code"], "ACCOUNT_NOT_AVAILABLE");
    assert_eq!(but_for_traces(&app).await, (before.0, before.1 + 4));

    // The partner queues with the same draft, and one of its drafts on what it has claimed itself is its own duplicate.
    let of = |name: &str| {
        let of_name = |node: &&Value| node["draftCustomer"]["name"] == name;
        drafts.as_array().unwrap().iter().find(of_name).unwrap()["id"].clone()
    };
    let queued = json!({ "id": of("Protected"), "joinWaitlist": true });
    let queued = north.done("submitDealRegistration", queued, DEAL).await;
    assert_eq!(queued["dealRegistration"]["state"], "WAITLISTED");
    assert_eq!(north.refused("submitDealRegistration", json!({ "id": of("Free") })).await, ["OWN_DUPLICATE"]);
    app.check().await;
}

#[tokio::test]
async fn what_cannot_be_written_into_a_draft_changes_nothing() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (seller, other) = (world.seller("north").await, world.seller("south").await);
    let made = world.register(&seller, draft(&world, "Acme")).await;
    let foreign = world.register(&other, world.deal("Elsewhere")).await;
    let account = "query($id: ID!) { dealRegistration(id: $id) { account { id } } }";
    let foreign =
        other.ask(account, json!({ "id": foreign["id"] })).await.data["dealRegistration"]["account"]["id"].clone();
    let before = app.rows(TABLES).await;
    let with = |field: &str, value: Value| {
        let mut input = json!({ "id": made["id"] });
        input[field] = value;
        input
    };
    for (input, code) in [
        (json!({ "id": made["id"] }), "REQUIRED"),
        (with("account", json!({ "id": foreign })), "NOT_FOUND"),
        (with("productLineIds", json!(["pln_00000000000000000000000000000001"])), "NOT_FOUND"),
        (with("productLineIds", json!([])), "TOO_SHORT"),
        (with("expectedCloseOn", json!("2026-03-01")), "OUT_OF_RANGE"),
        (with("amount", json!({ "minorUnits": "0", "currency": "EUR" })), "OUT_OF_RANGE"),
        (json!({ "id": made["id"], "need": "x", "expectedVersion": 2 }), "VERSION_CONFLICT"),
    ] {
        assert_eq!(seller.refused("updateDealRegistration", input.clone()).await, [code], "{input}");
    }
    for mutation in ["updateDealRegistration", "submitDealRegistration"] {
        let mut input = json!({ "id": made["id"] });
        if mutation.starts_with("update") {
            input["need"] = json!("x");
        }
        assert_eq!(other.refused(mutation, input).await, ["NOT_FOUND"]);
    }
    assert_eq!(app.rows(TABLES).await, before);

    // What was right when it was written may be late when it is handed in.
    let change = json!({ "id": made["id"], "expectedCloseOn": "2026-03-02" });
    seller.done("updateDealRegistration", change, DEAL).await;
    app.advance(TimeDelta::days(1));
    let seller = world.back("north").await;
    assert_eq!(seller.refused("submitDealRegistration", json!({ "id": made["id"] })).await, ["OUT_OF_RANGE"]);

    // A draft that is taken back ends, and holds up nobody's account.
    let after = seller.done("withdrawDealRegistration", json!({ "id": made["id"] }), DEAL).await;
    assert_eq!(after["dealRegistration"]["state"], "WITHDRAWN");
    app.check().await;
}
