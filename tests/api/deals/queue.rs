//! The ops queue: oldest qualified first, what is overdue, whose it is, what is clean; many approved at once, and some without
//! a person.

use chrono::TimeDelta;
use entity::value::{Role, Tier};
use partner_portal::onboarding::tiers::rules::policy::TierPolicy;
use serde_json::{Value, json};

use super::{DEAL, TABLES, World, product_line, read, words};
use crate::support::{Person, TestApp};

const QUEUE: &str = "query($filter: RegistrationQueueFilter, $first: Int, $after: String) {
    registrationQueue(filter: $filter, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage }
        nodes { dueAt isOverdue isClean doubts reviewer { email } dealRegistration { id state account { name } partner { name } need } } } }";

async fn queue(person: &Person<'_>, filter: Value) -> Vec<Value> {
    let answer = person.ask(QUEUE, json!({ "filter": filter })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["registrationQueue"]["nodes"].as_array().unwrap().clone()
}

fn ids(nodes: &[Value]) -> Vec<Value> {
    nodes.iter().map(|node| node["dealRegistration"]["id"].clone()).collect()
}

pub fn strong(world: &World<'_>, customer: &str) -> Value {
    let mut deal = world.deal(customer);
    let more = [
        json!({ "kind": "DEMONSTRATION", "description": "shown" }),
        json!({ "kind": "CUSTOMER_CONFIRMATION", "description": "said so" }),
    ];
    deal["evidence"].as_array_mut().unwrap().extend(more);
    deal
}

/// Below which amount in euro cents the deals of a new partner are approved without a person.
pub fn ceiling() -> i64 {
    let policy = TierPolicy::default();
    let level = policy.programs[0].levels.iter().find(|level| level.tier == Tier::Registered).unwrap();
    level.benefits.auto_approval_ceiling_minor
}

#[tokio::test]
async fn the_queue_is_in_order_with_what_is_due_and_whose_it_is() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let mut deals = Vec::new();
    for number in 0..4 {
        let seller = if number % 2 == 0 { &north } else { &south };
        deals.push(world.register(seller, world.deal(&words(number))).await["id"].clone());
        app.advance(TimeDelta::minutes(1));
    }
    // What is not qualified, a draft, and what is decided wait for nobody.
    let mut thin = world.deal(&words(10));
    thin["evidence"] = json!([]);
    world.register(&north, thin).await;
    let mut draft = world.deal(&words(11));
    draft["draft"] = json!(true);
    world.register(&north, draft).await;
    world.approve(&world.register(&north, world.deal(&words(12))).await).await;
    assert_eq!(ids(&queue(&world.ops, json!({})).await), deals);

    world.ops.done("takeDealRegistration", json!({ "id": deals[2] }), "").await;
    let me = world.ops.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    assert_eq!(ids(&queue(&world.ops, json!({ "reviewerId": me })).await), [deals[2].clone()]);
    let free = [deals[0].clone(), deals[1].clone(), deals[3].clone()];
    assert_eq!(ids(&queue(&world.ops, json!({ "isUnassigned": true })).await), free);
    let partner = world
        .ops
        .ask("query($id: ID!) { dealRegistration(id: $id) { partner { id } } }", json!({ "id": deals[1] }))
        .await;
    let partner = &partner.data["dealRegistration"]["partner"]["id"];
    assert_eq!(ids(&queue(&world.ops, json!({ "partnerId": partner })).await), [deals[1].clone(), deals[3].clone()]);

    // Page by page, with a total.
    let first = world.ops.ask(QUEUE, json!({ "first": 3 })).await.data["registrationQueue"].clone();
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(4), &json!(true)));
    let rest = world.ops.ask(QUEUE, json!({ "first": 3, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(ids(rest.data["registrationQueue"]["nodes"].as_array().unwrap()), [deals[3].clone()]);

    // Two business days later to the instant, the first is overdue, and only that.
    world.later(TimeDelta::days(2) - TimeDelta::minutes(4) - TimeDelta::microseconds(1)).await;
    assert_eq!(queue(&world.ops, json!({ "isOverdue": true })).await, [] as [Value; 0]);
    app.advance(TimeDelta::microseconds(1));
    let overdue = queue(&world.ops, json!({ "isOverdue": true })).await;
    assert_eq!((ids(&overdue), &overdue[0]["isOverdue"]), (vec![deals[0].clone()], &json!(true)));
    assert_eq!(ids(&queue(&world.ops, json!({ "isOverdue": false })).await), deals[1..]);
    let taken = queue(&world.ops, json!({ "reviewerId": me })).await;
    assert_eq!(taken[0]["reviewer"]["email"], "channel_ops@vendor.example");
    assert_eq!(taken[0]["dealRegistration"]["need"], "They outgrew what they have.");

    let seller = world.back("north").await;
    let manager = app.staff(Role::ChannelManager).await;
    for person in [&seller, &manager] {
        let answer = person.ask(QUEUE, json!({})).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN");
    }
}

#[tokio::test]
async fn what_is_clean_says_why_not_and_many_are_approved_at_once() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let basic = product_line(&world.ops, "GTX-BASIC").await;
    let clean = world.register(&north, world.deal(&words(1))).await["id"].clone();
    let rivals = [
        world.register(&north, world.deal(&words(2))).await["id"].clone(),
        world.register(&south, world.deal(&words(2))).await["id"].clone(),
    ];
    let mut other_line = world.deal(&words(2));
    other_line["productLineIds"] = json!([basic]);
    let beside = world.register(&south, other_line).await["id"].clone();
    let reserved = world.register(&north, world.deal(&words(3))).await["id"].clone();
    let account = world
        .ops
        .ask("query($id: ID!) { dealRegistration(id: $id) { account { id } } }", json!({ "id": reserved }))
        .await;
    let account = account.data["dealRegistration"]["account"]["id"].clone();
    let doubtful = world.register(&north, world.deal(&words(4))).await["id"].clone();
    let other = world
        .ops
        .ask("query($id: ID!) { dealRegistration(id: $id) { account { id } } }", json!({ "id": doubtful }))
        .await;
    let other = other.data["dealRegistration"]["account"]["id"].clone();
    let reserve = json!({ "accountId": account, "reservedFor": "DIRECT", "reason": "Ours." });
    world.ops.done("reserveAccount", reserve, "").await;
    let direct = world.register(&north, world.deal(&words(6))).await["id"].clone();
    let worked_on = world
        .ops
        .ask("query($id: ID!) { dealRegistration(id: $id) { account { id } } }", json!({ "id": direct }))
        .await;
    let worked_on = worked_on.data["dealRegistration"]["account"]["id"].clone();
    let worked = json!({ "accountId": worked_on, "productLineIds": [world.line], "reference": "OPP-1" });
    world.ops.done("recordDirectOpportunity", worked, "").await;
    let stranger =
        world.ops.done("createAccount", json!({ "name": words(5), "country": "DE" }), "account { id }").await;
    crate::accounts::duplicates::propose(&app, &other, &stranger["account"]["id"], 8_000).await;

    let shown = queue(&world.ops, json!({})).await;
    let doubts = |id: &Value| {
        let entry = shown.iter().find(|node| node["dealRegistration"]["id"] == *id).unwrap();
        assert_eq!(entry["isClean"].as_bool().unwrap(), entry["doubts"] == json!([]));
        entry["doubts"].clone()
    };
    assert_eq!((doubts(&clean), doubts(&beside)), (json!([]), json!([])));
    assert_eq!((doubts(&rivals[0]), doubts(&rivals[1])), (json!(["RIVAL"]), json!(["RIVAL"])));
    assert_eq!(doubts(&reserved), json!(["ACCOUNT_RESERVED_FOR_DIRECT"]));
    assert_eq!(doubts(&direct), json!(["DIRECT_OPPORTUNITY_OPEN"]));
    assert_eq!(doubts(&doubtful), json!(["PROBABLE_DUPLICATE_ACCOUNT"]));

    let before = app.rows(TABLES).await;
    let many = vec![clean.clone(); 101];
    for (ids, code) in [(json!([]), "TOO_SHORT"), (json!(many), "TOO_LONG"), (json!([clean, clean]), "MALFORMED")] {
        assert_eq!(world.ops.refused("approveCleanDealRegistrations", json!({ "ids": ids })).await, [code]);
    }
    assert_eq!(app.rows(TABLES).await, before);
    let unknown = json!("reg_00000000000000000000000000000001");
    let asked = json!({ "ids": [clean, rivals[0], unknown, reserved, beside, doubtful], "idempotencyKey": "monday" });
    let results = "results { registrationId dealRegistration { state } userErrors { code } }";
    let done = world.ops.done("approveCleanDealRegistrations", asked.clone(), results).await["results"].clone();
    let told: Vec<_> = done
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            row["userErrors"][0]["code"].as_str().or(row["dealRegistration"]["state"].as_str()).unwrap().to_owned()
        })
        .collect();
    assert_eq!(told, ["PROTECTED", "NOT_CLEAN", "NOT_FOUND", "NOT_CLEAN", "PROTECTED", "NOT_CLEAN"]);
    let after = app.rows(&["protections", "decision_receipts", "audit_events"]).await;
    // A retry is answered the same and does nothing twice.
    let again = world.ops.done("approveCleanDealRegistrations", asked, results).await["results"].clone();
    assert_eq!(again, done);
    assert_eq!(app.rows(&["protections", "decision_receipts", "audit_events"]).await, after);
    assert_eq!(read(&world.ops, &rivals[0]).await["state"], "SUBMITTED");
    app.check().await;
}

#[tokio::test]
async fn what_a_page_costs_does_not_depend_on_how_many_it_has() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let count = async || {
        let mut least = u64::MAX;
        // Now and then a session is looked up anew.
        for _ in 0..3 {
            let before = app.services.db.statements();
            queue(&world.ops, json!({})).await;
            least = least.min(app.services.db.statements() - before);
        }
        least
    };
    world.register(&seller, world.deal(&words(0))).await;
    world.register(&seller, world.deal(&words(1))).await;
    let two = count().await;
    for number in 2..12 {
        world.register(&seller, world.deal(&words(number))).await;
    }
    assert_eq!(count().await, two);
    assert!(two <= 12, "{two} statements");
}

#[tokio::test]
async fn a_doubtful_account_is_left_to_a_person() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let mut accounts = Vec::new();
    for number in [1, 2] {
        let input = json!({ "name": words(number), "country": "DE" });
        accounts.push(world.ops.done("createAccount", input, "account { id }").await["account"]["id"].clone());
    }
    crate::accounts::duplicates::propose(&app, &accounts[0], &accounts[1], 8_000).await;
    let mut deal = strong(&world, &words(1));
    deal["amount"]["minorUnits"] = json!("1");
    assert_eq!(world.register(&seller, deal).await["state"], "SUBMITTED");
}

#[tokio::test]
async fn what_nothing_stands_against_is_approved_without_a_person_when_the_policy_says_so() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let with = |number: u32, minor: i64| {
        let mut deal = strong(&world, &words(number));
        deal["amount"]["minorUnits"] = json!(minor.to_string());
        deal
    };
    let ceiling = ceiling();
    assert!(ceiling > 1);
    let done = world.register(&north, with(1, ceiling - 1)).await;
    assert_eq!((&done["state"], &done["evidenceScore"]["total"]), (&json!("PROTECTED"), &json!(80)));
    let receipts = "query($id: ID!) { dealRegistration(id: $id) { receipts { decision outcome } } }";
    let receipts = north.ask(receipts, json!({ "id": done["id"] })).await.data["dealRegistration"]["receipts"].clone();
    let mut names: Vec<_> = receipts.as_array().unwrap().iter().map(|it| it["decision"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["registration.approve", "registration.approve_automatically", "registration.register", "registration.term"]
    );
    assert_eq!(app.rows(&["audit_events where action = 'registration.approve_automatically'"]).await[0].1, 1);

    // At the ceiling, in another currency, with less evidence, with a rival: a person decides.
    let mut dollars = with(2, 1);
    dollars["amount"]["currency"] = json!("USD");
    assert_eq!(world.register(&north, dollars).await["state"], "SUBMITTED");
    assert_eq!(world.register(&north, with(3, ceiling)).await["state"], "SUBMITTED");
    let weak = world.register(&north, world.deal(&words(4))).await;
    assert_eq!(weak["state"], "SUBMITTED");
    assert_eq!(world.register(&south, with(4, 1)).await["state"], "IN_REVIEW");
    assert_eq!(south.refused("registerDeal", with(1, 1)).await, ["ACCOUNT_NOT_AVAILABLE"]);

    // The last piece of evidence does it, and so does handing in a draft.
    let more = json!([{ "kind": "DEMONSTRATION", "description": "shown" }, { "kind": "CUSTOMER_CONFIRMATION", "description": "said so" }]);
    let fifth = world
        .register(&north, {
            let mut deal = world.deal(&words(5));
            deal["amount"]["minorUnits"] = json!("1");
            deal
        })
        .await;
    let after = north.done("addDealEvidence", json!({ "id": fifth["id"], "evidence": more }), DEAL).await;
    assert_eq!(after["dealRegistration"]["state"], "PROTECTED");
    let mut draft = with(6, 1);
    draft["draft"] = json!(true);
    let draft = world.register(&north, draft).await;
    assert_eq!(draft["state"], "DRAFT");
    let after = north.done("submitDealRegistration", json!({ "id": draft["id"] }), DEAL).await;
    assert_eq!(after["dealRegistration"]["state"], "PROTECTED");
    // Who is asked by a person is decided by one.
    let document = r#"{"automatic":{"enabled":false}}"#;
    app.execute(&format!(
        "insert into policy_documents (kind, version, effective_at, document) values ('deals', 2, 0, '{document}')"
    ))
    .await;
    assert_eq!(world.register(&north, with(7, 1)).await["state"], "SUBMITTED");
    app.check().await;
}
