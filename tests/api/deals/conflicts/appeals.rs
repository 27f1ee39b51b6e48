//! One appeal, within ten business days, decided by somebody who took no part; protection stands still meanwhile.

use chrono::TimeDelta;
use entity::value::Role;
use serde_json::{Value, json};

use super::{SIDE, World, at, case, decide, decision, dispute, scene, shown, stands};
use crate::support::TestApp;

#[tokio::test]
async fn somebody_else_decides_an_appeal_and_there_is_no_second_one() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    app.staff(Role::Admin).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    let until = at(&stands(&north, &scene.held).await.2);
    let opened = app.now();
    dispute(&south, &scene.waiting).await;
    let early = json!({ "registrationId": scene.waiting, "statement": "Look again." });
    assert_eq!(south.refused("appealDealConflict", early.clone()).await, ["NOT_APPEALABLE"]);
    decide(&world.ops, &scene.held, "REASSIGNED", Some(&scene.waiting)).await;
    let left = until.since(opened);
    let winner = json!({ "registrationId": scene.waiting, "statement": "We won." });
    assert_eq!(south.refused("appealDealConflict", winner).await, ["NOT_APPEALABLE"]);

    // Ten business days, and not a microsecond more.
    let last = at(&shown(&north, &scene.held, SIDE).await["conflict"]["appealableUntil"]);
    assert_eq!(last, app.now().plus_days(14));
    world.later(last.since(app.now()) - TimeDelta::microseconds(1)).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    let appeal = json!({ "registrationId": scene.held, "statement": "Their minutes are not true." });
    let both = format!("dealRegistration {{ state {SIDE} }}");
    let appealed = north.done("appealDealConflict", appeal, &both).await["dealRegistration"].clone();
    assert_eq!((&appealed["state"], &appealed["conflict"]["state"]), (&json!("CONTESTED"), &json!("APPEALED")));
    assert_eq!(appealed["conflict"]["appealStatement"], "Their minutes are not true.");
    // The other side stands still, too, and does not read what was said.
    let other = shown(&south, &scene.waiting, &format!("state {SIDE}")).await;
    assert_eq!((&other["state"], &other["conflict"]["appealStatement"]), (&json!("CONTESTED"), &Value::Null));

    // Who decided does not decide again, nor owns it.
    let whole = case(&world.ops, &scene.held).await;
    assert_eq!(
        (&whole["state"], &whole["firstOutcome"], &whole["owner"]),
        (&json!("APPEALED"), &json!("REASSIGNED"), &Value::Null)
    );
    assert_eq!(world.ops.refused("decideDealConflict", decision(&whole, "UPHELD")).await, ["FOUR_EYES"]);
    let me = world.ops.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    assert_eq!(
        world.ops.refused("assignDealConflict", json!({ "id": whole["id"], "ownerId": me })).await,
        ["FOUR_EYES"]
    );
    world.later(TimeDelta::hours(3)).await;
    let admin = app.sign_in("admin@vendor.example").await;
    let (north, south) = (world.back("north").await, world.back("south").await);

    // The one that had it has it again, with the time that it had left.
    let mut back = decision(&whole, "REASSIGNED");
    back["winnerRegistrationId"] = scene.held.clone();
    admin.done("decideDealConflict", back, "").await;
    let again = stands(&north, &scene.held).await;
    assert_eq!((again.0.as_str(), at(&again.2)), ("PROTECTED", app.now().plus(left)));
    let lost = stands(&south, &scene.waiting).await;
    assert_eq!((lost.0.as_str(), lost.1), ("REVOKED", json!("CONFLICT_DECIDED")));
    let second = json!({ "registrationId": scene.waiting, "statement": "And again." });
    assert_eq!(south.refused("appealDealConflict", second).await, ["NOT_APPEALABLE"]);
    assert_eq!(shown(&south, &scene.waiting, SIDE).await["conflict"]["appealableUntil"], Value::Null);
    app.check().await;
}

#[tokio::test]
async fn an_appeal_that_is_too_late_is_refused_and_one_that_nobody_decides_changes_nothing() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let first = scene(&world, &north, &south, "Amber").await;
    let second = scene(&world, &north, &south, "Birch").await;
    for scene in [&first, &second] {
        dispute(&south, &scene.waiting).await;
        decide(&world.ops, &scene.held, "UPHELD", None).await;
    }
    world.later(TimeDelta::days(14) - TimeDelta::microseconds(1)).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    let until = at(&stands(&north, &first.held).await.2);
    let appeal = |id: &Value| json!({ "registrationId": id, "statement": "Look again." });
    south.done("appealDealConflict", appeal(&first.waiting), "").await;
    assert_eq!(stands(&north, &first.held).await.0, "CONTESTED");
    let appealed = app.now();
    app.advance(TimeDelta::microseconds(1));
    assert_eq!(south.refused("appealDealConflict", appeal(&second.waiting)).await, ["NOT_APPEALABLE"]);

    // Nobody decides: what was decided stands, and the time that it stood still is given back.
    let over = at(&case(&world.ops, &first.held).await["upheldByDefaultAt"]);
    world.later(over.since(app.now())).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    let given_back = until.plus(over.since(appealed));
    assert_eq!(stands(&north, &first.held).await, ("PROTECTED".to_owned(), Value::Null, json!(given_back.to_string())));
    let side = shown(&south, &first.waiting, SIDE).await["conflict"].clone();
    assert_eq!((&side["state"], &side["result"]), (&json!("DECIDED"), &json!("NOT_GRANTED")));
    let said = json!({ "id": first.held, "note": "They meet next week." });
    north.done("reportDealProgress", said, "").await;
    let whole = case(&world.ops, &first.held).await;
    assert_eq!((&whole["outcome"], &whole["isDecidedByDefault"]), (&json!("UPHELD"), &json!(true)));
    assert_eq!(south.refused("appealDealConflict", appeal(&first.waiting)).await, ["NOT_APPEALABLE"]);
    app.check().await;
}
