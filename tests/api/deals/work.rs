//! Working a deal: stages, winning, losing, withdrawing; each end frees the place.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{DEAL, TABLES, World, read};
use crate::support::TestApp;

#[tokio::test]
async fn a_deal_moves_forward_until_it_is_won() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    assert_eq!(
        seller.refused("advanceDealStage", json!({ "id": deal["id"], "stage": "PROPOSAL" })).await,
        ["WRONG_STATE"]
    );
    world.approve(&deal).await;
    assert_eq!(
        read(&seller, &deal["id"]).await["allowedActions"],
        json!(["UPDATE", "ADD_EVIDENCE", "WITHDRAW", "EXTEND", "REPORT_PROGRESS", "ADVANCE_STAGE", "MARK_LOST"])
    );
    let after = seller
        .done("advanceDealStage", json!({ "id": deal["id"], "stage": "NEGOTIATION", "expectedVersion": 2 }), DEAL)
        .await;
    assert_eq!(after["dealRegistration"]["dealStage"], "NEGOTIATION");
    for stage in ["NEGOTIATION", "PROPOSAL", "WON", "LOST"] {
        assert_eq!(
            seller.refused("advanceDealStage", json!({ "id": deal["id"], "stage": stage })).await,
            ["OUT_OF_RANGE"]
        );
    }
    let own = seller
        .ask(
            "mutation($id: ID!) { markDealWon(input: { id: $id }) { userErrors { code } } }",
            json!({ "id": deal["id"] }),
        )
        .await;
    assert_eq!(own.errors[0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(
        world.ops.refused("markDealWon", json!({ "id": deal["id"], "closedOn": "2026-03-03" })).await,
        ["OUT_OF_RANGE"]
    );

    let order =
        json!({ "id": deal["id"], "amount": { "minorUnits": "900000", "currency": "EUR" }, "closedOn": "2026-03-01" });
    let selection =
        "dealRegistration { state outcomeCode dealStage wonAmount { minorUnits } closedOn endedAt allowedActions }";
    let won = world.ops.done("markDealWon", order, selection).await["dealRegistration"].clone();
    assert_eq!(
        (&won["state"], &won["outcomeCode"], &won["dealStage"]),
        (&json!("CONVERTED"), &json!("WON"), &json!("WON"))
    );
    assert_eq!((&won["wonAmount"]["minorUnits"], &won["closedOn"]), (&json!("900000"), &json!("2026-03-01")));
    assert_eq!(world.ops.refused("markDealLost", json!({ "id": deal["id"], "reason": "x" })).await, ["WRONG_STATE"]);
    assert_eq!(app.rows(&["protections where end_reason = 'CONVERTED'"]).await[0].1, 1);
    // The place is free again.
    world.approve(&world.register(&seller, world.deal("Acme")).await).await;
}

#[tokio::test]
async fn withdrawing_and_losing_free_the_place() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (seller, rival) = (world.seller("north").await, world.seller("south").await);
    let undecided = world.register(&seller, world.deal("Acme")).await;
    let before = app.rows(TABLES).await;
    assert_eq!(rival.refused("withdrawDealRegistration", json!({ "id": undecided["id"] })).await, ["NOT_FOUND"]);
    assert_eq!(
        seller.refused("withdrawDealRegistration", json!({ "id": undecided["id"], "expectedVersion": 2 })).await,
        ["VERSION_CONFLICT"]
    );
    assert_eq!(app.rows(TABLES).await, before);
    let withdraw = async |deal: &Value| {
        seller.done("withdrawDealRegistration", json!({ "id": deal["id"] }), DEAL).await["dealRegistration"].clone()
    };
    let after = withdraw(&undecided).await;
    assert_eq!((&after["state"], &after["outcomeCode"]), (&json!("WITHDRAWN"), &json!("TAKEN_BACK")));

    let held = world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    let after = withdraw(&held).await;
    assert_eq!((&after["state"], &after["outcomeCode"]), (&json!("RELEASED"), &json!("GIVEN_UP")));

    let held = world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    let lost = seller.done("markDealLost", json!({ "id": held["id"], "reason": "No budget." }), DEAL).await["dealRegistration"].clone();
    assert_eq!(
        (&lost["state"], &lost["outcomeCode"], &lost["dealStage"]),
        (&json!("RELEASED"), &json!("LOST"), &json!("LOST"))
    );
    world.approve(&world.register(&rival, world.deal("Acme")).await).await;
}

#[tokio::test]
async fn a_deal_is_won_after_its_protection_expired_and_the_registration_stays_expired() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let seller = world.seller("north").await;
    let held = world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    world.later(TimeDelta::days(61)).await;
    let won = world.ops.done("markDealWon", json!({ "id": held["id"] }), DEAL).await["dealRegistration"].clone();
    assert_eq!(
        (&won["state"], &won["outcomeCode"], &won["dealStage"]),
        (&json!("EXPIRED"), &json!("TERM_ENDED"), &json!("WON"))
    );
    assert_eq!(app.rows(&["protections where end_reason = 'EXPIRED'"]).await[0].1, 1);
}
