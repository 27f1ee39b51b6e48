//! Agreements: texts that never change once published, who accepted which, and what follows when nobody did in time.

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::{accept, approved, step};
use crate::{
    deals::{World, product_line},
    mdf::Funds,
    support::{Person, TestApp, race::race},
};

const TABLES: &[&str] = &[
    "agreements",
    "agreement_acceptances",
    "onboarding_steps",
    "onboarding_plans",
    "audit_events",
    "decision_receipts",
];
const TEXT: &str =
    "agreement { id textVersion partnerType title text sha256 state effectiveAt reacceptanceDueAt version
    allowedActions editableFields nextDeadlineAt publishedAt }";
const STANDINGS: &str =
    "{ viewer { partner { agreements { agreement { id textVersion sha256 } isOutstanding dueAt isOverdue
    acceptance { sha256 acceptedAt acceptedBy { name } } } } } }";

/// A new text in force from now on, with a date of grace if there is one.
async fn published(ops: &Person<'_>, text: &str, partner_type: Value, due: Value) -> Value {
    let draft = json!({ "title": "Partner agreement", "text": text, "partnerType": partner_type });
    let draft = ops.done("draftAgreement", draft, TEXT).await["agreement"].clone();
    let input = json!({ "agreementId": draft["id"], "reacceptanceDueAt": due, "expectedVersion": draft["version"] });
    ops.done("publishAgreement", input, TEXT).await["agreement"].clone()
}

async fn standings(person: &Person<'_>) -> Vec<Value> {
    let answer = person.ask(STANDINGS, Value::Null).await;
    answer.data["viewer"]["partner"]["agreements"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone()
}

fn named(text: &Value) -> Value {
    json!({ "agreementId": text["id"], "sha256": text["sha256"] })
}

#[tokio::test]
async fn a_company_accepts_the_text_that_it_has_read_and_the_step_completes_itself() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let ana = accept(&app, &approval).await;
    let open = standings(&ana).await;
    assert_eq!((&open[0]["isOutstanding"], &open[0]["acceptance"], open.len()), (&json!(true), &Value::Null, 1));

    let input = json!({ "agreementId": open[0]["agreement"]["id"], "sha256": open[0]["agreement"]["sha256"],
        "idempotencyKey": "a-1" });
    let selection = "acceptance { sha256 acceptedAt acceptedBy { name } } partner { onboardingSteps { step state completedBy { name }
        agreementVersion agreementSha256 } }";
    let accepted = ana.done("acceptAgreement", input.clone(), selection).await;
    assert_eq!(accepted["acceptance"]["acceptedAt"], "2026-03-02T09:00:00.000000Z");
    assert_eq!(accepted["acceptance"]["acceptedBy"]["name"], "Ana Appel");
    let signed = &accepted["partner"]["onboardingSteps"][0];
    assert_eq!((&signed["step"], &signed["state"]), (&json!("SIGN_AGREEMENT"), &json!("DONE")));
    assert_eq!((&signed["completedBy"]["name"], &signed["agreementVersion"]), (&json!("Ana Appel"), &json!(1)));
    assert_eq!(signed["agreementSha256"], open[0]["agreement"]["sha256"]);

    let before = app.rows(TABLES).await;
    assert_eq!(ana.done("acceptAgreement", input.clone(), selection).await, accepted);
    let again = json!({ "agreementId": input["agreementId"], "sha256": input["sha256"] });
    assert_eq!(ana.refused("acceptAgreement", again).await, ["WRONG_STATE"]);
    assert_eq!(app.rows(TABLES).await, before);
    assert_eq!(standings(&ana).await[0]["isOutstanding"], false);
    app.check().await;
}

#[tokio::test]
async fn what_was_not_read_or_is_not_in_force_is_not_accepted() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let ana = accept(&app, &approval).await;
    let first = standings(&ana).await[0]["agreement"].clone();
    let next = published(&ops, "Second text", Value::Null, Value::Null).await;
    let foreign = published(&ops, "For those who influence", json!("INFLUENCE"), Value::Null).await;
    let draft =
        ops.done("draftAgreement", json!({ "title": "Draft", "text": "Third text" }), TEXT).await["agreement"].clone();
    let later =
        ops.done("draftAgreement", json!({ "title": "Later", "text": "Fourth text" }), TEXT).await["agreement"].clone();
    let input = json!({ "agreementId": later["id"], "effectiveAt": "2026-03-09T09:00:00Z" });
    let later = ops.done("publishAgreement", input, TEXT).await["agreement"].clone();
    let mut other = named(&next);
    other["sha256"] = json!("0".repeat(64));
    let mut broken = named(&next);
    broken["sha256"] = json!("abc");
    let missing = json!({ "agreementId": "agr_00000000000000000000000000000001", "sha256": next["sha256"] });

    let before = app.rows(TABLES).await;
    for (input, code) in [
        (other, "AGREEMENT_OUTDATED"),
        (broken, "MALFORMED"),
        (named(&first), "AGREEMENT_OUTDATED"),
        (named(&foreign), "AGREEMENT_OUTDATED"),
        (named(&later), "AGREEMENT_OUTDATED"),
        // Drafts are the vendor's: for a partner they do not exist.
        (named(&draft), "NOT_FOUND"),
        (missing, "NOT_FOUND"),
    ] {
        assert_eq!(ana.refused("acceptAgreement", input.clone()).await, [code], "{input}");
    }
    let node = "query($id: ID!) { node(id: $id) { id } agreements(first: 100) { nodes { textVersion state } } }";
    let shown = ana.ask(node, json!({ "id": draft["id"] })).await;
    assert_eq!(shown.data["node"], Value::Null);
    assert!(!shown.data.to_string().contains("DRAFT"), "{shown:?}");
    assert_eq!(app.rows(TABLES).await, before);
    // The old text by the step is no way around either.
    let sign = json!({ "stepId": step(&approval, "SIGN_AGREEMENT"),
        "agreement": { "version": first["textVersion"], "sha256": first["sha256"] } });
    assert_eq!(ana.refused("completeOnboardingStep", sign).await, ["AGREEMENT_OUTDATED"]);
}

#[tokio::test]
async fn the_step_is_done_with_the_last_of_several_texts() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let ana = accept(&app, &approval).await;
    let own = published(&ops, "For those who resell", json!("RESELLER"), Value::Null).await;
    let open = standings(&ana).await;
    assert_eq!(open.iter().filter(|standing| standing["isOutstanding"] == true).count(), 2);
    let general = open.iter().find(|standing| standing["agreement"]["id"] != own["id"]).unwrap()["agreement"].clone();
    let sign = |text: &Value| {
        json!({ "stepId": step(&approval, "SIGN_AGREEMENT"),
            "agreement": { "version": text["textVersion"], "sha256": text["sha256"] } })
    };
    let first = ana.done("completeOnboardingStep", sign(&own), "step { state version }").await;
    assert_eq!(first["step"], json!({ "state": "PENDING", "version": 1 }));
    let last = ana.done("completeOnboardingStep", sign(&general), "step { state agreementVersion }").await;
    assert_eq!(last["step"], json!({ "state": "DONE", "agreementVersion": 1 }));
    assert_eq!(app.rows(&["agreement_acceptances"]).await[0].1, 2);
    app.check().await;
}

#[tokio::test]
async fn after_the_date_of_grace_nothing_new_is_started_until_the_text_is_accepted() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let line = product_line(&funds.ops, "GTX-PRO").await;
    let mut world = World { app: &app, ops: funds.ops.clone(), line };
    let seller = world.seller("north").await;
    world.register(&seller, world.deal("Acme")).await;
    app.advance(TimeDelta::minutes(1));
    let text = published(&world.ops, "Second text", Value::Null, json!("2026-03-12T09:01:00Z")).await;
    assert_eq!(text["nextDeadlineAt"], "2026-03-12T09:01:00.000000Z");

    // To the last microsecond.
    world.later(TimeDelta::days(10) - TimeDelta::microseconds(1)).await;
    let (seller, funds) = (world.back("north").await, funds.later(0).await);
    world.register(&seller, world.deal("Bravo")).await;
    funds.request(1000).await;
    let partner = "{ viewer { partner { id allowedActions agreements { isOutstanding isOverdue dueAt } } } }";
    let shown = seller.ask(partner, Value::Null).await.data["viewer"]["partner"].clone();
    assert_eq!(
        shown["agreements"][0],
        json!({ "isOutstanding": true, "isOverdue": false, "dueAt": "2026-03-12T09:01:00.000000Z" })
    );
    assert_eq!(shown["allowedActions"], json!(["REGISTER_DEAL"]));
    // Operations see who is missing, in pages.
    let missing = "query($id: ID!, $after: String) { node(id: $id) { ... on Agreement {
        outstandingPartners(first: 1, after: $after) { nodes { domain } totalCount pageInfo { endCursor hasNextPage } } } } }";
    let page = world.ops.ask(missing, json!({ "id": text["id"] })).await.data["node"]["outstandingPartners"].clone();
    assert_eq!((&page["nodes"], &page["totalCount"]), (&json!([{ "domain": "acme.example" }]), &json!(2)));
    let rest = json!({ "id": text["id"], "after": page["pageInfo"]["endCursor"] });
    let page = world.ops.ask(missing, rest).await.data["node"]["outstandingPartners"].clone();
    assert_eq!(
        (&page["nodes"], &page["pageInfo"]["hasNextPage"]),
        (&json!([{ "domain": "north.example" }]), &json!(false))
    );

    app.advance(TimeDelta::microseconds(1));
    let tables = ["deal_registrations", "accounts", "mdf_requests", "audit_events", "decision_receipts"];
    let before = app.rows(&tables).await;
    assert_eq!(seller.refused("registerDeal", world.deal("Charlie")).await, ["AGREEMENT_OUTSTANDING"]);
    assert_eq!(funds.marketer.refused("requestMdf", funds.webinar(1000)).await, ["AGREEMENT_OUTSTANDING"]);
    assert_eq!(app.rows(&tables).await, before);
    let shown = seller.ask(partner, Value::Null).await.data["viewer"]["partner"].clone();
    assert_eq!((&shown["agreements"][0]["isOverdue"], &shown["allowedActions"]), (&json!(true), &json!([])));
    // What was begun goes on.
    let north = shown["id"].as_str().unwrap().parse().unwrap();
    let admin = app.person("ana@north.example", Some(north), &[Role::PartnerAdmin]).await;
    admin.done("acceptAgreement", named(&text), "").await;
    world.register(&seller, world.deal("Charlie")).await;
    assert_eq!(funds.marketer.refused("requestMdf", funds.webinar(1000)).await, ["AGREEMENT_OUTSTANDING"]);

    // The policy may let them.
    let current = world.ops.ask(POLICY, Value::Null).await.data["onboardingPolicy"].clone();
    let lenient = json!({ "templates": current["templates"], "stalledAfterDays": current["stalledAfterDays"],
        "overdueAgreementBlocks": false, "expectedVersion": current["version"] });
    world.ops.done("setOnboardingPolicy", lenient, "policy { version }").await;
    funds.request(1000).await;
    app.check().await;
}

const POLICY: &str = "{ onboardingPolicy { version stalledAfterDays overdueAgreementBlocks
    templates { partnerType steps { step required dueAfterDays } } } }";

#[tokio::test]
async fn a_published_text_never_changes_and_a_draft_is_published_once() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let draft = json!({ "title": "Terms", "text": "First\r\nwords" });
    let draft = ops.done("draftAgreement", draft, TEXT).await["agreement"].clone();
    assert_eq!(
        (&draft["state"], &draft["textVersion"], &draft["text"]),
        (&json!("DRAFT"), &json!(2), &json!("First\nwords"))
    );
    assert_eq!(draft["allowedActions"], json!(["CHANGE", "PUBLISH"]));
    assert_eq!(draft["editableFields"], json!(["partnerType", "title", "text"]));
    let other = json!({ "agreementId": draft["id"], "title": "Terms", "text": "Other words", "expectedVersion": 1 });
    let changed = ops.done("changeAgreementDraft", other.clone(), TEXT).await["agreement"].clone();
    assert_ne!(changed["sha256"], draft["sha256"]);
    // printf 'Other words' | sha256sum
    assert_eq!(changed["sha256"], "9f7893be86ce5749cf01b2269a392eff37ca5491d01adbc3a2cf5fa58155c603");
    assert_eq!(ops.refused("changeAgreementDraft", other).await, ["VERSION_CONFLICT"]);
    for (input, code) in [
        (json!({ "effectiveAt": "2026-03-02T08:59:59Z" }), "OUT_OF_RANGE"),
        (json!({ "reacceptanceDueAt": "2026-03-02T09:00:00Z" }), "OUT_OF_RANGE"),
        (json!({ "effectiveAt": "2026-04-01T00:00:00Z", "reacceptanceDueAt": "2026-03-31T00:00:00Z" }), "OUT_OF_RANGE"),
        (json!({ "expectedVersion": 1 }), "VERSION_CONFLICT"),
    ] {
        let mut input = input;
        input["agreementId"] = draft["id"].clone();
        assert_eq!(ops.refused("publishAgreement", input.clone()).await, [code], "{input}");
    }
    let text = ops.done("publishAgreement", json!({ "agreementId": draft["id"] }), TEXT).await["agreement"].clone();
    assert_eq!((&text["state"], &text["allowedActions"]), (&json!("PUBLISHED"), &json!([])));
    let before = app.rows(TABLES).await;
    let change = json!({ "agreementId": draft["id"], "title": "Terms", "text": "Yet other words" });
    assert_eq!(ops.refused("changeAgreementDraft", change).await, ["WRONG_STATE"]);
    assert_eq!(ops.refused("publishAgreement", json!({ "agreementId": draft["id"] })).await, ["WRONG_STATE"]);
    assert_eq!(app.rows(TABLES).await, before);
    // Not even past the API, by the owner of the tables.
    let owner = app.database.open_as_owner().await;
    for sql in [
        "update agreements set text = 'x' where state = 'PUBLISHED'",
        "delete from agreements where state = 'PUBLISHED'",
    ] {
        let told = owner.pool().execute_unprepared(sql).await.unwrap_err().to_string();
        assert!(told.contains("are append-only"), "{told}");
    }
}

#[tokio::test]
async fn a_text_is_accepted_once_and_drafts_get_numbers_of_their_own_whatever_happens_at_once() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    for round in 0..20 {
        let partner =
            app.partner_in(&format!("p{round}.example"), PartnerState::Active, &[PartnerType::Reseller]).await;
        let one = app.person(&format!("one@p{round}.example"), Some(partner), &[Role::PartnerAdmin]).await;
        let text = standings(&one).await[0]["agreement"].clone();
        let document =
            "mutation($input: AcceptAgreementInput!) { acceptAgreement(input: $input) { userErrors { code } } }";
        let answers = race(2, |_| one.ask(document, json!({ "input": named(&text) }))).await;
        let done = answers.iter().filter(|answer| answer.data["acceptAgreement"]["userErrors"] == json!([])).count();
        assert_eq!(done, 1, "{answers:?}");
    }
    assert_eq!(app.rows(&["agreement_acceptances"]).await[0].1, 20);
    let drafts =
        race(5, |_| ops.done("draftAgreement", json!({ "title": "T", "text": "x" }), "agreement { textVersion }"))
            .await;
    let mut numbers: Vec<i64> =
        drafts.iter().map(|draft| draft["agreement"]["textVersion"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3, 4, 5, 6]);
    app.check().await;
}
