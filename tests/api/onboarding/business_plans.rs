//! Joint business plans: both sides agree to the same targets, and progress is computed from what happened.

use entity::value::{PartnerId, PartnerState, PartnerType, Role};
use serde_json::{Value, json};

use super::{agrees, targets};
use crate::{
    deals::World,
    support::{Engine, Person, TestApp, race::race},
};

const TABLES: &[&str] = &["business_plans", "business_plan_revisions", "audit_events", "decision_receipts"];
const PLAN: &str =
    "businessPlan { id year currency state version allowedActions editableFields agreedAt closedAt closeReason
    revision { number targets { pipeline { minorUnits } certifications note } partnerAgreedAt partnerAgreedBy { name }
        vendorAgreedAt vendorAgreedBy { name } writtenBy { name } }
    agreedRevision { number } revisions { number targets { pipeline { minorUnits } } } }";

async fn admin<'a>(app: &'a TestApp, domain: &str) -> (PartnerId, Person<'a>) {
    let id = app.partner(domain).await;
    (id, app.person(&format!("ana@{domain}"), Some(id), &[Role::PartnerAdmin]).await)
}

async fn drafted(person: &Person<'_>, year: i32) -> Value {
    let input = json!({ "year": year, "currency": "EUR", "targets": targets(60_000_000) });
    person.done("createBusinessPlan", input, PLAN).await["businessPlan"].clone()
}

fn named(plan: &Value) -> Value {
    json!({ "planId": plan["id"], "expectedVersion": plan["version"] })
}

async fn act(person: &Person<'_>, mutation: &str, plan: &Value) -> Value {
    person.done(mutation, named(plan), PLAN).await["businessPlan"].clone()
}

#[tokio::test]
async fn both_sides_agree_and_an_amendment_asks_both_anew_while_the_agreed_one_stays_in_force() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let (_, ana) = admin(&app, "acme.example").await;
    let plan = drafted(&ana, 2026).await;
    assert_eq!((&plan["state"], &plan["allowedActions"]), (&json!("DRAFT"), &json!(["CHANGE", "PROPOSE"])));
    assert_eq!(plan["revision"]["writtenBy"]["name"], "ana");
    let plan = act(&ana, "proposeBusinessPlan", &plan).await;
    let plan = act(&ana, "agreeBusinessPlan", &plan).await;
    assert_eq!((&plan["state"], &plan["revision"]["partnerAgreedBy"]["name"]), (&json!("PROPOSED"), &json!("ana")));
    assert_eq!(plan["allowedActions"], json!(["CHANGE"]));

    // A changed target is not what was agreed to.
    let mut change = named(&plan);
    change["targets"] = targets(70_000_000);
    let plan = ops.done("changeBusinessPlan", change, PLAN).await["businessPlan"].clone();
    assert_eq!((&plan["state"], &plan["revision"]["number"]), (&json!("PROPOSED"), &json!(1)));
    assert_eq!((&plan["revision"]["partnerAgreedAt"], plan["revisions"].as_array().unwrap().len()), (&Value::Null, 1));
    let plan = act(&ops, "agreeBusinessPlan", &plan).await;
    assert_eq!(plan["agreedRevision"], Value::Null);
    let plan = act(&ana, "agreeBusinessPlan", &plan).await;
    assert_eq!((&plan["state"], &plan["agreedRevision"]["number"]), (&json!("AGREED"), &json!(1)));
    assert_eq!(plan["agreedAt"], "2026-03-02T09:00:00.000000Z");
    // The partner sees when the vendor agreed, not who.
    assert_ne!(plan["revision"]["vendorAgreedAt"], Value::Null);
    assert_eq!(plan["revision"]["vendorAgreedBy"], Value::Null);

    let mut change = named(&plan);
    change["targets"] = targets(90_000_000);
    let plan = ana.done("changeBusinessPlan", change, PLAN).await["businessPlan"].clone();
    assert_eq!((&plan["state"], &plan["revision"]["number"]), (&json!("PROPOSED"), &json!(2)));
    assert_eq!(plan["agreedRevision"]["number"], 1);
    let revisions = json!([{ "number": 2, "targets": { "pipeline": { "minorUnits": "90000000" } } },
        { "number": 1, "targets": { "pipeline": { "minorUnits": "70000000" } } }]);
    assert_eq!(plan["revisions"], revisions);
    let plan = act(&ana, "agreeBusinessPlan", &plan).await;
    let plan = act(&ops, "agreeBusinessPlan", &plan).await;
    assert_eq!((&plan["state"], &plan["agreedRevision"]["number"]), (&json!("AGREED"), &json!(2)));
    let mut close = named(&plan);
    close["reason"] = json!("A good year");
    let closed = ops.done("closeBusinessPlan", close, PLAN).await["businessPlan"].clone();
    assert_eq!((&closed["state"], &closed["closeReason"]), (&json!("CLOSED"), &json!("A good year")));
    assert_eq!(closed["allowedActions"], json!([]));
    app.check().await;
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let (partner, ana) = admin(&app, "acme.example").await;
    let (_, bea) = admin(&app, "other.example").await;
    let plan = drafted(&ana, 2026).await;
    let sleeping = app.partner_in("asleep.example", PartnerState::Suspended, &[PartnerType::Reseller]).await;
    let before = app.rows(TABLES).await;
    let new = |year: i32, partner_id: Value| json!({ "year": year, "currency": "EUR", "targets": targets(1), "partnerId": partner_id });
    let with = |field: &str, value: Value| {
        let mut input = new(2027, Value::Null);
        input["targets"][field] = value;
        input
    };
    for (person, mutation, input, code) in [
        (&ana, "createBusinessPlan", new(2026, Value::Null), "BUSINESS_PLAN_EXISTS"),
        (&ops, "createBusinessPlan", new(2026, json!(partner.to_string())), "BUSINESS_PLAN_EXISTS"),
        (&ops, "createBusinessPlan", new(2026, Value::Null), "REQUIRED"),
        (&ops, "createBusinessPlan", new(2026, json!(sleeping.to_string())), "PARTNER_NOT_ACTIVE"),
        (&bea, "createBusinessPlan", new(2026, json!(partner.to_string())), "NOT_FOUND"),
        (&ana, "createBusinessPlan", new(2024, Value::Null), "OUT_OF_RANGE"),
        (&ana, "createBusinessPlan", new(2029, Value::Null), "OUT_OF_RANGE"),
        (&ana, "createBusinessPlan", with("pipelineMinorUnits", json!("-1")), "OUT_OF_RANGE"),
        (&ana, "createBusinessPlan", with("certifications", json!(100_001)), "OUT_OF_RANGE"),
        (&ana, "agreeBusinessPlan", named(&plan), "WRONG_STATE"),
        (&ops, "closeBusinessPlan", named(&plan), "WRONG_STATE"),
        (&ana, "proposeBusinessPlan", json!({ "planId": plan["id"], "expectedVersion": 9 }), "VERSION_CONFLICT"),
        (&bea, "proposeBusinessPlan", named(&plan), "NOT_FOUND"),
    ] {
        assert_eq!(person.refused(mutation, input.clone()).await, [code], "{mutation} {input}");
    }
    assert_eq!(app.rows(TABLES).await, before);
}

/// What a plan's target is, what there is, and by how many rows.
async fn progress(person: &Person<'_>, plan: &Value) -> Vec<(String, Value, i64, i64, i64)> {
    let document = "query($id: ID!) { node(id: $id) { ... on BusinessPlan { progress { targets {
        target planned actual rows considered inOtherCurrencies reachedBp } } } } }";
    let answer = person.ask(document, json!({ "id": plan })).await;
    let number = |value: &Value| value.as_str().unwrap().parse::<i64>().unwrap();
    let told = |target: &Value| {
        let other = number(&target["inOtherCurrencies"]);
        (
            target["target"].as_str().unwrap().to_owned(),
            target["actual"].clone(),
            number(&target["rows"]),
            number(&target["considered"]),
            other,
        )
    };
    answer.data["node"]["progress"]["targets"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer:?}"))
        .iter()
        .map(told)
        .collect()
}

#[tokio::test]
async fn progress_is_computed_from_what_happened_and_no_data_is_no_zero() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let viewer = "{ viewer { partner { id } } }";
    let north = seller.ask(viewer, Value::Null).await.data["viewer"]["partner"]["id"].clone();
    let ana = app.person("ana@north.example", north.as_str().unwrap().parse().ok(), &[Role::PartnerAdmin]).await;
    let plan = agrees(&world.ops, &ana).await;
    let none = |target: &str| (target.to_owned(), Value::Null, 0, 0, 0);
    let kinds = ["PIPELINE", "REVENUE", "CERTIFICATIONS", "MDF_ACTIVITIES"];
    assert_eq!(progress(&ana, &plan).await, kinds.map(none));

    // A registered deal is data: nothing is won, and that is a zero.
    let won = world.register(&seller, world.deal("Acme")).await;
    let of = |target: &str, actual: &str, rows, considered, other| {
        (target.to_owned(), json!(actual), rows, considered, other)
    };
    let told = progress(&ana, &plan).await;
    assert_eq!(told[0], of("PIPELINE", "1000000", 1, 1, 0));
    assert_eq!(told[1], of("REVENUE", "0", 0, 1, 0));
    assert_eq!(told[2], none("CERTIFICATIONS"));

    // One in another currency, one withdrawn, one without enough evidence.
    let mut dollars = world.deal("Bravo");
    dollars["amount"]["currency"] = json!("USD");
    world.register(&seller, dollars).await;
    let withdrawn = world.register(&seller, world.deal("Charlie")).await;
    seller.done("withdrawDealRegistration", json!({ "id": withdrawn["id"] }), "").await;
    let mut thin = world.deal("Delta");
    thin["evidence"] = json!([]);
    world.register(&seller, thin).await;
    world.approve(&won).await;
    world.ops.done("markDealWon", json!({ "id": won["id"] }), "").await;
    let told = progress(&ana, &plan).await;
    assert_eq!(told[0], of("PIPELINE", "1000000", 1, 4, 1));
    assert_eq!(told[1], of("REVENUE", "1000000", 1, 4, 0));

    // A course that does not expire is no certification; one that does is, once a person.
    let learner = app.create_user("lea@north.example", north.as_str().unwrap().parse().ok(), &[Role::Learner]).await;
    for (code, months) in [("INTRO", Value::Null), ("EXPERT", json!(12))] {
        let course = json!({ "code": code, "title": code, "passMarkBp": 7000, "validityMonths": months });
        world.ops.done("createCourse", course, "").await;
        let row = |number: i32, score: i64| {
            json!({ "externalId": format!("{code}-{number}"), "person": { "id": learner.to_string() },
            "course": { "code": code }, "scoreBp": score, "completedAt": "2026-02-01T09:00:00Z" })
        };
        let rows = json!([row(1, 9000), row(2, 8000), row(3, 100)]);
        world.ops.done("recordTrainingCompletions", json!({ "source": "academy", "rows": rows }), "").await;
    }
    assert_eq!(progress(&ana, &plan).await[2], of("CERTIFICATIONS", "1", 1, 6, 0));
    app.check().await;
}

#[tokio::test]
async fn agreeing_and_amending_at_once_never_agrees_to_what_nobody_read() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    for round in 0..20 {
        let (_, ana) = admin(&app, &format!("p{round}.example")).await;
        let plan = drafted(&ana, 2026).await;
        let plan = act(&ana, "proposeBusinessPlan", &plan).await;
        let plan = act(&ops, "agreeBusinessPlan", &plan).await;
        let mut change = named(&plan);
        change["targets"] = targets(1);
        let calls = [
            (
                &ana,
                "mutation($input: AgreeBusinessPlanInput!) { done: agreeBusinessPlan(input: $input) { userErrors { code } } }",
                named(&plan),
            ),
            (
                &ops,
                "mutation($input: ChangeBusinessPlanInput!) { done: changeBusinessPlan(input: $input) { userErrors { code } } }",
                change,
            ),
        ];
        let answers = race(2, |number| {
            let (person, document, input) = &calls[number];
            person.ask(document, json!({ "input": input }))
        })
        .await;
        let codes: Vec<_> = answers.iter().map(|answer| answer.data["done"]["userErrors"].clone()).collect();
        let conflict = json!([{ "code": "VERSION_CONFLICT" }]);
        assert!(codes == [json!([]), conflict.clone()] || codes == [conflict, json!([])], "{codes:?}");
    }
    app.check().await;
}

#[tokio::test]
async fn a_page_of_plans_with_progress_costs_a_fixed_number_of_statements_along_indexes() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let document = "{ businessPlans(first: 50) { nodes { id partner { name } revisions { number } progress { targets { actual } } } } }";
    let mut counts = Vec::new();
    for round in 0..3 {
        for number in 0..3 {
            let (_, ana) = admin(&app, &format!("p{round}{number}.example")).await;
            agrees(&ops, &ana).await;
        }
        let before = app.services.db.statements();
        let answer = ops.ask(document, Value::Null).await;
        assert_eq!(answer.data["businessPlans"]["nodes"].as_array().unwrap().len(), (round + 1) * 3, "{answer:?}");
        counts.push(app.services.db.statements() - before);
    }
    assert_eq!(counts[0], counts[2], "{counts:?}");
    assert!(counts[0] <= 10, "{counts:?}");

    let plans = "insert into business_plans (id, partner_id, year, currency, state, revision, created_at, version)
        select NEW, p.id, 3000 + n.i, 'EUR', 'DRAFT', 1, 0, 1 from partners p,
        (with recursive n (i) as (select 1 union all select i + 1 from n where i < 400) select i from n) n";
    let new_id = if Engine::current() == Engine::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    app.execute(&plans.replace("NEW", new_id)).await;
    let revisions = "insert into business_plan_revisions (plan_id, revision, partner_id, pipeline_minor, revenue_minor,
        certifications, mdf_activities, created_at) select id, 1, partner_id, 0, 0, 0, 0, 0 from business_plans where year >= 3000";
    app.execute(revisions).await;
    app.analyze().await;
    let partner =
        ops.ask("{ partners(first: 1) { nodes { id } } }", Value::Null).await.data["partners"]["nodes"][0]["id"]
            .clone();
    let list = "query($filter: BusinessPlanFilter) { businessPlans(filter: $filter, first: 20) { nodes { id } } }";
    for (filter, index) in [
        (json!({ "partnerId": partner }), "business_plans_partner_id_idx"),
        (json!({ "states": ["PROPOSED"] }), "business_plans_state_idx"),
    ] {
        ops.ask(list, json!({ "filter": filter })).await;
        let plan = app.plan_of(&[r#"FROM "business_plans""#]).await;
        assert!(
            plan.contains(index) && !plan.contains("SCAN business_plans\n") && !plan.contains("Seq Scan"),
            "{filter}:\n{plan}"
        );
    }
}
