//! A deal is shared when each party has accepted its part, and not before.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{SIDE, World, case, deal, decision, dispute, scene, shown, stands};
use crate::support::TestApp;

#[tokio::test]
async fn a_deal_is_shared_once_each_party_has_accepted() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    dispute(&south, &scene.waiting).await;
    let offer = async |ops: &crate::support::Person<'_>, held: i32, waiting: i32| {
        let mut input = decision(&case(ops, &scene.held).await, "SHARED");
        input["shares"] = json!([
            { "registrationId": scene.held, "basisPoints": held },
            { "registrationId": scene.waiting, "basisPoints": waiting },
        ]);
        input
    };
    for (held, waiting) in [(6_000, 3_999), (10_000, 0), (-1, 10_001)] {
        assert_eq!(
            world.ops.refused("decideDealConflict", offer(&world.ops, held, waiting).await).await,
            ["OUT_OF_RANGE"]
        );
    }
    let upheld = json!({ "registrationId": scene.held, "basisPoints": 6_000 });
    assert_eq!(north.refused("acceptDealConflictShare", upheld).await, ["WRONG_STATE"]);

    world.ops.done("decideDealConflict", offer(&world.ops, 6_000, 4_000).await, "dealConflict { state }").await;
    let side = shown(&north, &scene.held, SIDE).await["conflict"].clone();
    assert_eq!((&side["state"], &side["offeredBasisPoints"]), (&json!("OFFERED"), &json!(6_000)));
    assert_eq!((&side["rationale"], &side["shareBasisPoints"]), (&json!("The evidence says so."), &Value::Null));
    let declined = json!({ "registrationId": scene.waiting });
    let declined = south.done("declineDealConflictShare", declined, &format!("dealRegistration {{ {SIDE} }}")).await;
    assert_eq!(declined["dealRegistration"]["conflict"]["state"], "OPEN");
    assert_eq!(shown(&north, &scene.held, SIDE).await["conflict"]["offeredBasisPoints"], Value::Null);

    // Offered anew: accepted is what was read, and nothing else.
    world.later(TimeDelta::hours(1)).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    world.ops.done("decideDealConflict", offer(&world.ops, 5_000, 5_000).await, "").await;
    let accept = |id: &Value, points: i32| json!({ "registrationId": id, "basisPoints": points });
    assert_eq!(south.refused("acceptDealConflictShare", accept(&scene.waiting, 4_000)).await, ["PREVIEW_OUTDATED"]);
    south.done("acceptDealConflictShare", accept(&scene.waiting, 5_000), "").await;
    assert_eq!(stands(&north, &scene.held).await.0, "CONTESTED");
    let both = format!("dealRegistration {{ state {SIDE} }}");
    let shared =
        north.done("acceptDealConflictShare", accept(&scene.held, 5_000), &both).await["dealRegistration"].clone();
    assert_eq!((&shared["state"], &shared["conflict"]["result"]), (&json!("PROTECTED"), &json!("SHARED")));
    assert_eq!(shared["conflict"]["shareBasisPoints"], 5_000);
    assert_eq!(stands(&south, &scene.waiting).await.0, "WAITLISTED");
    let side = shown(&south, &scene.waiting, SIDE).await["conflict"].clone();
    assert_eq!((&side["state"], &side["shareBasisPoints"]), (&json!("DECIDED"), &json!(5_000)));
    assert_eq!(case(&world.ops, &scene.held).await["outcome"], "SHARED");
    app.check().await;
}

#[tokio::test]
async fn an_offer_that_is_not_accepted_in_time_lapses() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    dispute(&south, &scene.waiting).await;
    let mut input = decision(&case(&world.ops, &scene.held).await, "SHARED");
    input["shares"] = json!([
        { "registrationId": scene.held, "basisPoints": 6_000 },
        { "registrationId": scene.waiting, "basisPoints": 4_000 },
    ]);
    world.ops.done("decideDealConflict", input, "").await;
    south.done("acceptDealConflictShare", json!({ "registrationId": scene.waiting, "basisPoints": 4_000 }), "").await;
    world.later(TimeDelta::days(3)).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    let late = json!({ "registrationId": scene.held, "basisPoints": 6_000 });
    assert_eq!(north.refused("acceptDealConflictShare", late).await, ["WRONG_STATE"]);
    let side = shown(&south, &scene.waiting, SIDE).await["conflict"].clone();
    assert_eq!(
        (&side["state"], &side["missedDeadlines"], &side["acceptedAt"]),
        (&json!("OPEN"), &json!(0), &Value::Null)
    );
    let whole = case(&world.ops, &scene.held).await;
    assert_eq!((&whole["state"], &whole["dueAt"]), (&json!("OPEN"), &json!("2026-03-10T09:00:00.000000Z")));
    let said = json!({ "registrationId": scene.waiting, "statement": "We would have." });
    south.done("submitDealConflictStatement", said, "").await;
    // The vendor's deadlines, and not the partners', lead to the default.
    world.later(TimeDelta::days(5)).await;
    assert_eq!(case(&world.ops, &scene.held).await["missedDeadlines"], 1);
    world.later(TimeDelta::days(3)).await;
    assert_eq!(stands(&world.ops, &scene.held).await.0, "PROTECTED");
    app.check().await;
}

#[tokio::test]
async fn an_offer_falls_apart_when_who_would_be_protected_may_not_be_any_more() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let winner = world.register(&north, deal(&world, "Amber")).await["id"].clone();
    let other = world.register(&south, deal(&world, "Amber")).await["id"].clone();
    let open = json!({ "registrationIds": [winner, other], "rationale": "Both met the same person." });
    world.ops.done("openDealConflict", open, "").await;
    let mut input = decision(&case(&world.ops, &winner).await, "SHARED");
    input["winnerRegistrationId"] = winner.clone();
    input["shares"] = json!([
        { "registrationId": winner, "basisPoints": 6_000 },
        { "registrationId": other, "basisPoints": 4_000 },
    ]);
    world.ops.done("decideDealConflict", input, "").await;
    north.done("acceptDealConflictShare", json!({ "registrationId": winner, "basisPoints": 6_000 }), "").await;
    world.change_partner_of(&winner, "SUSPEND").await;
    let accept = json!({ "registrationId": other, "basisPoints": 4_000 });
    let answer = south.done("acceptDealConflictShare", accept, &format!("dealRegistration {{ state {SIDE} }}")).await;
    let side = &answer["dealRegistration"];
    assert_eq!((&side["state"], &side["conflict"]["state"]), (&json!("CONTESTED"), &json!("OPEN")));
    assert_eq!(side["conflict"]["offeredBasisPoints"], Value::Null);
    let whole = case(&world.ops, &winner).await;
    let receipts = whole["receipts"].as_array().unwrap();
    assert_eq!(receipts.last().unwrap()["outcome"], "PARTNER_NOT_ACTIVE");
    assert_eq!(app.rows(&["protections"]).await[0].1, 0);
    app.check().await;
}
