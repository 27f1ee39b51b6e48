//! When a case is opened, and when it is not.

use chrono::TimeDelta;
use entity::value::Role;
use serde_json::{Value, json};

use super::{World, case, deal, decision, dispute, scene, shown, stands};
use crate::support::TestApp;

#[tokio::test]
async fn each_decision_is_disputed_once() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    dispute(&south, &scene.waiting).await;
    let again = json!({ "registrationId": scene.waiting, "statement": "Once more." });
    assert_eq!(south.refused("disputeDealDecision", again.clone()).await, ["WRONG_STATE"]);
    world.ops.done("decideDealConflict", decision(&case(&world.ops, &scene.held).await, "UPHELD"), "").await;
    assert_eq!(south.refused("disputeDealDecision", again.clone()).await, ["ALREADY_DISPUTED"]);
    assert!(!shown(&south, &scene.waiting, "allowedActions").await["allowedActions"].to_string().contains("DISPUTE"));
    // A new decision is disputed anew.
    let reject = json!({ "id": scene.waiting, "code": "CUSTOMER_NOT_CONFIRMED", "reason": "They know of nothing." });
    world.ops.done("rejectDealRegistration", reject, "").await;
    assert!(shown(&south, &scene.waiting, "allowedActions").await["allowedActions"].to_string().contains("DISPUTE"));
    dispute(&south, &scene.waiting).await;
    assert_eq!(stands(&north, &scene.held).await.0, "CONTESTED");
    assert_eq!(app.rows(&["deal_conflicts"]).await[0].1, 2);
    app.check().await;
}

#[tokio::test]
async fn what_was_registered_anew_meanwhile_is_not_disputed() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let south = world.seller("south").await;
    let first = world.register(&south, deal(&world, "Amber")).await["id"].clone();
    let reject = json!({ "id": first, "code": "OTHER", "reason": "Not this one." });
    world.ops.done("rejectDealRegistration", reject, "").await;
    world.register(&south, deal(&world, "Amber")).await;
    let before = app.rows(super::super::TABLES).await;
    let input = json!({ "registrationId": first, "statement": "It was good." });
    assert_eq!(south.refused("disputeDealDecision", input).await, ["OWN_DUPLICATE"]);
    assert_eq!(app.rows(super::super::TABLES).await, before);
    app.check().await;
}

#[tokio::test]
async fn staff_open_a_case_between_what_is_about_the_same() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let admin = app.staff(Role::Admin).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    let elsewhere = world.register(&north, deal(&world, "Birch")).await["id"].clone();
    let open = |ids: Value| json!({ "registrationIds": ids, "rationale": "Both met the same person." });
    let id = |person: Value| person["viewer"]["user"]["id"].clone();
    let seller = id(south.ask("{ viewer { user { id } } }", Value::Null).await.data);
    let owner = id(admin.ask("{ viewer { user { id } } }", Value::Null).await.data);
    let mut by_seller = open(json!([scene.held, scene.waiting]));
    by_seller["ownerId"] = seller;
    for (input, code) in [
        (open(json!([scene.held])), "TOO_SHORT"),
        (open(json!([scene.held, scene.held])), "MALFORMED"),
        (open(json!([scene.held, elsewhere])), "NO_CONFLICT"),
        (open(json!([scene.held, "reg_00000000000000000000000000000000"])), "NOT_FOUND"),
        (by_seller, "NOT_FOUND"),
    ] {
        assert_eq!(world.ops.refused("openDealConflict", input).await, [code]);
    }
    let mut good = open(json!([scene.held, scene.waiting]));
    good["ownerId"] = owner;
    let fields = "dealConflict { id version owner { email } openedBy { email } parties { role } }";
    let opened = world.ops.done("openDealConflict", good, fields).await["dealConflict"].clone();
    assert_eq!(
        (&opened["owner"]["email"], &opened["openedBy"]["email"]),
        (&json!("admin@vendor.example"), &json!("channel_ops@vendor.example"))
    );
    let me = id(world.ops.ask("{ viewer { user { id } } }", Value::Null).await.data);
    let assign = json!({ "id": opened["id"], "ownerId": me, "expectedVersion": 1 });
    let assigned = world.ops.done("assignDealConflict", assign.clone(), fields).await["dealConflict"].clone();
    assert_eq!((&assigned["owner"]["email"], &assigned["version"]), (&json!("channel_ops@vendor.example"), &json!(2)));
    assert_eq!(world.ops.refused("assignDealConflict", assign).await, ["VERSION_CONFLICT"]);

    // Who opened, owned or was to own it took part: somebody else decides the appeal.
    world.ops.done("decideDealConflict", decision(&opened, "BOTH_REJECTED"), "").await;
    world.later(TimeDelta::days(1)).await;
    let south = world.back("south").await;
    let appeal = json!({ "registrationId": scene.waiting, "statement": "We met them first." });
    south.done("appealDealConflict", appeal, "").await;
    let admin = app.sign_in("admin@vendor.example").await;
    assert_eq!(admin.refused("decideDealConflict", decision(&opened, "UPHELD")).await, ["FOUR_EYES"]);
    app.create_user("second@vendor.example", None, &[Role::ChannelOps]).await;
    let second = app.sign_in("second@vendor.example").await;
    let mut granted = decision(&opened, "REASSIGNED");
    granted["winnerRegistrationId"] = scene.waiting.clone();
    second.done("decideDealConflict", granted, "").await;
    assert_eq!(stands(&south, &scene.waiting).await.0, "PROTECTED");
    assert_eq!(stands(&world.ops, &scene.held).await.0, "REVOKED");
    app.check().await;
}
