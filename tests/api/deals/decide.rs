//! Approving and rejecting: protection is granted once, for a term, and ends at its exact instant.

use chrono::TimeDelta;
use entity::value::{Role, Tier};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::{DEAL, TABLES, World, product_line, read};
use crate::support::TestApp;

#[tokio::test]
async fn approval_protects_for_as_long_as_the_tier_says() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    for (name, tier, until) in [
        ("a", Tier::Registered, "2026-05-01T09:00:00.000000Z"),
        ("b", Tier::Silver, "2026-05-31T09:00:00.000000Z"),
        ("c", Tier::Gold, "2026-06-30T09:00:00.000000Z"),
        ("d", Tier::Platinum, "2026-08-29T09:00:00.000000Z"),
    ] {
        let seller = world.seller(name).await;
        let sql = format!("update partners set tier = '{tier}' where domain = '{name}.example'");
        app.services.db.pool().execute_unprepared(&sql).await.unwrap();
        let deal = world.register(&seller, world.deal(&format!("customer {name}"))).await;
        let after = world.approve(&deal).await;
        assert_eq!((after["state"].as_str(), after["protectedUntil"].as_str()), (Some("PROTECTED"), Some(until)));
        assert_eq!(after["protectedFrom"], "2026-03-02T09:00:00.000000Z");
        assert_eq!(after["nextDeadlineAt"], after["protectedUntil"]);
        assert_eq!(after["version"], 2);
    }
    assert_eq!(app.rows(&["protections"]).await, [("protections".to_owned(), 4)]);
}

#[tokio::test]
async fn approval_needs_the_right_role_the_right_state_and_the_version_that_was_read() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let document = "mutation($input: ApproveDealRegistrationInput!) { approveDealRegistration(input: $input) { userErrors { code } } }";
    let manager = app.staff(Role::ChannelManager).await;
    let before = app.rows(TABLES).await;
    for (person, code) in [(app.anonymous(), "UNAUTHENTICATED"), (seller.clone(), "FORBIDDEN"), (manager, "FORBIDDEN")]
    {
        let answer = person.ask(document, json!({ "input": { "id": deal["id"] } })).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], code);
    }
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": deal["id"], "expectedVersion": 7 })).await,
        ["VERSION_CONFLICT"]
    );
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": "reg_00000000000000000000000000000001" })).await,
        ["NOT_FOUND"]
    );
    assert_eq!(app.rows(TABLES).await, before);
    assert_eq!(
        read(&world.ops, &deal["id"]).await["allowedActions"],
        json!(["TAKE", "REQUEST_INFORMATION", "WAITLIST", "APPROVE", "REJECT"])
    );
    world.approve(&deal).await;
    assert_eq!(world.ops.refused("approveDealRegistration", json!({ "id": deal["id"] })).await, ["WRONG_STATE"]);
}

#[tokio::test]
async fn the_earlier_qualified_rival_comes_first_and_protection_stands() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (first, second) = (world.seller("north").await, world.seller("south").await);
    let early = world.register(&first, world.deal("Acme Corp")).await;
    app.advance(TimeDelta::microseconds(1));
    let late = world.register(&second, world.deal("ACME Corporation")).await;
    assert_eq!((&early["state"], &late["state"]), (&json!("SUBMITTED"), &json!("IN_REVIEW")));
    let before = app.rows(TABLES).await;
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": late["id"] })).await,
        ["RIVAL_QUALIFIED_EARLIER"]
    );
    assert_eq!(app.rows(TABLES).await, before);
    world.approve(&early).await;
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": late["id"] })).await,
        ["PROTECTED_BY_ANOTHER_PARTNER"]
    );

    // Another product line of the same customer is another place.
    let mut other = world.deal("Acme");
    other["productLineIds"] = json!([product_line(&world.ops, "GTX-BASIC").await]);
    let other = world.register(&second, other).await;
    world.approve(&other).await;

    let rejection = json!({ "id": late["id"], "code": "ACCOUNT_NOT_AVAILABLE", "reason": "Not this time." });
    let after = world.ops.done("rejectDealRegistration", rejection, DEAL).await["dealRegistration"].clone();
    assert_eq!((&after["state"], &after["outcomeCode"]), (&json!("REJECTED"), &json!("ACCOUNT_NOT_AVAILABLE")));
    assert_eq!(after["allowedActions"], json!([]));
}

#[tokio::test]
async fn protection_ends_at_its_exact_instant_without_any_job() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let first = world.seller("north").await;
    world.seller("south").await;
    let held = world.approve(&world.register(&first, world.deal("Acme")).await).await;
    let list = "query($states: [DealRegistrationState!]) { dealRegistrations(filter: { states: $states }) { totalCount nodes { id } } }";
    let count = async |world: &World<'_>, state: &str| {
        let found = world.ops.ask(list, json!({ "states": [state] })).await;
        found.data["dealRegistrations"]["totalCount"].as_i64().unwrap()
    };

    // To the last microsecond: the people sign in a moment before, since signing in takes none here.
    world.later(TimeDelta::days(60) - TimeDelta::microseconds(1)).await;
    let (first, second) = (world.back("north").await, world.back("south").await);
    assert_eq!(read(&first, &held["id"]).await["state"], "PROTECTED");
    assert_eq!((count(&world, "PROTECTED").await, count(&world, "EXPIRED").await), (1, 0));
    assert_eq!(second.refused("registerDeal", world.deal("Acme")).await, ["ACCOUNT_NOT_AVAILABLE"]);

    app.advance(TimeDelta::microseconds(1));
    let expired = read(&first, &held["id"]).await;
    assert_eq!((&expired["state"], &expired["outcomeCode"]), (&json!("EXPIRED"), &json!("TERM_ENDED")));
    assert_eq!((count(&world, "PROTECTED").await, count(&world, "EXPIRED").await), (0, 1));

    // The place is free: the rival is protected, and what expired is written down in the same transaction.
    let deal = world.register(&second, world.deal("Acme")).await;
    assert_eq!(deal["state"], "SUBMITTED");
    assert_eq!(world.approve(&deal).await["state"], "PROTECTED");
    assert_eq!(read(&first, &held["id"]).await["state"], "EXPIRED");
    assert_eq!((count(&world, "PROTECTED").await, count(&world, "EXPIRED").await), (1, 1));
    assert_eq!(app.rows(&["protections where ended_at is null"]).await[0].1, 1);

    // And so it is for the one who held it: it may register anew once the place is free again.
    world.later(TimeDelta::days(60)).await;
    let first = world.back("north").await;
    let mut later = world.deal("Acme");
    later["expectedCloseOn"] = json!("2026-12-31");
    assert_eq!(world.register(&first, later).await["state"], "SUBMITTED");
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_protection() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (first, second) = (world.seller("north").await, world.seller("south").await);
    let other = world.register(&second, world.deal("Acme")).await;
    world.approve(&world.register(&first, world.deal("Acme")).await).await;
    assert_eq!(other["state"], "SUBMITTED");
    let sql =
        "insert into protections (id, registration_id, partner_id, account_id, product_line_id, starts_at, ends_at)
        select r.id, r.id, r.partner_id, l.account_id, l.product_line_id, 1, 2 from deal_registrations r
        join deal_registration_lines l on l.registration_id = r.id where r.state = 'SUBMITTED'";
    let pool = app.services.db.pool();
    let refused = pool.execute_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap_err();
    let told = refused.to_string();
    assert!(
        told.contains("one_active_protection_per_account_and_line") || told.contains("protections.account_id"),
        "{told}"
    );
    assert_eq!(app.rows(&["protections"]).await[0].1, 1);
}

#[tokio::test]
async fn a_change_of_policy_counts_from_its_instant_on_and_is_on_the_receipt() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let now = app.now().micros();
    let document = r#"{"protectionDays":{"registered":7},"evidence":{"sufficient":70}}"#;
    let sql = format!(
        "insert into policy_documents (kind, version, effective_at, document) values ('deals', 2, {}, '{document}')",
        now + 1
    );
    app.services.db.pool().execute_unprepared(&sql).await.unwrap();
    assert_eq!(world.register(&seller, world.deal("Acme")).await["evidenceScore"]["sufficient"], true);
    app.advance(TimeDelta::microseconds(1));
    let deal = world.register(&seller, world.deal("Bravo")).await;
    assert_eq!(deal["evidenceScore"]["sufficient"], false);
    let more = json!({ "id": deal["id"], "evidence": [{ "kind": "DEMONSTRATION", "description": "shown" }] });
    seller.done("addDealEvidence", more, DEAL).await;
    assert_eq!(world.approve(&deal).await["protectedUntil"], "2026-03-09T09:00:00.000001Z");
    let receipts = "query($id: ID!) { dealRegistration(id: $id) { receipts { decision policyVersion outcome steps { rule code } } } }";
    let answer = world.ops.ask(receipts, json!({ "id": deal["id"] })).await;
    // All within a millisecond, so in no particular order.
    let receipts = answer.data["dealRegistration"]["receipts"].as_array().unwrap();
    let receipts: Vec<_> = receipts.iter().filter(|receipt| receipt["decision"] == "registration.approve").collect();
    assert_eq!(
        (&receipts[0]["decision"], &receipts[0]["policyVersion"], &receipts[0]["outcome"]),
        (&json!("registration.approve"), &json!(2), &json!("GRANTED"))
    );
    assert_eq!(receipts[0]["steps"].as_array().unwrap().len(), 11);
    assert_eq!(answer.errors, Value::Null);
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_open_claim_of_a_partner_on_an_account_and_line() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    for customer in ["Acme", "Bravo"] {
        world.register(&seller, world.deal(customer)).await;
    }
    let sql = "update deal_registration_lines set account_id =
        (select account_id from deal_registration_lines order by registration_id limit 1)";
    let refused = app.services.db.pool().execute_unprepared(sql).await.unwrap_err().to_string();
    assert!(
        refused.contains("one_open_claim_per_partner_account_and_line")
            || refused.contains("deal_registration_lines.account_id"),
        "{refused}"
    );
}
