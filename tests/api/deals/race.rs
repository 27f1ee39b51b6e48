//! At any moment at most one partner holds an (account, product line), whatever happens at once.

use chrono::TimeDelta;
use entity::value::Role;
use serde_json::{Value, json};

use super::{TABLES, World, read, words};
use crate::support::{Person, TestApp, race::race};

const APPROVE: &str = "mutation($input: ApproveDealRegistrationInput!) {
    approveDealRegistration(input: $input) { dealRegistration { id } userErrors { code } } }";

fn code(answer: &Value) -> &str {
    answer["approveDealRegistration"]["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

#[tokio::test]
async fn twenty_approvals_of_rivals_at_once_protect_one() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let mut sellers = Vec::new();
    for number in 0..20 {
        sellers.push(world.seller(&format!("p{number}")).await);
    }
    for round in 0..20_i64 {
        // All at the same instant, so that nobody qualified earlier: the commit order has to decide.
        let mut deals = Vec::new();
        for seller in &sellers {
            deals.push(world.register(seller, world.deal(&format!("Customer {round}"))).await);
        }
        let (deals, ops) = (&deals, &world.ops);
        let answers = race(20, move |number| async move {
            let answer = ops.ask(APPROVE, json!({ "input": { "id": deals[number]["id"] } })).await;
            assert_eq!(answer.errors, Value::Null);
            answer.data
        })
        .await;
        let done = answers.iter().filter(|answer| code(answer) == "DONE").count();
        assert_eq!(done, 1, "round {round}");
        assert!(
            answers.iter().all(|answer| ["DONE", "PROTECTED_BY_ANOTHER_PARTNER"].contains(&code(answer))),
            "{answers:?}"
        );
        assert_eq!(
            app.rows(&["protections", "deal_registrations where state = 'PROTECTED'"])
                .await
                .iter()
                .map(|(_, rows)| *rows)
                .collect::<Vec<_>>(),
            [round + 1, round + 1]
        );
    }
    app.check().await;
}

#[tokio::test]
async fn two_of_ops_approve_the_same_at_once() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let admin = app.staff(Role::Admin).await;
    let deal = world.register(&world.seller("north").await, world.deal("Acme")).await;
    let (people, id) = ([&world.ops, &admin], &deal["id"]);
    let answers = race(2, move |number| async move {
        people[number].ask(APPROVE, json!({ "input": { "id": id, "expectedVersion": 1 } })).await.data
    })
    .await;
    let mut codes: Vec<_> = answers.iter().map(code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["DONE", "VERSION_CONFLICT"]);
    assert_eq!(app.rows(&["protections"]).await[0].1, 1);
    app.check().await;
}

#[tokio::test]
async fn twenty_that_register_the_same_new_customer_at_once_share_one_account() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let mut sellers = Vec::new();
    for number in 0..20 {
        sellers.push(world.seller(&format!("p{number}")).await);
    }
    let (people, world) = (&sellers, &world);
    let answers = race(20, move |number| async move {
        people[number].done("registerDeal", world.deal("Acme"), "dealRegistration { account { id } }").await
    })
    .await;
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    assert_eq!(
        app.rows(&["accounts", "account_partners", "deal_registrations"])
            .await
            .iter()
            .map(|(_, rows)| *rows)
            .collect::<Vec<_>>(),
        [1, 20, 20]
    );
    app.check().await;
}

#[tokio::test]
async fn the_same_deal_registered_many_times_at_once_is_registered_once() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let document = "mutation($input: RegisterDealInput!) { registerDeal(input: $input) { dealRegistration { id } userErrors { code } } }";
    let (person, deal) = (&seller, world.deal("Acme"));
    let deal = &deal;
    let answers = race(8, move |_| async move { person.ask(document, json!({ "input": deal })).await.data }).await;
    let done = answers.iter().filter(|answer| answer["registerDeal"]["dealRegistration"] != Value::Null).count();
    assert_eq!(done, 1, "{answers:?}");
    assert!(answers.iter().all(|answer| {
        [json!([]), json!([{ "code": "OWN_DUPLICATE" }])].contains(&answer["registerDeal"]["userErrors"])
    }));

    let other = world.seller("south").await;
    let mut keyed = world.deal("Bravo");
    keyed["idempotencyKey"] = json!("once");
    let (person, keyed) = (&other, &keyed);
    let answers = race(8, move |_| async move { person.ask(document, json!({ "input": keyed })).await.data }).await;
    assert!(
        answers.iter().all(|answer| answer == &answers[0] && answer["registerDeal"]["userErrors"] == json!([])),
        "{answers:?}"
    );
    assert_eq!(app.rows(&TABLES[2..3]).await[0].1, 2);
    app.check().await;
}

const ROUNDS: usize = 20;

/// Makes a mutation; its code, or that it was done.
async fn told(person: &Person<'_>, mutation: &str, input: Value) -> String {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!("mutation($input: {name}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
    let answer = person.ask(&document, json!({ "input": input })).await;
    assert_eq!(answer.errors, Value::Null, "{mutation}");
    answer.data[mutation]["userErrors"][0]["code"].as_str().unwrap_or("DONE").to_owned()
}

async fn count(app: &TestApp, rows: &str) -> i64 {
    app.rows(&[rows]).await[0].1
}

/// Whose place it is: the one that is protected on each customer, and nobody twice.
async fn holders(app: &TestApp) -> i64 {
    assert_eq!(
        count(app, "protections where ended_at is null").await,
        count(app, "deal_registrations where state = 'PROTECTED'").await
    );
    count(app, "protections where ended_at is null").await
}

#[tokio::test]
async fn fifty_rivals_that_qualify_at_once_have_one_winner() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let mut sellers = Vec::new();
    for number in 0..50 {
        sellers.push(world.seller(&format!("p{number}")).await);
    }
    for round in 0..ROUNDS {
        let mut thin = world.deal(&words(u32::try_from(round).unwrap()));
        let evidence = thin["evidence"].take();
        thin["evidence"] = json!([evidence[0]]);
        let mut deals = Vec::new();
        for seller in &sellers {
            deals.push(world.register(seller, thin.clone()).await["id"].clone());
        }
        let (people, deals, ops) = (&sellers, &deals, &world.ops);
        // All qualify at once, and are decided as they come.
        let rest = &json!([evidence[1], evidence[2]]);
        let answers = race(50, move |number| async move {
            let id = &deals[number];
            let qualified = told(&people[number], "addDealEvidence", json!({ "id": id, "evidence": rest })).await;
            (qualified, told(ops, "approveDealRegistration", json!({ "id": id })).await)
        })
        .await;
        assert!(answers.iter().all(|(qualified, _)| qualified == "DONE"), "round {round}: {answers:?}");
        let won = answers.iter().filter(|(_, decided)| decided == "DONE").count();
        assert_eq!(won, 1, "round {round}: {answers:?}");
        let codes = ["DONE", "PROTECTED_BY_ANOTHER_PARTNER"];
        assert!(answers.iter().all(|(_, decided)| codes.contains(&decided.as_str())), "round {round}: {answers:?}");
        assert_eq!(holders(&app).await, i64::try_from(round).unwrap() + 1);
    }
    app.check().await;
}

#[tokio::test]
async fn approving_and_withdrawing_at_once_do_one_of_the_two() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    for round in 0..ROUNDS {
        let deal = world.register(&seller, world.deal(&words(u32::try_from(round).unwrap()))).await;
        let input = &json!({ "id": deal["id"], "expectedVersion": 1 });
        let (ops, seller) = (&world.ops, &seller);
        let answers = race(2, move |number| async move {
            match number {
                0 => told(ops, "approveDealRegistration", input.clone()).await,
                _ => told(seller, "withdrawDealRegistration", input.clone()).await,
            }
        })
        .await;
        let state = read(seller, &deal["id"]).await["state"].clone();
        match [answers[0].as_str(), answers[1].as_str()] {
            ["DONE", "VERSION_CONFLICT"] => assert_eq!(state, "PROTECTED"),
            ["VERSION_CONFLICT", "DONE"] => assert_eq!(state, "WITHDRAWN"),
            _ => panic!("round {round}: {answers:?}"),
        }
        holders(&app).await;
    }
    app.check().await;
}

#[tokio::test]
async fn two_of_ops_that_decide_differently_at_once_do_one_of_the_two() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let admin = app.staff(Role::Admin).await;
    let seller = world.seller("north").await;
    for round in 0..ROUNDS {
        let deal = world.register(&seller, world.deal(&words(u32::try_from(round).unwrap()))).await;
        let (ops, admin, id) = (&world.ops, &admin, &deal["id"]);
        let answers = race(2, move |number| async move {
            match number {
                0 => told(ops, "approveDealRegistration", json!({ "id": id })).await,
                _ => {
                    let reason =
                        json!({ "id": id, "code": "CUSTOMER_NOT_CONFIRMED", "reason": "They know of nothing." });
                    told(admin, "rejectDealRegistration", reason).await
                }
            }
        })
        .await;
        let state = read(&seller, id).await["state"].clone();
        match [answers[0].as_str(), answers[1].as_str()] {
            ["DONE", "WRONG_STATE"] => assert_eq!(state, "PROTECTED"),
            ["WRONG_STATE", "DONE"] => assert_eq!(state, "REJECTED"),
            _ => panic!("round {round}: {answers:?}"),
        }
        holders(&app).await;
    }
    app.check().await;
}

#[tokio::test]
async fn extending_and_expiring_at_once_do_one_of_the_two() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    world.seller("north").await;
    world.seller("south").await;
    for round in 0..ROUNDS {
        let (north, south) = (world.back("north").await, world.back("south").await);
        let mut deal = world.deal(&words(u32::try_from(round).unwrap()));
        deal["expectedCloseOn"] = json!("2031-12-31");
        let held = world.approve(&world.register(&north, deal.clone()).await).await;
        deal["joinWaitlist"] = json!(true);
        let rival = world.register(&south, deal).await;
        // The last microsecond of its term.
        world.later(TimeDelta::days(60) - TimeDelta::microseconds(1)).await;
        let north = world.back("north").await;
        let moved = json!({ "id": held["id"], "stage": "PROPOSAL" });
        north.done("advanceDealStage", moved, "").await;
        let (ops, north, app, held, rival) = (&world.ops, &north, &app, &held["id"], &rival["id"]);
        let answers = race(2, move |number| async move {
            if number == 0 {
                return told(north, "extendDealProtection", json!({ "id": held })).await;
            }
            app.advance(TimeDelta::microseconds(1));
            told(ops, "approveDealRegistration", json!({ "id": rival })).await
        })
        .await;
        let states = (read(ops, held).await["state"].clone(), read(ops, rival).await["state"].clone());
        match [answers[0].as_str(), answers[1].as_str()] {
            ["DONE", "PROTECTED_BY_ANOTHER_PARTNER"] => assert_eq!(states, (json!("PROTECTED"), json!("WAITLISTED"))),
            ["WRONG_STATE", "DONE"] => assert_eq!(states, (json!("EXPIRED"), json!("PROTECTED"))),
            _ => panic!("round {round}: {answers:?}"),
        }
    }
    app.check().await;
}

#[tokio::test]
async fn fifty_that_register_so_well_at_once_that_nobody_has_to_decide_have_one_winner() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let mut sellers = Vec::new();
    for number in 0..50 {
        sellers.push(world.seller(&format!("p{number}")).await);
    }
    for round in 0..ROUNDS {
        let mut strong = world.deal(&words(u32::try_from(round).unwrap()));
        strong["amount"]["minorUnits"] = json!("1");
        let more = [
            json!({ "kind": "DEMONSTRATION", "description": "shown" }),
            json!({ "kind": "CUSTOMER_CONFIRMATION", "description": "yes" }),
        ];
        strong["evidence"].as_array_mut().unwrap().extend(more);
        let (people, strong) = (&sellers, &strong);
        let answers =
            race(50, move |number| async move { told(&people[number], "registerDeal", strong.clone()).await }).await;
        // One whose transaction began before the winner's ended may wait behind it; the others are told at once.
        assert!(answers.iter().all(|code| ["DONE", "ACCOUNT_NOT_AVAILABLE"].contains(&code.as_str())), "{answers:?}");
        assert_eq!(holders(&app).await, i64::try_from(round).unwrap() + 1);
    }
    app.check().await;
}

#[tokio::test]
async fn who_leaves_while_it_is_disputed_has_left() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    for round in 0..ROUNDS {
        let mut deal = world.deal(&words(u32::try_from(round).unwrap()));
        let held = world.approve(&world.register(&north, deal.clone()).await).await["id"].clone();
        deal["joinWaitlist"] = json!(true);
        let rejected = world.register(&south, deal).await["id"].clone();
        let reason = json!({ "id": rejected, "code": "OTHER", "reason": "Not this one." });
        world.ops.done("rejectDealRegistration", reason, "").await;
        let (north, south, held, rejected) = (&north, &south, &held, &rejected);
        let answers = race(2, move |number| async move {
            match number {
                0 => {
                    let input = json!({ "registrationId": rejected, "statement": "We met them a year ago." });
                    told(south, "disputeDealDecision", input).await
                }
                _ => told(north, "withdrawDealRegistration", json!({ "id": held })).await,
            }
        })
        .await;
        let state = read(north, held).await["state"].clone();
        match [answers[0].as_str(), answers[1].as_str()] {
            ["DONE", "DONE"] => assert_eq!(state, "RELEASED", "round {round}"),
            ["DONE", "WRONG_STATE"] => assert_eq!(state, "CONTESTED", "round {round}"),
            _ => panic!("round {round}: {answers:?}"),
        }
    }
    app.check().await;
}

#[tokio::test]
async fn who_begin_to_wait_at_once_are_offered_the_place_one_after_the_other() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let mut sellers = Vec::new();
    for number in 0..5 {
        sellers.push(world.seller(&format!("p{number}")).await);
    }
    let planned = "waitlist_offers where answer is null";
    for round in 0..20_u32 {
        let mut deal = world.deal(&words(round));
        world.approve(&world.register(&sellers[4], deal.clone()).await).await;
        deal["joinWaitlist"] = json!(true);
        let (sellers, deal) = (&sellers, &deal);
        race(4, move |number| async move { sellers[number].done("registerDeal", deal.clone(), "").await }).await;
        assert_eq!(app.rows(&[planned]).await[0].1, 4 * (i64::from(round) + 1), "round {round}");
    }
    // None of them overlap.
    app.check().await;
}
