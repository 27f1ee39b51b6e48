//! However merges meet merges, approvals and registrations: at most one partner is protected on an account and a product
//! line, and nothing hangs on an account that is none any more.

use serde_json::{Value, json};

use super::{merging::account_of, named};
use crate::{
    deals::World,
    support::{Person, TestApp, race::race},
};

const ROUNDS: usize = 20;

async fn code(ops: &Person<'_>, mutation: &str, input: Value) -> String {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!("mutation($input: {name}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
    let answer = ops.ask(&document, json!({ "input": input })).await;
    assert_eq!(answer.errors, Value::Null, "{mutation}");
    answer.data[mutation]["userErrors"][0]["code"].as_str().unwrap_or("DONE").to_owned()
}

async fn merge(ops: &Person<'_>, survivor: &Value, merged: &Value) -> String {
    code(ops, "mergeAccounts", json!({ "survivorId": survivor, "mergedId": merged, "reason": "One." })).await
}

async fn holders(app: &TestApp) -> i64 {
    let double = "(select account_id, product_line_id from protections where ended_at is null
        group by account_id, product_line_id having count(*) > 1) as doubled";
    app.rows(&[double]).await[0].1
}

#[tokio::test]
async fn merges_of_the_same_accounts_at_once_make_one() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    for round in 0..ROUNDS {
        let mut ids = Vec::new();
        for name in ["Amber", "Birch", "Cedar"] {
            ids.push(named(&world.ops, &format!("{name} {round}")).await);
        }
        // In a circle, and in both directions: whoever is first decides which account is none any more.
        let (ops, ids) = (&world.ops, &ids);
        let ways = [(0, 1), (1, 0), (1, 2), (2, 0)];
        let answers = race(ways.len(), move |number| async move {
            let (survivor, merged) = ways[number];
            merge(ops, &ids[survivor], &ids[merged]).await
        })
        .await;
        let done = answers.iter().filter(|code| *code == "DONE").count();
        assert!((1..=2).contains(&done), "round {round}: {answers:?}");
        assert!(answers.iter().all(|code| ["DONE", "ACCOUNT_MERGED"].contains(&code.as_str())), "{answers:?}");
    }
    app.check().await;
}

#[tokio::test]
async fn a_merge_and_the_approvals_of_both_accounts_at_once_leave_one_holder() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let [north, south] = [world.seller("north").await, world.seller("south").await];
    let mut outcomes = std::collections::BTreeSet::new();
    for round in 0..ROUNDS {
        let one = world.register(&north, world.deal(&format!("Amber {round}"))).await;
        let other = world.register(&south, world.deal(&format!("Birch {round}"))).await;
        let survivor = account_of(&world.ops, &one).await["id"].clone();
        let merged = account_of(&world.ops, &other).await["id"].clone();
        let (ops, deals, accounts) = (&world.ops, [&one, &other], [&survivor, &merged]);
        let answers = race(3, move |number| async move {
            match number {
                2 => merge(ops, accounts[0], accounts[1]).await,
                _ => code(ops, "approveDealRegistration", json!({ "id": deals[number]["id"] })).await,
            }
        })
        .await;
        assert_eq!(holders(&app).await, 0, "round {round}: {answers:?}");
        let approved = answers[..2].iter().filter(|code| *code == "DONE").count();
        // Merged: one of them at most is protected. Not merged, because both were protected first: both are.
        match answers[2].as_str() {
            "DONE" => assert!(approved <= 1, "round {round}: {answers:?}"),
            "MERGE_CONFLICT" => assert_eq!(approved, 2, "round {round}: {answers:?}"),
            other => panic!("round {round}: {other}"),
        }
        outcomes.insert(answers);
    }
    println!("{outcomes:?}");
    app.check().await;
}

#[tokio::test]
async fn a_merge_and_registrations_on_both_accounts_at_once_lose_nothing() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let [north, south] = [world.seller("north").await, world.seller("south").await];
    for round in 0..ROUNDS {
        let survivor = named(&world.ops, &format!("Amber {round}")).await;
        let merged = named(&world.ops, &format!("Birch {round}")).await;
        let (world, people, accounts) = (&world, [&north, &south], [&survivor, &merged]);
        let answers = race(4, move |number| async move {
            match number {
                0 => merge(&world.ops, accounts[0], accounts[1]).await,
                // South claims both: as long as they are two it may, and then the merge is refused.
                number => {
                    let customer = if number == 1 { "Amber" } else { "Birch" };
                    let deal = world.deal(&format!("{customer} {round}"));
                    code(people[usize::from(number != 3)], "registerDeal", deal).await
                }
            }
        })
        .await;
        assert!(["DONE", "MERGE_CONFLICT"].contains(&answers[0].as_str()), "round {round}: {answers:?}");
        let clash = answers[0] == "MERGE_CONFLICT";
        let registered = answers[1..].iter().filter(|code| *code == "DONE").count();
        assert_eq!(registered, if clash { 3 } else { 2 }, "round {round}: {answers:?}");
        assert!(answers[1..].iter().all(|code| ["DONE", "OWN_DUPLICATE"].contains(&code.as_str())), "{answers:?}");
    }
    app.check().await;
}

#[tokio::test]
async fn undoing_at_once_and_with_new_registrations_loses_nothing() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let north = world.seller("north").await;
    for round in 0..ROUNDS {
        let survivor = named(&world.ops, &format!("Amber {round}")).await;
        let merged = named(&world.ops, &format!("Birch {round}")).await;
        let id = super::merge(&world.ops, &survivor, &merged).await;
        let (world, north, id) = (&world, &north, &id);
        let answers = race(3, move |number| async move {
            match number {
                2 => code(north, "registerDeal", world.deal(&format!("Birch {round}"))).await,
                _ => code(&world.ops, "undoAccountMerge", json!({ "id": id, "reason": "Two." })).await,
            }
        })
        .await;
        let mut undone = answers[..2].to_vec();
        undone.sort();
        assert_eq!(
            (undone, answers[2].as_str()),
            (vec!["DONE".to_owned(), "WRONG_STATE".to_owned()], "DONE"),
            "round {round}"
        );
    }
    app.check().await;
}
