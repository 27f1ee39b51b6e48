//! Staff take registrations and ask; only what was asked about can be changed, and the place in the queue is kept.

use chrono::TimeDelta;
use entity::value::Role;
use serde_json::{Value, json};

use super::{DEAL, TABLES, World};
use crate::support::{Person, TestApp};

const SHOWN: &str = "dealRegistration { state qualifiedAt dueAt nextDeadlineAt editableFields allowedActions
    reviewer { email } informationRequest { fields message askedAt answer } }";

async fn done(person: &Person<'_>, mutation: &str, input: Value) -> Value {
    person.done(mutation, input, SHOWN).await["dealRegistration"].clone()
}

#[tokio::test]
async fn only_what_was_asked_about_can_be_changed_and_the_place_is_kept() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let id = json!({ "id": deal["id"] });
    let taken = done(&world.ops, "takeDealRegistration", id.clone()).await;
    assert_eq!(
        (&taken["state"], &taken["reviewer"]["email"]),
        (&json!("IN_REVIEW"), &json!("channel_ops@vendor.example"))
    );

    // A day of two has passed when staff ask.
    world.later(TimeDelta::days(1)).await;
    let seller = world.back("north").await;
    let ask = |fields: Value| json!({ "id": deal["id"], "fields": fields, "message": "So much?" });
    let before = app.rows(TABLES).await;
    for (fields, code) in [
        (json!([]), "REQUIRED"),
        (json!(["ACCOUNT"]), "OUT_OF_RANGE"),
        (json!(["AMOUNT", "PRODUCT_LINES"]), "OUT_OF_RANGE"),
    ] {
        assert_eq!(world.ops.refused("requestDealInformation", ask(fields)).await, [code]);
    }
    assert_eq!(app.rows(TABLES).await, before);
    let asked = done(&world.ops, "requestDealInformation", ask(json!(["AMOUNT"]))).await;
    assert_eq!((&asked["state"], &asked["nextDeadlineAt"]), (&json!("ACTION_REQUIRED"), &Value::Null));
    assert_eq!(asked["informationRequest"]["fields"], json!(["AMOUNT"]));
    let seen = seller
        .ask(
            &format!("query($id: ID!) {{ {} }}", SHOWN.replacen("dealRegistration", "dealRegistration(id: $id)", 1)),
            id.clone(),
        )
        .await;
    let seen = &seen.data["dealRegistration"];
    assert_eq!((&seen["editableFields"], &seen["reviewer"]), (&json!(["amount"]), &Value::Null));
    assert_eq!(seen["allowedActions"], json!(["UPDATE", "SUBMIT", "WITHDRAW"]));

    let before = app.rows(TABLES).await;
    let with = |field: &str, value: Value| {
        let mut input = json!({ "id": deal["id"], "amount": { "minorUnits": "1", "currency": "EUR" } });
        input[field] = value;
        input
    };
    for (field, value) in [
        ("account", json!({ "details": { "name": "Bravo", "country": "DE" } })),
        ("productLineIds", json!([world.line])),
        ("expectedCloseOn", json!("2026-09-01")),
        ("customerContact", json!({ "name": "Lou", "email": "lou@acme.example" })),
        ("partnerRole", json!("REFER")),
        ("need", json!("Other words.")),
    ] {
        assert_eq!(
            seller.refused("updateDealRegistration", with(field, value)).await,
            ["FIELD_NOT_EDITABLE"],
            "{field}"
        );
    }
    let evidence = json!({ "id": deal["id"], "evidence": [{ "kind": "DEMONSTRATION", "description": "shown" }] });
    assert_eq!(seller.refused("addDealEvidence", evidence.clone()).await, ["FIELD_NOT_EDITABLE"]);
    assert_eq!(app.rows(TABLES).await, before);

    let amount = json!({ "id": deal["id"], "amount": { "minorUnits": "900000", "currency": "EUR" } });
    seller.done("updateDealRegistration", amount, "").await;
    // A weekend and more passes, and costs the vendor nothing.
    world.later(TimeDelta::days(9)).await;
    let seller = world.back("north").await;
    let back = json!({ "id": deal["id"], "answer": "That much." });
    let back = done(&seller, "submitDealRegistration", back).await;
    assert_eq!((&back["state"], &back["dueAt"]), (&json!("IN_REVIEW"), &json!("2026-03-13T09:00:00.000000Z")));
    assert_eq!(back["qualifiedAt"], "2026-03-02T09:00:00.000000Z");
    assert_eq!(
        (&back["nextDeadlineAt"], &back["informationRequest"]["answer"]),
        (&back["dueAt"], &json!("That much."))
    );
    seller.done("addDealEvidence", evidence, "").await;
    world.approve(&deal).await;
    app.check().await;
}

#[tokio::test]
async fn withdrawn_evidence_stays_on_record_and_may_cost_the_place() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (seller, rival) = (world.seller("north").await, world.seller("south").await);
    let mut input = world.deal("Acme");
    let second = json!({ "kind": "INTERACTION", "description": "second", "occurredAt": "2026-02-21T10:00:00Z", "proof": "mail" });
    input["evidence"].as_array_mut().unwrap().push(second);
    let deal = world.register(&seller, input).await;
    let items = async || {
        let document = "query($id: ID!) { dealRegistration(id: $id) { evidence { id kind description withdrawnAt } } }";
        seller.ask(document, json!({ "id": deal["id"] })).await.data["dealRegistration"]["evidence"].clone()
    };
    let item = async |description: &str| {
        let items = items().await;
        items.as_array().unwrap().iter().find(|it| it["description"] == description).unwrap()["id"].clone()
    };
    let withdraw = async |description: &str| {
        let input = json!({ "id": deal["id"], "evidenceId": item(description).await });
        seller.done("withdrawDealEvidence", input, DEAL).await["dealRegistration"].clone()
    };
    app.advance(TimeDelta::minutes(1));
    let late = world.register(&rival, world.deal("Acme")).await;

    // What is left is sufficient: the place is what it was.
    app.advance(TimeDelta::minutes(1));
    let after = withdraw("second").await;
    assert_eq!((&after["evidenceScore"]["total"], &after["qualifiedAt"]), (&json!(60), &deal["qualifiedAt"]));
    let before = app.rows(TABLES).await;
    let again = json!({ "id": deal["id"], "evidenceId": item("second").await });
    assert_eq!(seller.refused("withdrawDealEvidence", again.clone()).await, ["NOT_FOUND"]);
    assert_eq!(rival.refused("withdrawDealEvidence", again).await, ["NOT_FOUND"]);
    let of_another = json!({ "id": late["id"], "evidenceId": item("first meeting").await });
    assert_eq!(rival.refused("withdrawDealEvidence", of_another).await, ["NOT_FOUND"]);
    assert_eq!(app.rows(TABLES).await, before);

    // And when it is not, the place is lost: the rival is the first now.
    let after = withdraw("first meeting").await;
    assert_eq!((&after["evidenceScore"]["sufficient"], &after["qualifiedAt"]), (&json!(false), &Value::Null));
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": deal["id"] })).await,
        ["EVIDENCE_INSUFFICIENT"]
    );
    assert_eq!(items().await.as_array().unwrap().iter().filter(|it| !it["withdrawnAt"].is_null()).count(), 2);
    app.advance(TimeDelta::minutes(1));
    let anew = json!({ "id": deal["id"], "evidence": [
        { "kind": "INTERACTION", "description": "third", "occurredAt": "2026-02-22T10:00:00Z", "proof": "mail" }] });
    let anew = seller.done("addDealEvidence", anew, DEAL).await;
    assert_eq!(anew["dealRegistration"]["qualifiedAt"], "2026-03-02T09:03:00.000000Z");
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": deal["id"] })).await,
        ["RIVAL_QUALIFIED_EARLIER"]
    );
    world.approve(&late).await;
    app.check().await;
}

#[tokio::test]
async fn asking_and_taking_is_for_staff_who_decide() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let manager = app.staff(Role::ChannelManager).await;
    let before = app.rows(TABLES).await;
    let document =
        "mutation($input: TakeDealRegistrationInput!) { takeDealRegistration(input: $input) { userErrors { code } } }";
    for person in [&seller, &manager] {
        let answer = person.ask(document, json!({ "input": { "id": deal["id"] } })).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN");
    }
    assert_eq!(app.rows(TABLES).await, before);
    // Another of those who decide may take over.
    let admin = app.staff(Role::Admin).await;
    done(&world.ops, "takeDealRegistration", json!({ "id": deal["id"], "expectedVersion": 1 })).await;
    let taken = done(&admin, "takeDealRegistration", json!({ "id": deal["id"] })).await;
    assert_eq!(taken["reviewer"]["email"], "admin@vendor.example");
}
