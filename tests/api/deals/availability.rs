//! A partner asks whether an account is available: one of three words, so often a day, and each question is recorded.

use entity::value::Role;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::World;
use crate::support::{Person, TestApp, race::race};

const CHECK: &str =
    "query($input: CheckAvailabilityInput!) { checkAvailability(input: $input) { availability leftToday } }";

fn about(world: &World<'_>, name: &str) -> Value {
    json!({ "input": { "name": name, "country": "DE", "productLineIds": [world.line] } })
}

async fn check(world: &World<'_>, seller: &Person<'_>, name: &str) -> String {
    let answer = seller.ask(CHECK, about(world, name)).await;
    assert_eq!(answer.errors, Value::Null, "{name}");
    answer.data["checkAvailability"]["availability"].as_str().unwrap().to_owned()
}

async fn allow(app: &TestApp, most: u32) {
    let sql = format!(
        "insert into policy_documents (kind, version, effective_at, document)
        values ('account_matching', 2, {}, '{{\"availabilityChecksADay\":{most}}}')",
        app.now().micros()
    );
    app.services.db.pool().execute_unprepared(&sql).await.unwrap();
}

async fn known(world: &World<'_>) {
    for (name, reserved) in [("Velmora Dynamics", "DIRECT"), ("Orvan Materials", "OPEN"), ("Brelli", "OPEN")] {
        let input = json!({ "name": name, "country": "DE", "reservedFor": reserved });
        world.ops.done("createAccount", input, "account { id }").await;
    }
    let rival = world.seller("north").await;
    let protected = world.register(&rival, world.deal("Talvey Foods")).await;
    world.approve(&protected).await;
    world.register(&rival, world.deal("Kestroun Tools")).await;
}

#[tokio::test]
async fn each_answer_is_one_of_three_words_in_any_spelling() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    known(&world).await;
    let seller = world.seller("south").await;
    for (name, wanted) in [
        ("VELMORA-DYNAMICS GmbH", "NOT_AVAILABLE"),
        ("Velm\u{43E}ra Dynamics", "NOT_AVAILABLE"),
        ("The Talvey Foods, Inc.", "NOT_AVAILABLE"),
        ("Kestroun\u{200B} Tools", "REVIEW"),
        ("Orvan Material", "REVIEW"),
        ("Brelli", "CLEAR"),
        ("Nobody Has Heard Of", "CLEAR"),
    ] {
        assert_eq!(check(&world, &seller, name).await, wanted, "{name}");
    }
}

#[tokio::test]
async fn who_stands_in_the_way_shows_neither_in_the_answer_nor_in_the_statements() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    known(&world).await;
    let seller = world.seller("south").await;
    let ask = async |name: &str| {
        let before = app.services.db.statements();
        let answer = seller.ask(CHECK, about(&world, name)).await;
        let mut data = answer.data.clone();
        data["checkAvailability"]["leftToday"] = Value::Null;
        (data, answer.errors, app.services.db.statements() - before)
    };
    ask("Velmora Dynamics").await;
    let reserved = ask("Velmora Dynamics").await;
    assert_eq!(reserved, ask("Talvey Foods").await);
    assert_eq!(reserved.0["checkAvailability"]["availability"], "NOT_AVAILABLE");
    // What is free and what is looked at cost as much.
    assert_eq!(reserved.2, ask("Brelli").await.2);
    assert_eq!(reserved.2, ask("Kestroun Tools").await.2);
}

#[tokio::test]
async fn questions_are_rationed_per_partner_and_day_over_all_of_its_people() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    known(&world).await;
    allow(&app, 3).await;
    let seller = world.seller("south").await;
    let other = world.seller("west").await;
    let answers = race(8, |number| {
        let (seller, question) = (&seller, about(&world, ["Brelli", "Velmora Dynamics"][number % 2]));
        async move { seller.ask(CHECK, question).await }
    })
    .await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.errors != Value::Null).collect();
    assert_eq!(refused.len(), 5, "three of eight at once are answered");
    for answer in refused {
        assert_eq!(answer.errors[0]["extensions"]["code"], "RATE_LIMITED");
        assert!(answer.errors[0]["extensions"]["retryAfterSeconds"].as_i64().unwrap() > 0);
        assert!(!answer.errors.to_string().contains("Velmora"));
    }
    let kept = app.rows(&["availability_budgets", "audit_events"]).await;
    assert!(seller.ask(CHECK, about(&world, "Brelli")).await.errors != Value::Null);
    assert_eq!(app.rows(&["availability_budgets", "audit_events"]).await, kept, "a refusal changes nothing");
    assert_eq!(check(&world, &other, "Brelli").await, "CLEAR", "another partner has its own");
    world.later(chrono::TimeDelta::days(1)).await;
    let seller = world.back("south").await;
    assert_eq!(check(&world, &seller, "Brelli").await, "CLEAR", "and the next day everybody anew");
}

#[tokio::test]
async fn each_question_is_recorded_and_refused_ones_are_not_counted() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    known(&world).await;
    let seller = world.seller("south").await;
    let before = app.rows(&["availability_budgets", "audit_events"]).await;
    for input in [
        json!({ "name": "\u{200B}", "country": "DE", "productLineIds": [world.line] }),
        json!({ "name": "A", "country": "DE", "productLineIds": [] }),
        json!({ "name": "A", "country": "DE", "website": "localhost", "productLineIds": [world.line] }),
        json!({ "name": "A", "country": "DE", "productLineIds": ["pln_00000000000000000000000000000001"] }),
    ] {
        let answer = seller.ask(CHECK, json!({ "input": input })).await;
        assert!(answer.errors != Value::Null, "{input}");
    }
    assert_eq!(app.rows(&["availability_budgets", "audit_events"]).await, before);
    check(&world, &seller, "Velmora Dynamics").await;
    let admin = app.staff(Role::Admin).await;
    let events = admin.ask("{ auditEvents(first: 50) { nodes { action after } } }", Value::Null).await;
    let events = events.data["auditEvents"]["nodes"].as_array().unwrap().clone();
    let event = events.iter().find(|event| event["action"] == "account.check_availability").unwrap();
    let told = event["after"].to_string();
    assert!(told.contains("Velmora Dynamics") && told.contains("NOT_AVAILABLE"), "{told}");
    assert!(!told.contains("acc_") && !told.contains("DIRECT"), "{told}");
}

#[tokio::test]
async fn a_deal_on_a_probable_duplicate_is_looked_at_and_only_staff_read_why() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    known(&world).await;
    let seller = world.seller("south").await;
    let steps = "query($id: ID!) { dealRegistration(id: $id) { state receipts { steps { rule code } } } }";
    for (name, state, told) in [("Orvan Material", "IN_REVIEW", true), ("Zelkova Tools", "SUBMITTED", false)] {
        let deal = world.register(&seller, world.deal(name)).await;
        assert_eq!(deal["state"], state, "{name}");
        let own = seller.ask(steps, json!({ "id": deal["id"] })).await.data.to_string();
        assert!(!own.contains("PROBABLE_DUPLICATE_ACCOUNT") && !own.contains("duplicate_account"), "{own}");
        let staff = world.ops.ask(steps, json!({ "id": deal["id"] })).await.data.to_string();
        assert_eq!(staff.contains("PROBABLE_DUPLICATE_ACCOUNT"), told, "{staff}");
    }
}

#[tokio::test]
async fn handing_deals_in_tells_no_more_than_asking_does() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    known(&world).await;
    let seller = world.seller("south").await;
    let thin = |name: &str| {
        let mut deal = world.deal(name);
        deal["evidence"] = json!([]);
        deal
    };
    // What is refused counts as a question, and is recorded once everything else is undone.
    let counted = async || app.rows(&["audit_events where action = 'account.check_availability'"]).await[0].1;
    assert_eq!(seller.refused("registerDeal", world.deal("Talvey Foods")).await, ["ACCOUNT_NOT_AVAILABLE"]);
    assert_eq!(counted().await, 1);
    let mut draft = thin("Talvey Foods");
    draft["draft"] = json!(true);
    let draft = world.register(&seller, draft).await;
    let submit = json!({ "id": draft["id"] });
    assert_eq!(seller.refused("submitDealRegistration", submit).await, ["ACCOUNT_NOT_AVAILABLE"]);
    assert_eq!(counted().await, 2);
    let answer = seller.ask(CHECK, about(&world, "Nobody Has Heard Of")).await;
    assert_eq!(answer.data["checkAvailability"]["leftToday"], 47);
    // Whoever has asked as often as it may finds out no other way: what proves nothing waits for the next day.
    allow(&app, 3).await;
    for name in ["Talvey Foods", "Nobody Has Heard Of"] {
        let document = "mutation($input: RegisterDealInput!) { registerDeal(input: $input) { userErrors { code } } }";
        let answer = seller.ask(document, json!({ "input": thin(name) })).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], "RATE_LIMITED", "{name}");
    }
    assert_eq!(world.register(&seller, world.deal("Nobody Has Heard Of")).await["state"], "SUBMITTED");
    // Whoever has all its holds learns nothing either.
    let other = world.seller("west").await;
    for name in ["Amber", "Birch", "Cedar"] {
        world.register(&other, thin(name)).await;
    }
    for name in ["Talvey Foods", "Velmora Dynamics", "Nobody Knows Them"] {
        assert_eq!(other.refused("registerDeal", thin(name)).await, ["HOLDS_USED_UP"], "{name}");
    }
    app.check().await;
}
