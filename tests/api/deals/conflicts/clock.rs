//! What the vendor does not decide in time is upheld by the clock, whether or not anything runs.

use chrono::TimeDelta;
use partner_portal::deals;
use serde_json::{Value, json};

use super::{SIDE, World, at, case, deal, decision, dispute, scene, shown, stands};
use crate::support::{Person, TestApp};

async fn listed(person: &Person<'_>, states: Value) -> i64 {
    let document =
        "query($states: [DealRegistrationState!]) { dealRegistrations(filter: { states: $states }) { totalCount } }";
    let found = person.ask(document, json!({ "states": states })).await;
    found.data["dealRegistrations"]["totalCount"].as_i64().unwrap()
}

async fn cases(person: &Person<'_>, filter: Value) -> i64 {
    let document = "query($filter: DealConflictFilter) { dealConflicts(filter: $filter) { totalCount } }";
    let found = person.ask(document, json!({ "filter": filter })).await;
    assert_eq!(found.errors, Value::Null);
    found.data["dealConflicts"]["totalCount"].as_i64().unwrap()
}

#[tokio::test]
async fn two_missed_deadlines_uphold_what_stood_without_any_job() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south, west) = (world.seller("north").await, world.seller("south").await, world.seller("west").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    let refused = world.register(&west, deal(&world, "Birch")).await["id"].clone();
    let reject = json!({ "id": refused, "code": "CUSTOMER_NOT_CONFIRMED", "reason": "They know of nothing." });
    world.ops.done("rejectDealRegistration", reject, "").await;
    let until = at(&stands(&north, &scene.held).await.2);
    let opened = app.now();
    dispute(&south, &scene.waiting).await;
    dispute(&west, &refused).await;
    assert_eq!(
        (stands(&west, &refused).await.0.as_str(), listed(&world.ops, json!(["CONTESTED"])).await),
        ("CONTESTED", 3)
    );

    // Three business days from a Monday, and three more.
    let first = case(&world.ops, &scene.held).await;
    assert_eq!((&first["dueAt"], &first["missedDeadlines"]), (&json!("2026-03-05T09:00:00.000000Z"), &json!(0)));
    assert_eq!(first["upheldByDefaultAt"], "2026-03-10T09:00:00.000000Z");
    world.later(TimeDelta::days(3) - TimeDelta::microseconds(1)).await;
    assert_eq!(cases(&world.ops, json!({ "isOverdue": true })).await, 0);
    app.advance(TimeDelta::microseconds(1));
    let second = case(&world.ops, &scene.held).await;
    assert_eq!(
        (&second["state"], &second["missedDeadlines"], &second["isOverdue"]),
        (&json!("OPEN"), &json!(1), &json!(true))
    );
    assert_eq!(second["dueAt"], "2026-03-10T09:00:00.000000Z");
    assert_eq!(cases(&world.ops, json!({ "isOverdue": true })).await, 2);
    world.later(TimeDelta::days(5) - TimeDelta::microseconds(1)).await;
    assert_eq!(stands(&world.ops, &scene.held).await.0, "CONTESTED");
    app.advance(TimeDelta::microseconds(1));

    // Nothing has run, and everything reads as it is.
    let (north, south, west) = (world.back("north").await, world.back("south").await, world.back("west").await);
    let given_back = until.plus(app.now().since(opened));
    assert_eq!(stands(&north, &scene.held).await, ("PROTECTED".to_owned(), Value::Null, json!(given_back.to_string())));
    assert_eq!(stands(&south, &scene.waiting).await.0, "WAITLISTED");
    let back = shown(&west, &refused, "state outcomeCode outcomeReason endedAt allowedActions").await;
    assert_eq!((&back["state"], &back["outcomeCode"]), (&json!("REJECTED"), &json!("CUSTOMER_NOT_CONFIRMED")));
    assert_eq!(
        (&back["outcomeReason"], &back["endedAt"]),
        (&json!("They know of nothing."), &json!("2026-03-10T09:00:00.000000Z"))
    );
    assert_eq!(back["allowedActions"], json!([]));
    for (states, count) in [
        (json!(["CONTESTED"]), 0),
        (json!(["PROTECTED"]), 1),
        (json!(["WAITLISTED"]), 1),
        (json!(["REJECTED"]), 1),
        (json!(["PROTECTED", "WAITLISTED", "CONTESTED"]), 2),
        (json!(["SUBMITTED", "IN_REVIEW"]), 0),
    ] {
        assert_eq!(listed(&world.ops, states.clone()).await, count, "{states}");
    }
    assert_eq!(
        (
            cases(&world.ops, json!({ "states": ["DECIDED"] })).await,
            cases(&world.ops, json!({ "states": ["OPEN"] })).await
        ),
        (2, 0)
    );
    let over = case(&world.ops, &scene.held).await;
    assert_eq!((&over["outcome"], &over["isDecidedByDefault"]), (&json!("UPHELD"), &json!(true)));
    let side = shown(&south, &scene.waiting, SIDE).await["conflict"].clone();
    assert_eq!((&side["result"], &side["decidedAt"]), (&json!("NOT_GRANTED"), &json!("2026-03-10T09:00:00.000000Z")));
    assert_eq!(app.rows(&["deal_conflicts where state = 'OPEN'"]).await[0].1, 2);
    app.check().await;

    // Whoever touches one of them next writes it all down.
    north
        .done(
            "reportDealProgress",
            json!({ "id": scene.held, "note": "They meet next week.", "expectedVersion": 3 }),
            "",
        )
        .await;
    assert_eq!(
        app.rows(&["deal_conflicts where state = 'OPEN'", "deal_registrations where state = 'CONTESTED'"])
            .await
            .iter()
            .map(|(_, rows)| *rows)
            .collect::<Vec<_>>(),
        [1, 1]
    );
    assert_eq!(stands(&north, &scene.held).await.2, json!(given_back.to_string()));
    // The place of what was refused is free again: its own partner registers anew.
    assert_eq!(world.register(&west, deal(&world, "Birch")).await["state"], "SUBMITTED");
    assert_eq!(app.rows(&["deal_conflicts where state = 'OPEN'"]).await[0].1, 0);
    app.check().await;
}

#[tokio::test]
async fn what_was_given_back_by_the_clock_ends_by_the_clock() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    world.later(TimeDelta::days(59)).await;
    dispute(&world.back("south").await, &scene.waiting).await;
    // The case is over by itself, and then what was left of the protection.
    world.later(TimeDelta::days(30)).await;
    assert_eq!(stands(&world.ops, &scene.held).await.0, "EXPIRED");
    assert_eq!(listed(&world.ops, json!(["EXPIRED"])).await, 1);
    world.approve(&json!({ "id": scene.waiting })).await;
    assert_eq!(stands(&world.ops, &scene.waiting).await.0, "PROTECTED");
    assert_eq!(app.rows(&["protections where end_reason = 'EXPIRED'"]).await[0].1, 1);
    app.check().await;
}

#[tokio::test]
async fn what_waited_for_a_decision_waits_again_with_its_time() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let mut thin = deal(&world, "Amber");
    thin["evidence"] = json!([]);
    let first = world.register(&north, thin).await["id"].clone();
    let second = world.register(&south, deal(&world, "Amber")).await["id"].clone();
    let hold = at(&shown(&north, &first, "holdUntil").await["holdUntil"]);
    let opened = json!({ "registrationIds": [first, second], "rationale": "Who was there first?" });
    let other = json!({ "registrationIds": [first, second], "rationale": "Again." });
    world.ops.done("openDealConflict", opened, "").await;
    assert_eq!(world.ops.refused("openDealConflict", other).await, ["NO_CONFLICT"]);
    let queue = "{ registrationQueue { nodes { dealRegistration { id } } } }";
    let waiting = async |ops: &Person<'_>| {
        ops.ask(queue, Value::Null).await.data["registrationQueue"]["nodes"].as_array().unwrap().len()
    };
    assert_eq!(waiting(&world.ops).await, 0);
    world.later(TimeDelta::days(8)).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    assert_eq!(stands(&south, &second).await.0, "IN_REVIEW");
    let back = shown(&north, &first, "state holdUntil").await;
    assert_eq!((&back["state"], at(&back["holdUntil"])), (&json!("SUBMITTED"), hold.plus_days(8)));
    assert_eq!(waiting(&world.ops).await, 1);
    assert_eq!(listed(&world.ops, json!(["SUBMITTED", "IN_REVIEW"])).await, 2);
    world.approve(&json!({ "id": second })).await;
    app.check().await;
}

#[tokio::test]
async fn who_ends_leaves_the_case_and_the_last_claim_ends_it() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    let until = at(&stands(&north, &scene.held).await.2);
    dispute(&south, &scene.waiting).await;
    world.later(TimeDelta::hours(2)).await;
    world.change_partner_of(&scene.waiting, "TERMINATE").await;
    let left = stands(&world.ops, &scene.waiting).await;
    assert_eq!((left.0.as_str(), left.1), ("REJECTED", json!("PARTNER_TERMINATED")));
    let north = world.back("north").await;
    // Two hours stood still.
    let given_back = json!(until.plus(TimeDelta::hours(2)).to_string());
    assert_eq!(stands(&north, &scene.held).await, ("PROTECTED".to_owned(), Value::Null, given_back));
    assert_eq!(case(&world.ops, &scene.held).await["state"], "DECIDED");
    app.check().await;
}

#[tokio::test]
async fn an_offer_of_parts_is_over_when_one_party_is_gone() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    dispute(&south, &scene.waiting).await;
    let mut shares = decision(&case(&world.ops, &scene.held).await, "SHARED");
    shares["shares"] = json!([
        { "registrationId": scene.held, "basisPoints": 6_000 },
        { "registrationId": scene.waiting, "basisPoints": 4_000 },
    ]);
    world.ops.done("decideDealConflict", shares, "").await;
    world.change_partner_of(&scene.held, "TERMINATE").await;
    // Four tenths are not the whole deal.
    let accept = json!({ "registrationId": scene.waiting, "basisPoints": 4_000 });
    assert_eq!(south.refused("acceptDealConflictShare", accept).await, ["WRONG_STATE"]);
    let side = shown(&south, &scene.waiting, SIDE).await["conflict"].clone();
    assert_eq!((&side["state"], &side["offeredBasisPoints"]), (&json!("OPEN"), &Value::Null));
    assert_eq!(case(&world.ops, &scene.waiting).await["state"], "OPEN");
    app.check().await;
}

#[tokio::test]
async fn whoever_waits_behind_a_case_that_nobody_decided_has_a_turn() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south, west) = (world.seller("north").await, world.seller("south").await, world.seller("west").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    let refused = world.register(&west, {
        let mut deal = deal(&world, "Amber");
        deal["joinWaitlist"] = json!(true);
        deal
    });
    let refused = refused.await["id"].clone();
    let reject = json!({ "id": refused, "code": "CUSTOMER_NOT_CONFIRMED", "reason": "They know of nothing." });
    world.ops.done("rejectDealRegistration", reject, "").await;
    dispute(&west, &refused).await;
    assert_eq!(stands(&south, &scene.waiting).await.0, "CONTESTED");
    // The vendor misses both deadlines, and nobody touches anything.
    world.later(TimeDelta::days(8)).await;
    assert_eq!(deals::conflicts::run_due(&app.services).await.unwrap(), 1);
    assert_eq!(deals::conflicts::run_due(&app.services).await.unwrap(), 0);
    let until = at(&stands(&world.ops, &scene.held).await.2);
    world.later(until.since(app.now())).await;
    let south = world.back("south").await;
    let offer = shown(&south, &scene.waiting, "state waitlistOffer { isOpen offeredAt }").await;
    assert_eq!(
        offer,
        json!({ "state": "WAITLISTED", "waitlistOffer": { "isOpen": true, "offeredAt": until.to_string() } })
    );
    app.check().await;
}

#[tokio::test]
async fn a_turn_comes_later_when_the_case_that_it_waits_for_does() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south, west) = (world.seller("north").await, world.seller("south").await, world.seller("west").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    dispute(&south, &scene.waiting).await;
    let mut later = deal(&world, "Amber");
    later["joinWaitlist"] = json!(true);
    let later = world.register(&west, later).await["id"].clone();
    world.later(TimeDelta::days(1)).await;
    // The offer of parts gives the parties time of their own, and the case is over later by itself.
    let mut shares = decision(&case(&world.ops, &scene.held).await, "SHARED");
    shares["shares"] = json!([
        { "registrationId": scene.held, "basisPoints": 6_000 },
        { "registrationId": scene.waiting, "basisPoints": 4_000 },
    ]);
    world.ops.done("decideDealConflict", shares, "").await;
    let ends =
        "waitlist_offers o join protections p on p.ended_at is null where o.answer is null and o.starts_at < p.ends_at";
    assert_eq!(app.rows(&[ends]).await[0].1, 0, "nobody is offered a place that is held");
    drop(later);
    app.check().await;
}
