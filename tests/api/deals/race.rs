//! At any moment at most one partner holds an (account, product line), whatever happens at once.

use entity::value::Role;
use serde_json::{Value, json};

use super::{TABLES, World};
use crate::support::{TestApp, race::race};

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
