//! Completing an onboarding plan.

use chrono::TimeDelta;
use entity::value::{CompletionId, CourseId, PartnerId, PartnerState, RegistrationId, Role, TypedId, UserId};
use partner_portal::{
    kernel::event::DomainEvent,
    platform::{call::Call, events},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{accept, agrees, approved, step, targets};
use crate::support::{Person, TestApp, race::race};

const TABLES: &[&str] = &["onboarding_steps", "audit_events", "decision_receipts"];
const STEP: &str = "step { id step state completedAt completedBy { name } agreementVersion agreementSha256 text version
    allowedActions nextDeadlineAt } partner { state activatedAt version allowedActions }";
const PLAN: &str = "query($id: ID!) { partner(id: $id) { state activatedAt version nextDeadlineAt
    onboardingSteps { step state completedBy { name } allowedActions version } } }";

async fn signature(person: &Person<'_>) -> Value {
    let answer = person.ask("{ partnerAgreement { version sha256 text } }", json!({})).await;
    let agreement = &answer.data["partnerAgreement"];
    json!({ "version": agreement["version"], "sha256": agreement["sha256"] })
}

async fn states(person: &Person<'_>, approval: &Value) -> Vec<String> {
    let answer = person.ask(PLAN, json!({ "id": approval["partner"]["id"] })).await;
    let steps = answer.data["partner"]["onboardingSteps"].as_array().unwrap().clone();
    steps.iter().map(|step| step["state"].as_str().unwrap().to_owned()).collect()
}

fn partner_id(approval: &Value) -> PartnerId {
    approval["partner"]["id"].as_str().unwrap().parse().unwrap()
}

async fn happens(app: &TestApp, event: DomainEvent) {
    let call = Call::system(app.services.clone(), "test");
    call.in_transaction(async |txn| events::publish(txn, &call, event).await).await.unwrap();
}

#[tokio::test]
async fn with_the_last_required_step_the_partner_is_active() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let ana = accept(&app, &approval).await;

    let sign = json!({ "stepId": step(&approval, "SIGN_AGREEMENT"), "agreement": signature(&ana).await, "expectedVersion": 1, "idempotencyKey": "s-1" });
    let signed = ana.done("completeOnboardingStep", sign.clone(), STEP).await;
    assert_eq!(signed["step"]["state"], "DONE");
    assert_eq!(signed["step"]["completedAt"], "2026-03-02T09:00:00.000000Z");
    assert_eq!(signed["step"]["completedBy"]["name"], "Ana Appel");
    assert_eq!(signed["step"]["agreementVersion"], 1);
    assert_eq!(signed["step"]["agreementSha256"].as_str().unwrap().len(), 64);
    assert_eq!(signed["step"]["allowedActions"], json!([]));
    assert_eq!(signed["step"]["nextDeadlineAt"], Value::Null);
    assert_eq!(signed["partner"]["state"], "ONBOARDING");

    // A lost answer is given again, and nothing is done twice.
    let before = app.rows(TABLES).await;
    assert_eq!(ana.done("completeOnboardingStep", sign, STEP).await, signed);
    assert_eq!(app.rows(TABLES).await, before);

    let profile = json!({ "stepId": step(&approval, "COMPLETE_PROFILE"), "text": "Haulage software\nsince 1998" });
    ana.done("completeOnboardingStep", profile, STEP).await;
    agrees(&ops, &ana).await;

    let answer = ana.ask(PLAN, json!({ "id": approval["partner"]["id"] })).await;
    assert_eq!(answer.data["partner"]["state"], "ACTIVE");
    assert_eq!(answer.data["partner"]["activatedAt"], "2026-03-02T09:00:00.000000Z");
    assert_eq!(answer.data["partner"]["version"], 2);
    assert_eq!(answer.data["partner"]["nextDeadlineAt"], Value::Null);
    // It completed itself.
    assert_eq!(answer.data["partner"]["onboardingSteps"][4]["completedBy"], Value::Null);
    assert_eq!(states(&ana, &approval).await, ["DONE", "DONE", "PENDING", "PENDING", "DONE", "PENDING"]);
}

#[tokio::test]
async fn what_the_rules_refuse_changes_nothing() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let ana = accept(&app, &approval).await;
    let (sign, profile) = (step(&approval, "SIGN_AGREEMENT"), step(&approval, "COMPLETE_PROFILE"));
    let signature = signature(&ana).await;
    ana.done("completeOnboardingStep", json!({ "stepId": profile, "text": "We sell" }), STEP).await;

    let before = app.rows(TABLES).await;
    let mut old = signature.clone();
    old["version"] = json!(0);
    let mut other = signature.clone();
    other["sha256"] = json!("0".repeat(64));
    let mut broken = signature.clone();
    broken["sha256"] = json!("abc");
    for (person, input, code) in [
        (&ana, json!({ "stepId": sign }), "REQUIRED"),
        (&ana, json!({ "stepId": sign, "agreement": old }), "AGREEMENT_OUTDATED"),
        (&ana, json!({ "stepId": sign, "agreement": other }), "AGREEMENT_OUTDATED"),
        (&ana, json!({ "stepId": sign, "agreement": broken }), "MALFORMED"),
        (&ana, json!({ "stepId": sign, "agreement": signature, "expectedVersion": 2 }), "VERSION_CONFLICT"),
        (&ops, json!({ "stepId": sign, "agreement": signature }), "NOT_ALLOWED"),
        (&ana, json!({ "stepId": profile, "text": "We sell" }), "WRONG_STATE"),
        (&ana, json!({ "stepId": step(&approval, "AGREE_JOINT_BUSINESS_PLAN"), "text": "x" }), "STEP_COMPLETES_ITSELF"),
        (&ana, json!({ "stepId": step(&approval, "INVITE_COLLEAGUE") }), "STEP_COMPLETES_ITSELF"),
        (&ops, json!({ "stepId": step(&approval, "REGISTER_FIRST_DEAL") }), "STEP_COMPLETES_ITSELF"),
        (&ana, json!({ "stepId": "nonsense" }), "NOT_FOUND"),
    ] {
        assert_eq!(person.refused("completeOnboardingStep", input.clone()).await, [code], "{input}");
    }
    assert_eq!(app.rows(TABLES).await, before);

    let wanted = ["COMPLETE", "", "", "", "", ""];
    let answer = ana.ask(PLAN, json!({ "id": approval["partner"]["id"] })).await;
    for (step, wanted) in answer.data["partner"]["onboardingSteps"].as_array().unwrap().iter().zip(wanted) {
        assert_eq!(step["allowedActions"][0].as_str().unwrap_or(""), wanted, "{step}");
    }
}

#[tokio::test]
async fn a_foreign_step_is_answered_as_one_that_does_not_exist_and_others_may_not() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let foreign = app.partner("foreign.example").await;
    let stranger = app.person("bea@foreign.example", Some(foreign), &[Role::PartnerAdmin]).await;
    let seller = app.person("sam@acme.example", Some(partner_id(&approval)), &[Role::Seller]).await;
    let finance = app.staff(Role::Finance).await;
    let before = app.rows(TABLES).await;
    let document = "mutation($id: ID!) { completeOnboardingStep(input: { stepId: $id, text: \"x\" }) {
        step { id } partner { id } userErrors { code message field } } }";
    let profile = step(&approval, "COMPLETE_PROFILE");
    let missing = stranger.ask(document, json!({ "id": "stp_00000000000000000000000000000001" })).await;
    assert_eq!(stranger.ask(document, json!({ "id": profile })).await.body, missing.body);
    assert_eq!(missing.data["completeOnboardingStep"]["userErrors"][0]["code"], "NOT_FOUND");
    for (person, code) in [(&app.anonymous(), "UNAUTHENTICATED"), (&seller, "FORBIDDEN"), (&finance, "FORBIDDEN")] {
        assert_eq!(person.ask(document, json!({ "id": profile })).await.errors[0]["extensions"]["code"], code);
    }
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let missing = stranger.ask(node, json!({ "id": "stp_00000000000000000000000000000001" })).await;
    assert_eq!(stranger.ask(node, json!({ "id": profile })).await.body, missing.body);
    assert_eq!(app.rows(TABLES).await, before);
}

#[tokio::test]
async fn a_suspended_partner_reads_its_plan_and_completes_nothing() {
    let app = TestApp::start().await;
    let partner = app.partner_in("acme.example", PartnerState::Suspended, &[]).await;
    let ana = app.person("ana@acme.example", Some(partner), &[Role::PartnerAdmin]).await;
    let input = json!({ "stepId": "stp_00000000000000000000000000000001", "text": "x" });
    assert_eq!(ana.refused("completeOnboardingStep", input).await, ["PARTNER_NOT_ACTIVE"]);
    let answer = ana.ask("{ viewer { partner { state allowedActions onboardingSteps { id } } } }", json!({})).await;
    assert_eq!(
        answer.data["viewer"]["partner"],
        json!({ "state": "SUSPENDED", "allowedActions": [], "onboardingSteps": [] })
    );
}

#[tokio::test]
async fn steps_complete_themselves_when_the_thing_happens() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let ana = accept(&app, &approval).await;
    // The first person to join is the contact, who is no colleague of anybody yet.
    assert_eq!(states(&ana, &approval).await[2], "PENDING");

    let partner_id = partner_id(&approval);
    app.create_user("bea@acme.example", Some(partner_id), &[Role::Seller]).await;
    let people = "query($id: ID!) { partner(id: $id) { users { id name } } }";
    let people = ana.ask(people, json!({ "id": partner_id.to_string() })).await.data["partner"]["users"].clone();
    let bea = people.as_array().unwrap().iter().find(|user| user["name"] == "bea").unwrap()["id"].clone();
    let user_id: UserId = bea.as_str().unwrap().parse().unwrap();
    happens(&app, DomainEvent::ColleagueJoined { partner_id, user_id }).await;
    assert_eq!(states(&ana, &approval).await, ["PENDING", "PENDING", "DONE", "PENDING", "PENDING", "PENDING"]);

    let passed = |is_foundation| DomainEvent::TrainingCompleted {
        partner_id,
        user_id,
        course_id: CourseId::from_uuid(Uuid::from_u128(2)),
        completion_id: CompletionId::from_uuid(Uuid::from_u128(3)),
        is_foundation,
        completed_at: app.now(),
    };
    for (is_foundation, wanted) in [(false, "PENDING"), (true, "DONE")] {
        happens(&app, passed(is_foundation)).await;
        assert_eq!(states(&ana, &approval).await[3], wanted);
    }

    let registration_id = RegistrationId::from_uuid(Uuid::from_u128(4));
    happens(&app, DomainEvent::RegistrationQualified { partner_id, registration_id }).await;
    assert_eq!(states(&ana, &approval).await, ["PENDING", "PENDING", "DONE", "DONE", "PENDING", "DONE"]);
    // Once is enough.
    let before = app.rows(TABLES).await;
    happens(&app, DomainEvent::RegistrationQualified { partner_id, registration_id }).await;
    assert_eq!(app.rows(TABLES).await, before);
}

#[tokio::test]
async fn the_last_required_steps_at_once_make_the_partner_active_once() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    // Connections are opened beforehand, so that the two requests really meet.
    race(10, |_| ops.ask(PLAN, json!({ "id": "ptr_00000000000000000000000000000001" }))).await;
    for round in 0..10 {
        let approval = approved(&app, &ops, &format!("acme{round}.example")).await;
        let ana = accept(&app, &approval).await;
        let sign = json!({ "stepId": step(&approval, "SIGN_AGREEMENT"), "agreement": signature(&ana).await });
        ana.done("completeOnboardingStep", sign, STEP).await;
        app.advance(TimeDelta::minutes(1));
        let plan = json!({ "year": 2026, "currency": "EUR", "targets": targets(1) });
        let plan = ana.done("createBusinessPlan", plan, "businessPlan { id version }").await["businessPlan"].clone();
        ana.done("proposeBusinessPlan", json!({ "planId": plan["id"] }), "").await;
        ana.done("agreeBusinessPlan", json!({ "planId": plan["id"], "expectedVersion": 2 }), "").await;
        let profile = json!({ "input": { "stepId": step(&approval, "COMPLETE_PROFILE"), "text": "We sell" } });
        let agree = json!({ "input": { "planId": plan["id"], "expectedVersion": 3 } });
        let calls = [
            (
                &ana,
                "completeOnboardingStep",
                "mutation($input: CompleteOnboardingStepInput!) { completeOnboardingStep(input: $input) { userErrors { code } } }",
                profile,
            ),
            (
                &ops,
                "agreeBusinessPlan",
                "mutation($input: AgreeBusinessPlanInput!) { agreeBusinessPlan(input: $input) { userErrors { code } } }",
                agree,
            ),
        ];
        let answers = race(2, |number| {
            let (person, _, document, variables) = &calls[number];
            person.ask(document, variables.clone())
        })
        .await;
        for (answer, (_, mutation, ..)) in answers.iter().zip(&calls) {
            assert_eq!(answer.data[*mutation]["userErrors"], json!([]), "{answer:?}");
        }
        let answer = ana.ask(PLAN, json!({ "id": approval["partner"]["id"] })).await;
        assert_eq!(answer.data["partner"]["state"], "ACTIVE");
        assert_eq!(answer.data["partner"]["version"], 2);
    }
    app.check().await;
}
