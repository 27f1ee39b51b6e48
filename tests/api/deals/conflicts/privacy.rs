//! Whoever stands in the way, or nobody any more: the partner that disputes is told the same, and so is the other side.

use serde_json::{Value, json};

use super::{SIDE, World, case, deal, decide, dispute, scene, shown};
use crate::support::{Person, TestApp};

/// Everything that a partner can read of a registration and its case.
async fn everything(person: &Person<'_>, id: &Value) -> String {
    let fields = format!(
        "state outcomeCode outcomeReason protectedFrom protectedUntil dueAt endedAt nextDeadlineAt allowedActions editableFields
         version holdUntil qualifiedAt receipts {{ decision outcome policyVersion steps {{ rule outcome code sentence }} }}
         {SIDE}"
    );
    let mut it = shown(person, id, &fields).await;
    // Those of one instant have no order.
    it["receipts"].as_array_mut().unwrap().sort_by_key(ToString::to_string);
    it.to_string()
}

#[tokio::test]
async fn a_dispute_is_answered_alike_whoever_stands_in_the_way() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let account = |name: &str, reserved: Option<&str>| {
        let mut account = json!({ "name": name, "country": "DE" });
        if let Some(reserved) = reserved {
            account["reservedFor"] = json!(reserved);
        }
        world.ops.done("createAccount", account, "account { id }")
    };
    // Two of each kind: now and then a session is looked up anew, and that costs a statement.
    let mut gone = Vec::new();
    for [reserved, direct, protected, free] in
        [["Amber", "Birch", "Cedar", "Dune"], ["Grove", "Heath", "Inlet", "Jetty"]]
    {
        account(reserved, Some("DIRECT")).await;
        let direct = account(direct, None).await["account"]["id"].clone();
        let reference = format!("CRM {reserved}");
        let open = json!({ "accountId": direct, "productLineIds": [world.line], "reference": reference });
        world.ops.done("recordDirectOpportunity", open, "").await;
        for name in [protected, free] {
            account(name, None).await;
            let held = world.register(&north, deal(&world, name)).await;
            world.approve(&held).await;
            if name == free {
                gone.push(held["id"].clone());
            }
        }
    }
    let mut waiting = Vec::new();
    for name in ["Amber", "Grove", "Birch", "Heath", "Cedar", "Inlet", "Dune", "Jetty"] {
        waiting.push(world.register(&south, deal(&world, name)).await["id"].clone());
    }
    // Of the last two nobody stands in the way any more.
    for id in gone {
        north.done("withdrawDealRegistration", json!({ "id": id }), "").await;
    }
    let mut told = Vec::new();
    let mut cost = Vec::new();
    for two in waiting.chunks(2) {
        let mut least = u64::MAX;
        for id in two {
            let before = app.services.db.statements();
            let document = format!(
                "mutation($input: DisputeDealDecisionInput!) {{ disputeDealDecision(input: $input) {{
                    dealRegistration {{ state {SIDE} }} userErrors {{ code }} }} }}"
            );
            let input = json!({ "registrationId": id, "statement": "We met them a year ago." });
            let answer = south.ask(&document, json!({ "input": input })).await;
            least = least.min(app.services.db.statements() - before);
            told.push((answer.data.to_string(), everything(&south, id).await));
        }
        cost.push(least);
    }
    assert!(told.iter().all(|it| *it == told[0]), "{told:#?}");
    assert!(cost.iter().all(|it| *it == cost[0]), "as many statements, whoever stands in the way: {cost:?}");
    for secret in ["ptr_", "cnf_", "direct", "north", "RESERVED", "HOLDER"] {
        assert!(!told[0].1.contains(secret), "{secret} in {}", told[0].1);
    }
    // Decided alike, they read alike; whose place is free by then is offered it, and has until the end of the offer.
    let (mut told_after, mut deadlines) = (Vec::new(), Vec::new());
    for id in &waiting {
        decide(&world.ops, id, "UPHELD", None).await;
        let mut after: Value = serde_json::from_str(&everything(&south, id).await).unwrap();
        deadlines.push(after["nextDeadlineAt"].take());
        told_after.push(after);
    }
    let offered = json!("2026-03-07T09:00:00.000000Z");
    assert_eq!(deadlines, [vec![Value::Null; 6], vec![offered; 2]].concat());
    assert!(told_after.iter().all(|it| *it == told_after[0]), "{told_after:?}");
    app.check().await;
}

#[tokio::test]
async fn a_partner_sees_its_own_side_and_no_case() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    dispute(&south, &scene.waiting).await;
    let whole = case(&world.ops, &scene.held).await;
    let own = "query($id: ID!) { dealRegistration(id: $id) { conflict { case { id } } } }";
    assert_eq!(
        south.ask(own, json!({ "id": scene.waiting })).await.data["dealRegistration"]["conflict"]["case"],
        Value::Null
    );
    for document in [
        "query($id: ID!) { dealConflict(id: $id) { id } }",
        "query($id: ID!) { dealConflicts { nodes { id } } node(id: $id) { id } }",
    ] {
        let answer = south.ask(document, json!({ "id": whole["id"] })).await;
        assert!(answer.errors.to_string().contains("FORBIDDEN"), "{document}");
    }
    let node = south.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": whole["id"] })).await;
    assert_eq!((node.errors, node.data["node"].clone()), (Value::Null, Value::Null));
    // Another partner's registration is none of its affair.
    let foreign = json!({ "registrationId": scene.held, "statement": "Not true." });
    assert_eq!(south.refused("submitDealConflictStatement", foreign.clone()).await, ["NOT_FOUND"]);
    assert_eq!(south.refused("disputeDealDecision", foreign.clone()).await, ["NOT_FOUND"]);
    assert_eq!(south.refused("appealDealConflict", foreign).await, ["NOT_FOUND"]);
}

#[tokio::test]
async fn a_page_of_cases_costs_the_same_however_many_there_are() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let list = "{ dealConflicts(first: 50) { totalCount nodes { id state dueAt owner { email } openedBy { email }
        parties { role statement partner { name } dealRegistration { id state evidence { kind } } } } } }";
    let mut cost = Vec::new();
    for number in 0..4 {
        let scene = scene(&world, &north, &south, &super::words(number)).await;
        dispute(&south, &scene.waiting).await;
        let mut least = u64::MAX;
        // Now and then a session is looked up anew.
        for _ in 0..3 {
            let before = app.services.db.statements();
            let found = world.ops.ask(list, Value::Null).await;
            least = least.min(app.services.db.statements() - before);
            let nodes = found.data["dealConflicts"]["nodes"].as_array().unwrap().len();
            assert_eq!(nodes, usize::try_from(number + 1).unwrap());
        }
        cost.push(least);
    }
    assert!(cost.iter().all(|it| *it == cost[0]), "{cost:?}");
}
