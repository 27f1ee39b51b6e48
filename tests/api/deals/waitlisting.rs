//! Staff put those on the waiting list whose place somebody else has got meanwhile.

use serde_json::{Value, json};

use super::{TABLES, World, whole};
use crate::support::{Person, TestApp};

async fn shown(person: &Person<'_>, id: &Value) -> Value {
    let document = "query($id: ID!) { dealRegistration(id: $id) {
        state qualifiedAt nextDeadlineAt waitlistOffer { isOpen expiresAt } } }";
    person.ask(document, json!({ "id": id })).await.data["dealRegistration"].clone()
}

#[tokio::test]
async fn who_came_second_queues_and_is_offered_the_place() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let first = world.register(&north, world.deal("Acme")).await;
    let second = world.register(&south, world.deal("Acme")).await;
    let put = json!({ "id": second["id"] });
    let before = app.rows(TABLES).await;
    // Nobody has the place yet.
    assert_eq!(world.ops.refused("waitlistDealRegistration", put.clone()).await, ["NO_CONFLICT"]);
    assert_eq!(app.rows(TABLES).await, before);
    world.approve(&first).await;
    let stale = json!({ "id": second["id"], "expectedVersion": 9 });
    assert_eq!(world.ops.refused("waitlistDealRegistration", stale).await, ["VERSION_CONFLICT"]);
    world.ops.done("waitlistDealRegistration", put.clone(), "").await;
    let waits = shown(&south, &second["id"]).await;
    assert_eq!((&waits["state"], &waits["qualifiedAt"]), (&json!("WAITLISTED"), &second["qualifiedAt"]));
    assert_eq!((&waits["nextDeadlineAt"], &waits["waitlistOffer"]), (&Value::Null, &Value::Null));
    assert_eq!(world.ops.refused("waitlistDealRegistration", put).await, ["WRONG_STATE"]);
    let told = south.ask("{ notifications(first: 5) { nodes { kind sentence } } }", Value::Null).await;
    assert_eq!(
        told.data["notifications"]["nodes"],
        json!([{ "kind": "DEAL_WAITLISTED",
            "sentence": "The account is not available at the moment: the deal registration is on the waiting list for it." }])
    );
    // The place becomes free, and is offered; until when is the next deadline.
    north.done("withdrawDealRegistration", json!({ "id": first["id"] }), "").await;
    let offered = shown(&south, &second["id"]).await;
    assert_eq!((&offered["waitlistOffer"]["isOpen"], &offered["state"]), (&json!(true), &json!("WAITLISTED")));
    assert_eq!(offered["nextDeadlineAt"], offered["waitlistOffer"]["expiresAt"]);
    let listed = south.ask("{ dealRegistrations(first: 5) { nodes { id nextDeadlineAt } } }", Value::Null).await;
    assert_eq!(listed.data["dealRegistrations"]["nodes"][0]["nextDeadlineAt"], offered["nextDeadlineAt"]);
    south.done("acceptWaitlistOffer", json!({ "id": second["id"] }), "").await;
    assert_eq!(shown(&south, &second["id"]).await["state"], "PROTECTED");
    app.check().await;
}

#[tokio::test]
async fn nobody_waits_who_has_not_qualified_or_where_the_policy_has_no_list() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let mut thin = world.deal("Acme");
    thin["evidence"] = json!([]);
    let thin = world.register(&south, thin).await;
    let first = world.register(&north, world.deal("Acme")).await;
    world.approve(&first).await;
    let before = app.rows(TABLES).await;
    let put = json!({ "id": thin["id"] });
    assert_eq!(world.ops.refused("waitlistDealRegistration", put.clone()).await, ["EVIDENCE_INSUFFICIENT"]);
    let conflicts = json!({ "protectedByAnotherPartner": "REFUSE", "directOpportunityOpen": "REFUSE",
        "accountReservedForDirect": "REFUSE", "incumbentPartner": "REFUSE" });
    assert_eq!(app.rows(TABLES).await, before);
    world.ops.done("setDealPolicy", json!({ "policy": { "conflicts": conflicts } }), "").await;
    app.advance(chrono::TimeDelta::days(1));
    let ops = app.sign_in("channel_ops@vendor.example").await;
    assert_eq!(ops.refused("waitlistDealRegistration", put).await, ["PROTECTED_BY_ANOTHER_PARTNER"]);
    app.check().await;
}

#[tokio::test]
async fn a_partner_that_is_put_on_the_list_reads_the_same_whoever_holds_the_place() {
    let mut told = Vec::new();
    for holder in ["Partner", "Reservation", "Opportunity"] {
        let app = TestApp::start().await;
        let world = World::of(&app).await;
        let (rival, seller) = (world.seller("rival").await, world.seller("north").await);
        let first = world.register(&rival, world.deal("Acme")).await;
        let deal = world.register(&seller, world.deal("Acme")).await;
        let document = "query($id: ID!) { dealRegistration(id: $id) { account { id } } }";
        let account = world.ops.ask(document, json!({ "id": deal["id"] })).await;
        let account = &account.data["dealRegistration"]["account"]["id"];
        match holder {
            "Partner" => {
                world.approve(&first).await;
            }
            "Reservation" => {
                let reserve = json!({ "accountId": account, "reservedFor": "DIRECT", "reason": "Ours." });
                world.ops.done("reserveAccount", reserve, "").await;
            }
            _ => {
                let open = json!({ "accountId": account, "productLineIds": [world.line], "reference": "CRM-7" });
                world.ops.done("recordDirectOpportunity", open, "").await;
            }
        }
        world.ops.done("waitlistDealRegistration", json!({ "id": deal["id"] }), "").await;
        let read = "query($id: ID!) { dealRegistration(id: $id) { state version outcomeCode outcomeReason nextDeadlineAt allowedActions
            receipts { decision outcome steps { rule outcome code sentence } } } notifications(first: 5) { nodes { kind sentence } } }";
        let mut answer = seller.ask(read, json!({ "id": deal["id"] })).await.data;
        // Receipts of one instant have no order.
        let receipts = answer["dealRegistration"]["receipts"].as_array_mut().unwrap();
        receipts.sort_by_key(ToString::to_string);
        assert_eq!(answer["dealRegistration"]["state"], "WAITLISTED");
        let refused = whole(&seller, "acceptWaitlistOffer", json!({ "id": deal["id"] })).await;
        told.push((answer, refused));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:#?}");
}
