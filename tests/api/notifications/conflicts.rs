//! What people are told of conflict cases by the clock.

use chrono::TimeDelta;
use partner_portal::notifications;
use serde_json::{Value, json};

use super::kinds;
use crate::{
    deals::{World, conflicts},
    support::TestApp,
};

async fn run(app: &TestApp) {
    notifications::run_due(&app.services).await.unwrap();
}

#[tokio::test]
async fn parts_that_are_offered_and_appeals_by_others_are_told() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = conflicts::scene(&world, &north, &south, "Amber").await;
    conflicts::dispute(&south, &scene.waiting).await;
    app.advance(TimeDelta::minutes(1));
    run(&app).await;
    let (of_north, of_south) = (kinds(&north).await, kinds(&south).await);
    assert_eq!(of_north[0], "DEAL_CONTESTED");
    let mut input = conflicts::decision(&conflicts::case(&world.ops, &scene.held).await, "SHARED");
    input["shares"] = json!([
        { "registrationId": scene.held, "basisPoints": 6_000 },
        { "registrationId": scene.waiting, "basisPoints": 4_000 },
    ]);
    world.ops.done("decideDealConflict", input, "").await;
    // Who has answered is not asked any more.
    let accept = json!({ "registrationId": scene.held, "basisPoints": 6_000 });
    north.done("acceptDealConflictShare", accept, "").await;
    app.advance(TimeDelta::minutes(1));
    run(&app).await;
    run(&app).await;
    assert_eq!(kinds(&north).await, of_north);
    assert_eq!(kinds(&south).await, [vec!["SHARE_OFFERED".to_owned()], of_south].concat());

    south.done("declineDealConflictShare", json!({ "registrationId": scene.waiting }), "").await;
    conflicts::decide(&world.ops, &scene.held, "UPHELD", None).await;
    world.later(TimeDelta::hours(1)).await;
    run(&app).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    let (of_north, of_south) = (kinds(&north).await, kinds(&south).await);
    let appeal = json!({ "registrationId": scene.waiting, "statement": "Look again." });
    south.done("appealDealConflict", appeal, "").await;
    app.advance(TimeDelta::minutes(1));
    run(&app).await;
    // Whoever appeals knows.
    assert_eq!(kinds(&south).await, of_south);
    assert_eq!(kinds(&north).await, [vec!["DEAL_CONTESTED".to_owned()], of_north].concat());
    app.check().await;
}

#[tokio::test]
async fn a_case_that_is_overdue_is_told_to_operations_once() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = conflicts::scene(&world, &north, &south, "Amber").await;
    conflicts::dispute(&south, &scene.waiting).await;
    let other = conflicts::scene(&world, &north, &south, "Birch").await;
    conflicts::dispute(&south, &other.waiting).await;
    conflicts::decide(&world.ops, &other.held, "UPHELD", None).await;
    let due = conflicts::at(&conflicts::case(&world.ops, &scene.held).await["dueAt"]);
    app.clock.set(due.plus(-TimeDelta::microseconds(1)));
    run(&app).await;
    world.later(TimeDelta::zero()).await;
    let before = kinds(&world.ops).await;
    app.clock.set(due);
    for _ in 0..2 {
        run(&app).await;
    }
    assert_eq!(kinds(&world.ops).await, [vec!["CONFLICT_OVERDUE".to_owned()], before].concat());
    let (north, south) = (world.back("north").await, world.back("south").await);
    for person in [&north, &south] {
        assert!(!kinds(person).await.iter().any(|kind| kind == "CONFLICT_OVERDUE"));
    }
    let told = world.ops.ask("{ notifications(first: 1) { nodes { sentence } } }", Value::Null).await;
    let sentence = told.data["notifications"]["nodes"][0]["sentence"].as_str().unwrap().to_owned();
    assert_eq!(sentence, "The conflict about deal registrations should have been decided by 2026-03-05 09:00 UTC.");
    app.check().await;
}
