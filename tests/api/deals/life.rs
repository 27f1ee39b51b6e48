//! How long claims live: holds end and protections go on or are taken away, by the clock, without any job.

use chrono::TimeDelta;
use entity::value::{Role, Tier};
use serde_json::{Value, json};

use super::{DEAL, TABLES, World, read};
use crate::support::{Person, TestApp};

fn thin(world: &World<'_>, customer: &str) -> Value {
    let mut deal = world.deal(customer);
    deal["evidence"].as_array_mut().unwrap().truncate(1);
    deal["expectedCloseOn"] = json!("2027-12-31");
    deal
}

fn long(world: &World<'_>, customer: &str) -> Value {
    let mut deal = world.deal(customer);
    deal["expectedCloseOn"] = json!("2027-12-31");
    deal
}

async fn listed(person: &Person<'_>, states: Value) -> i64 {
    let document =
        "query($states: [DealRegistrationState!]) { dealRegistrations(filter: { states: $states }) { totalCount } }";
    let found = person.ask(document, json!({ "states": states })).await;
    found.data["dealRegistrations"]["totalCount"].as_i64().unwrap()
}

async fn shown(person: &Person<'_>, id: &Value, fields: &str) -> Value {
    let document = format!("query($id: ID!) {{ dealRegistration(id: $id) {{ {fields} }} }}");
    let answer = person.ask(&document, json!({ "id": id })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["dealRegistration"].clone()
}

#[tokio::test]
async fn a_hold_ends_at_its_exact_instant_and_a_partner_has_three() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let north = world.seller("north").await;
    world.seller("south").await;
    let mut held = Vec::new();
    for name in ["Amber", "Birch", "Cedar"] {
        held.push(world.register(&north, thin(&world, name)).await);
    }
    // Five business days from a Monday.
    let until = "2026-03-09T09:00:00.000000Z";
    assert_eq!(shown(&north, &held[0]["id"], "holdUntil").await["holdUntil"], until);
    // The decision is due before.
    assert_eq!(held[0]["nextDeadlineAt"], "2026-03-04T09:00:00.000000Z");
    let before = app.rows(TABLES).await;
    assert_eq!(north.refused("registerDeal", thin(&world, "Dune")).await, ["HOLDS_USED_UP"]);
    assert_eq!(app.rows(TABLES).await, before);
    // Who is qualified needs no hold, and who becomes it gives one back.
    let full = world.register(&north, long(&world, "Grove")).await;
    assert_eq!(shown(&north, &full["id"], "holdUntil").await["holdUntil"], Value::Null);
    let more = json!({ "id": held[2]["id"], "evidence": long(&world, "x")["evidence"] });
    let more = north.done("addDealEvidence", more, "dealRegistration { holdUntil qualifiedAt }").await;
    assert_eq!(more["dealRegistration"]["holdUntil"], Value::Null);
    assert_ne!(more["dealRegistration"]["qualifiedAt"], Value::Null);
    let dune = world.register(&north, thin(&world, "Dune")).await;

    world.later(TimeDelta::days(7) - TimeDelta::microseconds(1)).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    assert_eq!(read(&north, &held[0]["id"]).await["state"], "SUBMITTED");
    assert_eq!((listed(&world.ops, json!(["REJECTED"])).await, listed(&world.ops, json!(["SUBMITTED"])).await), (0, 5));
    assert_eq!(north.refused("registerDeal", thin(&world, "Fjord")).await, ["HOLDS_USED_UP"]);
    let rival = world.register(&south, long(&world, "Amber")).await;
    assert_eq!(rival["state"], "IN_REVIEW");

    app.advance(TimeDelta::microseconds(1));
    for id in [&held[0]["id"], &held[1]["id"], &dune["id"]] {
        let over = shown(&north, id, "state outcomeCode outcomeReason endedAt allowedActions nextDeadlineAt").await;
        assert_eq!((&over["state"], &over["outcomeCode"]), (&json!("REJECTED"), &json!("HOLD_ENDED")));
        assert_eq!((&over["endedAt"], &over["allowedActions"]), (&json!(until), &json!([])));
    }
    assert_eq!((listed(&world.ops, json!(["REJECTED"])).await, listed(&world.ops, json!(["SUBMITTED"])).await), (3, 2));
    assert_eq!(listed(&world.ops, json!(["SUBMITTED", "IN_REVIEW", "REJECTED"])).await, 6);
    let late = json!({ "id": held[0]["id"], "evidence": long(&world, "x")["evidence"] });
    assert_eq!(north.refused("addDealEvidence", late).await, ["WRONG_STATE"]);
    // It is in nobody's way any more, its own partner's neither; what is over is written down then.
    let rival = world.register(&south, long(&world, "Birch")).await;
    assert_eq!(rival["state"], "SUBMITTED");
    let again = world.register(&north, long(&world, "Amber")).await;
    assert_eq!(again["state"], "IN_REVIEW");
    let stored = "deal_registrations where state = 'REJECTED' and outcome = 'HOLD_ENDED'";
    assert_eq!(app.rows(&[stored]).await[0].1, 1);
    world.register(&north, thin(&world, "Fjord")).await;
    app.check().await;
}

#[tokio::test]
async fn a_lost_place_is_held_for_a_while_and_a_hold_stands_still_while_it_is_asked() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let north = world.seller("north").await;
    let deal = world.register(&north, long(&world, "Amber")).await;
    let evidence = shown(&north, &deal["id"], "evidence { id kind }").await["evidence"].clone();
    let item = evidence.as_array().unwrap().iter().find(|it| it["kind"] == "INTERACTION").unwrap()["id"].clone();
    let input = json!({ "id": deal["id"], "evidenceId": item });
    let after = north.done("withdrawDealEvidence", input, "dealRegistration { holdUntil nextDeadlineAt }").await;
    assert_eq!(after["dealRegistration"]["holdUntil"], "2026-03-09T09:00:00.000000Z");
    world.later(TimeDelta::days(1)).await;
    let ask = json!({ "id": deal["id"], "fields": ["EVIDENCE"], "message": "When did you meet?" });
    world.ops.done("requestDealInformation", ask, "").await;
    world.later(TimeDelta::days(13)).await;
    let north = world.back("north").await;
    assert_eq!(read(&north, &deal["id"]).await["state"], "ACTION_REQUIRED");
    // Four business days were left on the Tuesday; from the second Monday after it, they last until the Friday.
    let back =
        north.done("submitDealRegistration", json!({ "id": deal["id"] }), "dealRegistration { state holdUntil }").await;
    assert_eq!(back["dealRegistration"], json!({ "state": "IN_REVIEW", "holdUntil": "2026-03-20T09:00:00.000000Z" }));
    world.later(TimeDelta::days(4)).await;
    assert_eq!(read(&world.ops, &deal["id"]).await["state"], "REJECTED");
    app.check().await;
}

#[tokio::test]
async fn a_place_that_is_lost_takes_one_of_the_three_holds() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let north = world.seller("north").await;
    let deal = world.register(&north, long(&world, "Amber")).await;
    for name in ["Birch", "Cedar", "Dune"] {
        world.register(&north, thin(&world, name)).await;
    }
    let evidence = shown(&north, &deal["id"], "evidence { id kind }").await["evidence"].clone();
    let item = evidence.as_array().unwrap().iter().find(|it| it["kind"] == "INTERACTION").unwrap()["id"].clone();
    let before = app.rows(super::TABLES).await;
    let input = json!({ "id": deal["id"], "evidenceId": item });
    assert_eq!(north.refused("withdrawDealEvidence", input).await, ["HOLDS_USED_UP"]);
    assert_eq!(app.rows(super::TABLES).await, before);
    app.check().await;
}

#[tokio::test]
async fn a_hold_that_begins_while_it_is_asked_is_as_long_as_any_and_takes_a_place() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let north = world.seller("north").await;
    let deal = world.register(&north, long(&world, "Amber")).await;
    let evidence = shown(&north, &deal["id"], "evidence { id kind }").await["evidence"].clone();
    let item = evidence.as_array().unwrap().iter().find(|it| it["kind"] == "INTERACTION").unwrap()["id"].clone();
    let ask = json!({ "id": deal["id"], "fields": ["EVIDENCE"], "message": "When did you meet?" });
    world.ops.done("requestDealInformation", ask, "").await;
    world.later(TimeDelta::days(56)).await;
    let north = world.back("north").await;
    north.done("withdrawDealEvidence", json!({ "id": deal["id"], "evidenceId": item }), "").await;
    for name in ["Birch", "Cedar"] {
        world.register(&north, thin(&world, name)).await;
    }
    world.later(TimeDelta::days(14)).await;
    let north = world.back("north").await;
    // The others' holds are over; its own stands still, however long ago it would have ended.
    for name in ["Dune", "Fjord"] {
        world.register(&north, thin(&world, name)).await;
    }
    assert_eq!(north.refused("registerDeal", thin(&world, "Grove")).await, ["HOLDS_USED_UP"]);
    let back =
        north.done("submitDealRegistration", json!({ "id": deal["id"] }), "dealRegistration { holdUntil }").await;
    // Five business days from a Monday.
    assert_eq!(back["dealRegistration"]["holdUntil"], "2026-05-18T09:00:00.000000Z");
    app.check().await;
}

#[tokio::test]
async fn a_protection_is_extended_twice_with_progress_each_time() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let north = world.seller("north").await;
    world.seller("south").await;
    let deal = world.approve(&world.register(&north, long(&world, "Amber")).await).await;
    let id = json!({ "id": deal["id"] });
    let before = app.rows(TABLES).await;
    assert_eq!(north.refused("extendDealProtection", id.clone()).await, ["NO_PROGRESS"]);
    // What took place before the grant is no progress since, whenever it is told.
    let old = json!({ "kind": "INTERACTION", "description": "before", "occurredAt": "2026-03-02T09:00:00Z", "proof": "mail" });
    assert_eq!(app.rows(TABLES).await, before);
    north.done("addDealEvidence", json!({ "id": deal["id"], "evidence": [old] }), "").await;
    assert_eq!(north.refused("extendDealProtection", id.clone()).await, ["NO_PROGRESS"]);

    world.later(TimeDelta::days(10)).await;
    let north = world.back("north").await;
    north.done("advanceDealStage", json!({ "id": deal["id"], "stage": "PROPOSAL" }), "").await;
    let fields = "dealRegistration { protectedFrom protectedUntil extensions nextDeadlineAt
        receipts { decision outcome steps { rule outcome } } }";
    let extended = north.done("extendDealProtection", id.clone(), fields).await["dealRegistration"].clone();
    // 60 days from 2 March, and 45 more.
    assert_eq!(extended["protectedUntil"], "2026-06-15T09:00:00.000000Z");
    assert_eq!((&extended["extensions"], &extended["nextDeadlineAt"]), (&json!(1), &extended["protectedUntil"]));
    let receipts = extended["receipts"].as_array().unwrap();
    let receipt = receipts.iter().find(|it| it["decision"] == "registration.extend").unwrap();
    assert_eq!((&receipt["outcome"], receipt["steps"].as_array().unwrap().len()), (&json!("GRANTED"), 3));
    assert_eq!(north.refused("extendDealProtection", id.clone()).await, ["NO_PROGRESS"]);

    // Past the old end, the place is still taken.
    world.later(TimeDelta::days(60)).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    assert_eq!(south.refused("registerDeal", long(&world, "Amber")).await, ["ACCOUNT_NOT_AVAILABLE"]);
    let talk =
        json!({ "kind": "INTERACTION", "description": "talk", "occurredAt": "2026-05-10T09:00:00Z", "proof": "mail" });
    north.done("addDealEvidence", json!({ "id": deal["id"], "evidence": [talk] }), "").await;
    let extended = north.done("extendDealProtection", id.clone(), fields).await["dealRegistration"].clone();
    assert_eq!(extended["protectedUntil"], "2026-07-30T09:00:00.000000Z");
    north.done("advanceDealStage", json!({ "id": deal["id"], "stage": "NEGOTIATION" }), "").await;
    assert_eq!(north.refused("extendDealProtection", id.clone()).await, ["EXTENSIONS_USED_UP"]);

    // At its exact end it is over, and there is nothing left to extend.
    world.later(TimeDelta::days(79)).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    assert_eq!(read(&north, &deal["id"]).await["state"], "PROTECTED");
    app.advance(TimeDelta::days(1));
    let (north, south) = (world.back("north").await, {
        drop(south);
        world.back("south").await
    });
    assert_eq!(read(&north, &deal["id"]).await["state"], "EXPIRED");
    assert_eq!(north.refused("extendDealProtection", id).await, ["WRONG_STATE"]);
    assert_eq!(world.register(&south, long(&world, "Amber")).await["state"], "SUBMITTED");
    app.check().await;
}

#[tokio::test]
async fn no_protection_is_longer_than_a_year_less_five_days() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let north = world.seller("north").await;
    app.execute(&format!("update partners set tier = '{}'", Tier::Platinum)).await;
    let document = r#"{"protectionDays":{"platinum":340},"life":{"extensionDays":45}}"#;
    app.execute(&format!(
        "insert into policy_documents (kind, version, effective_at, document) values ('deals', 2, 0, '{document}')"
    ))
    .await;
    let deal = world.approve(&world.register(&north, long(&world, "Amber")).await).await;
    app.advance(TimeDelta::seconds(1));
    north.done("advanceDealStage", json!({ "id": deal["id"], "stage": "PROPOSAL" }), "").await;
    let extended = north.done("extendDealProtection", json!({ "id": deal["id"] }), DEAL).await;
    assert_eq!(extended["dealRegistration"]["protectedUntil"], "2027-02-25T09:00:00.000000Z");
    app.advance(TimeDelta::seconds(1));
    north.done("advanceDealStage", json!({ "id": deal["id"], "stage": "NEGOTIATION" }), "").await;
    assert_eq!(north.refused("extendDealProtection", json!({ "id": deal["id"] })).await, ["PROTECTION_TOO_LONG"]);
}

#[tokio::test]
async fn silence_is_warned_and_costs_the_protection_only_when_ops_revoke_it() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let north = world.seller("north").await;
    app.execute(&format!("update partners set tier = '{}'", Tier::Platinum)).await;
    let deal = world.approve(&world.register(&north, long(&world, "Amber")).await).await;
    let inactivity = "inactivity { lastUpdateAt warnedFrom revocableFrom isWarned isRevocable }";
    let warned = async |person: &Person<'_>| {
        let it = shown(person, &deal["id"], inactivity).await["inactivity"].clone();
        (it["isWarned"].as_bool().unwrap(), it["isRevocable"].as_bool().unwrap())
    };
    let revoke = |code: &str| json!({ "id": deal["id"], "code": code, "rationale": "Nobody knows of it." });
    world.later(TimeDelta::days(30) - TimeDelta::microseconds(1)).await;
    assert_eq!(warned(&world.ops).await, (false, false));
    app.advance(TimeDelta::microseconds(1));
    assert_eq!(warned(&world.ops).await, (true, false));
    let before = app.rows(TABLES).await;
    assert_eq!(world.ops.refused("revokeDealRegistration", revoke("INACTIVE")).await, ["NOT_INACTIVE"]);
    assert_eq!(app.rows(TABLES).await, before);

    // Something is heard of it, and the time begins anew.
    let north = world.back("north").await;
    let said = json!({ "id": deal["id"], "note": "They meet next week." });
    let said =
        north.done("reportDealProgress", said, &format!("dealRegistration {{ progressNote {inactivity} }}")).await;
    assert_eq!(said["dealRegistration"]["progressNote"], "They meet next week.");
    assert_eq!(said["dealRegistration"]["inactivity"]["lastUpdateAt"], "2026-04-01T09:00:00.000000Z");
    world.later(TimeDelta::days(60) - TimeDelta::microseconds(1)).await;
    assert_eq!(warned(&world.ops).await, (true, false));
    assert_eq!(world.ops.refused("revokeDealRegistration", revoke("INACTIVE")).await, ["NOT_INACTIVE"]);
    app.advance(TimeDelta::microseconds(1));
    // Nothing happens by itself.
    assert_eq!(
        (read(&world.ops, &deal["id"]).await["state"].as_str(), warned(&world.ops).await),
        (Some("PROTECTED"), (true, true))
    );
    let revoked = "dealRegistration { state outcomeCode outcomeReason allowedActions receipts { decision outcome } }";
    let revoked =
        world.ops.done("revokeDealRegistration", revoke("INACTIVE"), revoked).await["dealRegistration"].clone();
    assert_eq!((&revoked["state"], &revoked["outcomeCode"]), (&json!("REVOKED"), &json!("INACTIVE")));
    let north = world.back("north").await;
    let seen = shown(&north, &deal["id"], "state outcomeReason receipts { decision }").await;
    assert_eq!(seen["outcomeReason"], "Nobody knows of it.");
    assert!(seen["receipts"].as_array().unwrap().iter().any(|it| it["decision"] == "registration.revoke"));
    assert_eq!(app.rows(&["protections where end_reason = 'REVOKED'"]).await[0].1, 1);

    // The place is free; and for a breach nobody waits.
    let other = world.approve(&world.register(&north, long(&world, "Amber")).await).await;
    let breach = json!({ "id": other["id"], "code": "FRAUD", "rationale": "The customer does not exist." });
    assert_eq!(north.ask("mutation($input: RevokeDealRegistrationInput!) { revokeDealRegistration(input: $input) { userErrors { code } } }",
        json!({ "input": breach })).await.errors[0]["extensions"]["code"], "FORBIDDEN");
    world.ops.done("revokeDealRegistration", breach, "").await;
    assert_eq!(read(&north, &other["id"]).await["outcomeCode"], "FRAUD");
    app.check().await;
}

#[tokio::test]
async fn an_order_has_its_terms_and_the_direct_rep_keeps_their_credit() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let north = world.seller("north").await;
    let rep = app.staff(Role::DirectSales).await;
    let me = "{ viewer { user { id } } }";
    let rep = rep.ask(me, Value::Null).await.data["viewer"]["user"]["id"].clone();
    let ops = world.ops.ask(me, Value::Null).await.data["viewer"]["user"]["id"].clone();
    let seller = north.ask(me, Value::Null).await.data["viewer"]["user"]["id"].clone();
    let deal = world.approve(&world.register(&north, world.deal("Amber")).await).await;
    let order = |field: &str, value: Value| {
        let mut order = json!({ "id": deal["id"], "contractTermMonths": 36,
            "annualRecurringValue": { "minorUnits": "300000", "currency": "EUR" }, "directRep": { "userId": rep } });
        order[field] = value;
        order
    };
    let before = app.rows(TABLES).await;
    for (field, value, code) in [
        ("contractTermMonths", json!(0), "OUT_OF_RANGE"),
        ("contractTermMonths", json!(241), "OUT_OF_RANGE"),
        ("annualRecurringValue", json!({ "minorUnits": "1", "currency": "USD" }), "CURRENCY_MISMATCH"),
        ("annualRecurringValue", json!({ "minorUnits": "-1", "currency": "EUR" }), "OUT_OF_RANGE"),
        ("directRep", json!({ "userId": ops }), "NOT_FOUND"),
        ("directRep", json!({ "userId": seller }), "NOT_FOUND"),
        ("directRep", json!({ "userId": rep, "basisPoints": 10_001 }), "OUT_OF_RANGE"),
    ] {
        assert_eq!(world.ops.refused("markDealWon", order(field, value.clone())).await, [code], "{field} {value}");
    }
    assert_eq!(app.rows(TABLES).await, before);
    let won = "dealRegistration { contractTermMonths annualRecurringValue { minorUnits } directRepCredit { user { id } basisPoints } }";
    let won = world.ops.done("markDealWon", order("closedOn", Value::Null), won).await["dealRegistration"].clone();
    assert_eq!(
        (&won["contractTermMonths"], &won["annualRecurringValue"]["minorUnits"]),
        (&json!(36), &json!("300000"))
    );
    assert_eq!(won["directRepCredit"], json!({ "user": { "id": rep }, "basisPoints": 10_000 }));
    // Who of the vendor's people is paid for what is their affair.
    let seen = shown(&north, &deal["id"], "contractTermMonths directRepCredit { basisPoints }").await;
    assert_eq!(seen, json!({ "contractTermMonths": 36, "directRepCredit": null }));
}

#[tokio::test]
async fn the_discount_of_the_level_is_shown() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let north = world.seller("north").await;
    let deal = world.register(&north, world.deal("Amber")).await;
    let mut discounts = Vec::new();
    for tier in [Tier::Registered, Tier::Silver, Tier::Gold, Tier::Platinum] {
        app.execute(&format!("update partners set tier = '{tier}'")).await;
        let seen = shown(&north, &deal["id"], "discountBasisPoints partner { tier }").await;
        discounts.push(seen["discountBasisPoints"].as_i64().unwrap());
    }
    assert!(discounts.is_sorted_by(|one, next| one < next), "{discounts:?}");
    // However many are listed, the policies are read once.
    let list = "{ dealRegistrations { nodes { discountBasisPoints inactivity { isWarned } } } }";
    let count = async || {
        let mut least = u64::MAX;
        // Now and then a session is looked up anew.
        for _ in 0..3 {
            let before = app.services.db.statements();
            assert_eq!(north.ask(list, Value::Null).await.errors, Value::Null);
            least = least.min(app.services.db.statements() - before);
        }
        least
    };
    world.approve(&deal).await;
    let one = count().await;
    for name in ["Birch", "Cedar", "Dune"] {
        world.approve(&world.register(&north, world.deal(name)).await).await;
    }
    assert_eq!(count().await, one);
}
