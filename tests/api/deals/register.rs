//! Registering a deal, and completing its evidence.

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use serde_json::{Value, json};

use super::{DEAL, TABLES, World, product_line};
use crate::support::TestApp;

#[tokio::test]
async fn a_registered_deal_has_its_account_its_score_and_its_place_in_the_queue() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let selection = "dealRegistration { id state partner { name } account { id name reservedFor } productLines { code }
        amount { minorUnits currency } expectedCloseOn customerContact { name email } partnerRole need
        evidence { kind occurredAt description proof } receipts { decision outcome steps { rule outcome } } }";
    let made = seller.done("registerDeal", world.deal("Acme Corporation"), selection).await["dealRegistration"].clone();
    assert_eq!(made["state"], "SUBMITTED");
    assert_eq!(made["partner"]["name"], "north");
    assert_eq!(made["account"]["name"], "Acme Corporation");
    assert_eq!(made["account"]["reservedFor"], Value::Null);
    assert_eq!(made["productLines"], json!([{ "code": "GTX-PRO" }]));
    assert_eq!(made["amount"], json!({ "minorUnits": "1000000", "currency": "EUR" }));
    assert_eq!(made["evidence"].as_array().unwrap().len(), 3);
    assert_eq!(made["receipts"][0]["decision"], "registration.register");
    assert_eq!(
        made["receipts"][0]["steps"],
        json!([
            { "rule": "partner_eligible", "outcome": "PASSED" },
            { "rule": "in_territory", "outcome": "PASSED" },
            { "rule": "no_own_duplicate", "outcome": "PASSED" },
        ])
    );

    let deal = seller
        .ask(
            &format!(
                "query($id: ID!) {{ node(id: $id) {{ ... on DealRegistration {{ {} }} }} }}",
                &DEAL[19..DEAL.len() - 1]
            ),
            json!({ "id": made["id"] }),
        )
        .await;
    let deal = &deal.data["node"];
    assert_eq!(deal["evidenceScore"]["total"], 60);
    assert_eq!(deal["evidenceScore"]["sufficient"], true);
    assert_eq!(deal["qualifiedAt"], "2026-03-02T09:00:00.000000Z");
    assert_eq!(deal["dueAt"], "2026-03-04T09:00:00.000000Z");
    assert_eq!(deal["nextDeadlineAt"], deal["dueAt"]);
    assert_eq!(deal["allowedActions"], json!(["ADD_EVIDENCE", "WITHDRAW_EVIDENCE", "WITHDRAW"]));
    assert_eq!(deal["editableFields"], json!(["evidence"]));

    // The account exists for this partner now, and for no other.
    let accounts = "{ accounts { nodes { name } } }";
    assert_eq!(
        seller.ask(accounts, Value::Null).await.data["accounts"]["nodes"],
        json!([{ "name": "Acme Corporation" }])
    );
    let other = world.seller("south").await;
    assert_eq!(other.ask(accounts, Value::Null).await.data["accounts"]["nodes"], json!([]));
    assert_eq!(
        other
            .ask(
                "query($id: ID!) { node(id: $id) { id } dealRegistration(id: $id) { id } }",
                json!({ "id": made["id"] })
            )
            .await
            .data,
        json!({ "node": null, "dealRegistration": null })
    );
}

#[tokio::test]
async fn what_is_not_acceptable_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let before = app.rows(TABLES).await;
    let with = |path: &str, value: Value| {
        let mut deal = world.deal("Acme");
        *deal.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
        deal
    };
    let invented = json!("pln_00000000000000000000000000000001");
    for (input, code) in [
        (with("/expectedCloseOn", json!("2026-03-01")), "OUT_OF_RANGE"),
        (with("/productLineIds", json!([])), "TOO_SHORT"),
        (with("/productLineIds", json!([invented])), "NOT_FOUND"),
        (with("/productLineIds", json!(vec![world.line.clone(); 11])), "TOO_LONG"),
        (with("/amount/minorUnits", json!("0")), "OUT_OF_RANGE"),
        (with("/customerContact/email", json!("kim")), "MALFORMED"),
        (with("/account", json!({ "id": "acc_00000000000000000000000000000001" })), "NOT_FOUND"),
        (with("/account/details/name", json!(" ")), "REQUIRED"),
        (with("/evidence/2/occurredAt", json!("2026-03-02T09:00:01Z")), "OUT_OF_RANGE"),
        (with("/evidence/2/occurredAt", Value::Null), "REQUIRED"),
        (with("/evidence/2/proof", Value::Null), "REQUIRED"),
    ] {
        assert_eq!(seller.refused("registerDeal", input.clone()).await, [code], "{input}");
    }
    assert_eq!(app.rows(TABLES).await, before);
    // Today is not past.
    world.register(&seller, with("/expectedCloseOn", json!("2026-03-02"))).await;
}

#[tokio::test]
async fn four_callers() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let suspended = app.partner_in("asleep.example", PartnerState::Suspended, &[PartnerType::Reseller]).await;
    let suspended = app.person("s@asleep.example", Some(suspended), &[Role::Seller]).await;
    let north = app.partner("north.example").await;
    let marketer = app.person("m@north.example", Some(north), &[Role::Marketer]).await;
    let before = app.rows(TABLES).await;
    let document = "mutation($input: RegisterDealInput!) { registerDeal(input: $input) { userErrors { code } } }";
    for (person, code) in
        [(app.anonymous(), "UNAUTHENTICATED"), (marketer.clone(), "FORBIDDEN"), (world.ops.clone(), "FORBIDDEN")]
    {
        let answer = person.ask(document, json!({ "input": world.deal("Acme") })).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], code);
    }
    assert_eq!(suspended.refused("registerDeal", world.deal("Acme")).await, ["PARTNER_NOT_ACTIVE"]);
    assert_eq!(app.rows(TABLES).await, before);
    let answer = marketer.ask("{ dealRegistrations { nodes { id } } }", Value::Null).await;
    assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN");

    // A partner that is still onboarding may: registering a first deal is a step of its plan.
    let new = app.partner_in("new.example", PartnerState::Onboarding, &[PartnerType::Reseller]).await;
    let new = app.person("n@new.example", Some(new), &[Role::Seller]).await;
    assert_eq!(world.register(&new, world.deal("Acme")).await["state"], "SUBMITTED");
}

#[tokio::test]
async fn the_place_in_the_queue_is_the_instant_at_which_evidence_became_sufficient() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let mut input = world.deal("Acme");
    let items = input["evidence"].take();
    input["evidence"] = json!([items[0]]);
    let deal = world.register(&seller, input).await;
    assert_eq!(deal["qualifiedAt"], Value::Null);
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": deal["id"] })).await,
        ["EVIDENCE_INSUFFICIENT"]
    );

    app.advance(TimeDelta::minutes(2));
    let more = json!({ "id": deal["id"], "expectedVersion": 1, "evidence": [items[1]] });
    let after = seller.done("addDealEvidence", more.clone(), DEAL).await["dealRegistration"].clone();
    assert_eq!(
        (&after["qualifiedAt"], &after["version"], &after["evidenceScore"]["total"]),
        (&Value::Null, &json!(2), &json!(50))
    );
    let south = world.seller("south").await;
    let before = app.rows(TABLES).await;
    assert_eq!(seller.refused("addDealEvidence", more).await, ["VERSION_CONFLICT"]);
    assert_eq!(
        south.refused("addDealEvidence", json!({ "id": deal["id"], "evidence": [items[2]] })).await,
        ["NOT_FOUND"]
    );
    assert_eq!(app.rows(TABLES).await, before);

    app.advance(TimeDelta::minutes(2));
    let after = seller.done("addDealEvidence", json!({ "id": deal["id"], "evidence": [items[2]] }), DEAL).await["dealRegistration"].clone();
    assert_eq!(after["qualifiedAt"], "2026-03-02T09:04:00.000000Z");
    app.advance(TimeDelta::minutes(2));
    let after = seller
        .done(
            "addDealEvidence",
            json!({ "id": deal["id"], "evidence": [{ "kind": "DEMONSTRATION", "description": "shown" }] }),
            DEAL,
        )
        .await;
    assert_eq!(after["dealRegistration"]["qualifiedAt"], "2026-03-02T09:04:00.000000Z");
}

#[tokio::test]
async fn the_same_deal_is_registered_once() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let mut input = world.deal("Acme Corp.");
    input["idempotencyKey"] = json!("key-1");
    let first = world.register(&seller, input.clone()).await;
    let before = app.rows(TABLES).await;
    assert_eq!(world.register(&seller, input).await, first);
    // Another spelling, no key: the same customer, the same line.
    assert_eq!(seller.refused("registerDeal", world.deal("The ACME Corporation")).await, ["OWN_DUPLICATE"]);
    assert_eq!(app.rows(TABLES).await, before);

    let mut other_line = world.deal("ACME");
    other_line["productLineIds"] = json!([product_line(&world.ops, "GTX-BASIC").await]);
    world.register(&seller, other_line).await;
    assert_eq!(app.rows(&["accounts"]).await, [("accounts".to_owned(), 1)]);
}

#[tokio::test]
async fn a_registration_takes_few_statements() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    world.register(&seller, world.deal("Acme")).await;
    let count = async |name: &str| {
        let before = app.services.db.statements();
        let input = world.deal(name);
        seller.done("registerDeal", input, "dealRegistration { id }").await;
        app.services.db.statements() - before
    };
    // Session 1; partner, what it is authorised for 2, policy, product lines, policy and keys of the matcher, account, its keys and what is compared, the
    // matcher once more for the queue of duplicates, its audit event, claims, registration, lines, evidence, account_partners, receipt, audit event 16; the reactions
    // of others; the audit chains at the end.
    assert_eq!(count("Bravo").await, count("Charlie").await);
    let statements = count("Delta").await;
    assert!(statements <= 30, "{statements} statements");
}
