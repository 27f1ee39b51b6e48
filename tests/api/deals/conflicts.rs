//! Conflict cases: opened, decided with each outcome, upheld by the clock, appealed once.

mod appeals;
mod clock;
mod privacy;
mod rules;
mod shares;

use chrono::TimeDelta;
use entity::value::{Role, Timestamp};
use serde_json::{Value, json};

use super::{World, words};
use crate::support::{Person, TestApp, race::race};

/// What a partner reads of its side.
pub const SIDE: &str = "conflict { state statement dueAt missedDeadlines result rationale decidedAt appealableUntil
    appealStatement offeredBasisPoints acceptedAt shareBasisPoints }";

/// A customer that one partner is protected on, and another waits for.
pub struct Scene {
    pub held: Value,
    pub waiting: Value,
}

/// A registration with some of its fields.
pub async fn shown(person: &Person<'_>, id: &Value, fields: &str) -> Value {
    let document = format!("query($id: ID!) {{ dealRegistration(id: $id) {{ {fields} }} }}");
    let answer = person.ask(&document, json!({ "id": id })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["dealRegistration"].clone()
}

/// Where a registration is, how it ended, and until when it is protected.
pub async fn stands(person: &Person<'_>, id: &Value) -> (String, Value, Value) {
    let it = shown(person, id, "state outcomeCode protectedUntil").await;
    (it["state"].as_str().unwrap().to_owned(), it["outcomeCode"].clone(), it["protectedUntil"].clone())
}

/// The case of a registration, as staff see it.
pub async fn case(ops: &Person<'_>, id: &Value) -> Value {
    let fields = "conflict { case { id state version dueAt missedDeadlines isOverdue upheldByDefaultAt outcome firstOutcome
        decisionRationale isDecidedByDefault appealableUntil appealStatement owner { email } openedBy { email }
        parties { role stood statement result shareBasisPoints dealRegistration { id } } receipts { decision outcome } } }";
    shown(ops, id, fields).await["conflict"]["case"].clone()
}

/// An instant of an answer.
pub fn at(value: &Value) -> Timestamp {
    chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap().to_utc().into()
}

pub fn deal(world: &World<'_>, customer: &str) -> Value {
    let mut deal = world.deal(customer);
    deal["expectedCloseOn"] = json!("2028-12-31");
    deal["joinWaitlist"] = json!(true);
    deal
}

pub async fn scene(world: &World<'_>, north: &Person<'_>, south: &Person<'_>, customer: &str) -> Scene {
    let held = world.register(north, deal(world, customer)).await["id"].clone();
    world.approve(&json!({ "id": held })).await;
    let waiting = world.register(south, deal(world, customer)).await;
    assert_eq!(waiting["state"], "WAITLISTED");
    Scene { held, waiting: waiting["id"].clone() }
}

/// A partner disputes what was decided about its registration.
pub async fn dispute(person: &Person<'_>, id: &Value) -> Value {
    let input = json!({ "registrationId": id, "statement": "We met them a year ago." });
    let done = person.done("disputeDealDecision", input, &format!("dealRegistration {{ id state {SIDE} }}")).await;
    done["dealRegistration"].clone()
}

/// Staff decide the case of a registration.
pub fn decision(case: &Value, outcome: &str) -> Value {
    json!({ "id": case["id"], "outcome": outcome, "rationale": "The evidence says so." })
}

pub async fn decide(ops: &Person<'_>, id: &Value, outcome: &str, winner: Option<&Value>) {
    let mut input = decision(&case(ops, id).await, outcome);
    input["winnerRegistrationId"] = winner.cloned().unwrap_or_default();
    ops.done("decideDealConflict", input, "").await;
}

async fn held_places(app: &TestApp) -> i64 {
    app.rows(&["protections where ended_at is null"]).await[0].1
}

#[tokio::test]
async fn what_is_upheld_has_its_time_back_to_the_microsecond() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    let until = at(&stands(&north, &scene.held).await.2);
    // One hour before its end.
    world.later(until.since(app.now()) - TimeDelta::hours(1)).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    let opened = app.now();
    let disputed = dispute(&south, &scene.waiting).await;
    assert_eq!(disputed["state"], "CONTESTED");
    assert_eq!((&disputed["conflict"]["state"], &disputed["conflict"]["result"]), (&json!("OPEN"), &Value::Null));
    assert_eq!(disputed["conflict"]["statement"], "We met them a year ago.");

    // Both are contested, and what they had stands still.
    let fields = format!("state allowedActions editableFields nextDeadlineAt {SIDE}");
    let frozen = shown(&north, &scene.held, &fields).await;
    assert_eq!(frozen["state"], "CONTESTED");
    assert_eq!(
        (&frozen["allowedActions"], &frozen["editableFields"]),
        (&json!(["ADD_EVIDENCE"]), &json!(["evidence"]))
    );
    assert_eq!(
        (&frozen["conflict"]["statement"], &frozen["conflict"]["dueAt"]),
        (&Value::Null, &disputed["conflict"]["dueAt"])
    );
    for (person, id) in [(&north, &scene.held), (&south, &scene.waiting)] {
        assert_eq!(person.refused("withdrawDealRegistration", json!({ "id": id })).await, ["WRONG_STATE"]);
    }
    let fraud = json!({ "id": scene.held, "code": "FRAUD", "rationale": "There is no customer." });
    assert_eq!(world.ops.refused("revokeDealRegistration", fraud).await, ["WRONG_STATE"]);
    assert_eq!(world.ops.refused("approveDealRegistration", json!({ "id": scene.waiting })).await, ["WRONG_STATE"]);

    // Both sides bring evidence and say what speaks for them.
    let evidence = json!([{ "kind": "DEMONSTRATION", "description": "They saw it." }]);
    north.done("addDealEvidence", json!({ "id": scene.held, "evidence": evidence }), "").await;
    let said = json!({ "registrationId": scene.held, "statement": "We are about to close." });
    north.done("submitDealConflictStatement", said, "").await;

    // Past the end that it had, the place is taken still, for the database too.
    world.later(TimeDelta::hours(25) + TimeDelta::microseconds(7)).await;
    let (north, third) = (world.back("north").await, world.seller("third").await);
    let mut plain = deal(&world, "Amber");
    plain["joinWaitlist"] = json!(false);
    assert_eq!(third.refused("registerDeal", plain).await, ["ACCOUNT_NOT_AVAILABLE"]);
    assert_eq!((stands(&north, &scene.held).await.0.as_str(), held_places(&app).await), ("CONTESTED", 1));

    let whole = case(&world.ops, &scene.held).await;
    assert_eq!(whole["parties"].as_array().unwrap().len(), 2);
    for party in whole["parties"].as_array().unwrap() {
        let holds = party["dealRegistration"]["id"] == scene.held;
        let (role, stood) = if holds { ("HOLDER", "PROTECTED") } else { ("CLAIMANT", "WAITLISTED") };
        assert_eq!((&party["role"], &party["stood"]), (&json!(role), &json!(stood)));
        assert_ne!(party["statement"], Value::Null);
    }
    decide(&world.ops, &scene.held, "UPHELD", None).await;
    let given_back = until.plus(app.now().since(opened));
    assert_eq!(stands(&north, &scene.held).await, ("PROTECTED".to_owned(), Value::Null, json!(given_back.to_string())));
    assert_eq!(stands(&world.ops, &scene.waiting).await.0, "WAITLISTED");
    let side =
        shown(&north, &scene.held, &format!("{SIDE} receipts {{ decision outcome steps {{ sentence }} }}")).await;
    assert_eq!((&side["conflict"]["result"], &side["conflict"]["appealableUntil"]), (&json!("GRANTED"), &Value::Null));
    assert_eq!(side["conflict"]["rationale"], "The evidence says so.");
    let receipt = side["receipts"].as_array().unwrap().iter().find(|it| it["decision"] == "conflict.decide").unwrap();
    assert_eq!(
        (&receipt["outcome"], &receipt["steps"][0]["sentence"]),
        (&json!("GRANTED"), &json!("The evidence says so."))
    );
    let south = world.back("south").await;
    let side = shown(&south, &scene.waiting, SIDE).await["conflict"].clone();
    assert_eq!((&side["state"], &side["result"]), (&json!("DECIDED"), &json!("NOT_GRANTED")));
    assert_ne!(side["appealableUntil"], Value::Null);
    // It ends at its new end, and not a microsecond before.
    app.advance(given_back.since(app.now()) - TimeDelta::microseconds(1));
    let north = world.back("north").await;
    assert_eq!(stands(&north, &scene.held).await.0, "PROTECTED");
    app.advance(TimeDelta::microseconds(1));
    assert_eq!(stands(&north, &scene.held).await.0, "EXPIRED");
    app.check().await;
}

#[tokio::test]
async fn a_place_is_reassigned_in_one_transaction() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    dispute(&south, &scene.waiting).await;
    let whole = case(&world.ops, &scene.held).await;
    let before = app.rows(super::TABLES).await;
    for (winner, code) in [(Value::Null, "REQUIRED"), (scene.held.clone(), "OUT_OF_RANGE")] {
        let mut input = decision(&whole, "REASSIGNED");
        input["winnerRegistrationId"] = winner;
        assert_eq!(world.ops.refused("decideDealConflict", input).await, [code]);
    }
    let mut stale = decision(&whole, "UPHELD");
    stale["expectedVersion"] = json!(7);
    assert_eq!(world.ops.refused("decideDealConflict", stale).await, ["VERSION_CONFLICT"]);
    assert_eq!(app.rows(super::TABLES).await, before);
    world.later(TimeDelta::hours(1)).await;
    decide(&world.ops, &scene.held, "REASSIGNED", Some(&scene.waiting)).await;
    let (north, south) = (world.back("north").await, world.back("south").await);
    let lost = shown(&north, &scene.held, &format!("state outcomeCode outcomeReason {SIDE}")).await;
    assert_eq!((&lost["state"], &lost["outcomeCode"]), (&json!("REVOKED"), &json!("CONFLICT_DECIDED")));
    assert_eq!(
        (&lost["outcomeReason"], &lost["conflict"]["result"]),
        (&json!("The evidence says so."), &json!("NOT_GRANTED"))
    );
    let won = stands(&south, &scene.waiting).await;
    // For the whole term of its level.
    assert_eq!((won.0.as_str(), at(&won.2)), ("PROTECTED", app.now().plus_days(60)));
    assert_eq!(held_places(&app).await, 1);
    assert_eq!(world.ops.refused("decideDealConflict", decision(&whole, "UPHELD")).await, ["WRONG_STATE"]);
    app.check().await;
}

#[tokio::test]
async fn no_party_has_the_place() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    let opened = json!({ "registrationIds": [scene.held, scene.waiting], "rationale": "Both met the same person." });
    let opened = world.ops.done("openDealConflict", opened, "dealConflict { state rationale parties { role } }").await;
    assert_eq!(opened["dealConflict"]["rationale"], "Both met the same person.");
    decide(&world.ops, &scene.held, "BOTH_REJECTED", None).await;
    assert_eq!(stands(&north, &scene.held).await.0, "REVOKED");
    let waiting = stands(&south, &scene.waiting).await;
    assert_eq!((waiting.0.as_str(), waiting.1), ("REJECTED", json!("CONFLICT_DECIDED")));
    assert_eq!(held_places(&app).await, 0);
    // What a case decided is appealed, not disputed.
    let again = json!({ "registrationId": scene.waiting, "statement": "Once more." });
    assert_eq!(south.refused("disputeDealDecision", again).await, ["WRONG_STATE"]);
    app.check().await;
}

#[tokio::test]
async fn a_partner_sells_together_with_the_direct_team() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let south = world.seller("south").await;
    let reserved = json!({ "name": "Amber", "country": "DE", "reservedFor": "DIRECT" });
    world.ops.done("createAccount", reserved, "account { id }").await;
    let waiting = world.register(&south, deal(&world, "Amber")).await["id"].clone();
    dispute(&south, &waiting).await;
    let alone = decision(&case(&world.ops, &waiting).await, "CO_SELL");
    assert_eq!(world.ops.refused("decideDealConflict", alone).await, ["REQUIRED"]);
    decide(&world.ops, &waiting, "CO_SELL", Some(&waiting)).await;
    assert_eq!(stands(&south, &waiting).await.0, "PROTECTED");
    assert_eq!(shown(&south, &waiting, SIDE).await["conflict"]["result"], "CO_SELL");
    // Staff read what was overridden.
    let document =
        "query($id: ID!) { dealRegistration(id: $id) { conflict { case { receipts { steps { code } } } } } }";
    let told = world.ops.ask(document, json!({ "id": waiting })).await.data.to_string();
    assert!(told.contains("ACCOUNT_RESERVED_FOR_DIRECT"), "{told}");
    app.check().await;
}

#[tokio::test]
async fn two_of_ops_that_decide_at_once_leave_one_outcome() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let admin = app.staff(Role::Admin).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    for round in 0..20 {
        let scene = scene(&world, &north, &south, &words(round)).await;
        dispute(&south, &scene.waiting).await;
        let whole = case(&world.ops, &scene.held).await;
        let mut reassigned = decision(&whole, "REASSIGNED");
        reassigned["winnerRegistrationId"] = scene.waiting.clone();
        let inputs = &[decision(&whole, "UPHELD"), reassigned];
        let people = &[&world.ops, &admin];
        let document =
            "mutation($input: DecideDealConflictInput!) { decideDealConflict(input: $input) { userErrors { code } } }";
        let answers = race(2, move |number| async move {
            let answer = people[number].ask(document, json!({ "input": inputs[number] })).await;
            assert_eq!(answer.errors, Value::Null);
            answer.data["decideDealConflict"]["userErrors"][0]["code"].as_str().unwrap_or("DONE").to_owned()
        })
        .await;
        let states = (stands(&north, &scene.held).await.0, stands(&south, &scene.waiting).await.0);
        match [answers[0].as_str(), answers[1].as_str()] {
            ["DONE", "WRONG_STATE"] => assert_eq!(states, ("PROTECTED".to_owned(), "WAITLISTED".to_owned())),
            ["WRONG_STATE", "DONE"] => assert_eq!(states, ("REVOKED".to_owned(), "PROTECTED".to_owned())),
            _ => panic!("round {round}: {answers:?}"),
        }
        assert_eq!(held_places(&app).await, i64::from(round) + 1);
    }
    app.check().await;
}
