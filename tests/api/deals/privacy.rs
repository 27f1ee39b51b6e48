//! A partner learns that an account is not available; never by whom, nor until when, nor whether by the direct team.

use serde_json::{Value, json};

use super::{World, but_for_traces, whole};
use crate::support::TestApp;

async fn reserved_and_protected<'a>(world: &World<'a>) {
    let reserved = json!({ "name": "Reserved", "country": "DE", "reservedFor": "DIRECT" });
    world.ops.done("createAccount", reserved, "account { id }").await;
    let rival = world.seller("north").await;
    let deal = world.register(&rival, world.deal("Protected")).await;
    world.approve(&deal).await;
}

#[tokio::test]
async fn protected_by_another_and_reserved_for_direct_are_answered_alike() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    reserved_and_protected(&world).await;
    let seller = world.seller("south").await;
    let before = but_for_traces(&app).await;
    for waits in [false, true] {
        // Without sufficient evidence nobody queues: the same answer again.
        let ask = async |name: &str| {
            let mut deal = world.deal(name);
            deal["joinWaitlist"] = json!(waits);
            if waits {
                deal["evidence"] = json!([]);
            }
            let statements = app.services.db.statements();
            let answer = whole(&seller, "registerDeal", deal).await;
            (answer, app.services.db.statements() - statements)
        };
        let (reserved, protected) = (ask("Reserved").await, ask("Protected").await);
        assert_eq!(reserved, protected);
        assert_eq!(reserved.0["userErrors"][0]["code"], "ACCOUNT_NOT_AVAILABLE");
        assert_eq!(reserved.0["userErrors"][0]["field"], json!(["account"]));
        assert_eq!(reserved.0["userErrors"][0]["receipt"]["outcome"], "ACCOUNT_NOT_AVAILABLE");
        let told = reserved.0.to_string();
        for secret in ["RESERVED", "PROTECTED", "RIVAL", "ptr_", "reg_", "direct", "north"] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
    }
    assert_eq!(but_for_traces(&app).await, (before.0, before.1 + 4));
}

#[tokio::test]
async fn the_waiting_list_is_open_alike_whoever_holds_the_place() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    reserved_and_protected(&world).await;
    let seller = world.seller("south").await;
    let queue = async |name: &str| {
        let mut deal = world.deal(name);
        deal["joinWaitlist"] = json!(true);
        whole(&seller, "registerDeal", deal).await
    };
    let (reserved, protected) = (queue("Reserved").await, queue("Protected").await);
    assert_eq!(reserved, protected);
    assert_eq!(reserved["dealRegistration"]["state"], "WAITLISTED");
    assert_eq!(reserved["dealRegistration"]["nextDeadlineAt"], Value::Null);

    // Staff read what stands against each.
    let list = "{ dealRegistrations(filter: { states: [WAITLISTED] }) { nodes { account { name } receipts { outcome steps { code } } } } }";
    let found = world.ops.ask(list, Value::Null).await;
    let told = found.data["dealRegistrations"]["nodes"].to_string();
    assert!(told.contains("ACCOUNT_RESERVED_FOR_DIRECT") && told.contains("PROTECTED_BY_ANOTHER_PARTNER"), "{told}");
}
