//! Applying, approving, rejecting.

use chrono::TimeDelta;
use entity::value::Role;
use serde_json::{Value, json};

use super::{application, apply, approved};
use crate::support::{TestApp, race::race};

const ALL: &str = "application { id state outcome legalName website domain country partnerTypes regions industries
    expectedBusiness contactName contactEmail submittedAt decidedAt decidedBy { name } decisionNote
    fit { overall recommendation parts { aspect score reasons } } duplicateApplications { id }
    duplicateOfPartner { id } partner { id } allowedActions editableFields nextDeadlineAt version }";
const TABLES: &[&str] =
    &["partner_applications", "partners", "onboarding_steps", "invitations", "audit_events", "decision_receipts"];
const LIST: &str = "query($filter: PartnerApplicationFilter, $first: Int) {
    partnerApplications(filter: $filter, first: $first) { totalCount nodes {
        id state domain allowedActions decidedBy { name } partner { name users { id } onboardingSteps { step } }
        fit { overall } duplicateApplications { id } duplicateOfPartner { name } } } }";

#[tokio::test]
async fn anyone_applies_and_reads_back_what_they_wrote_but_not_what_staff_think() {
    let app = TestApp::start().await;
    let payload = app.anonymous().done("submitPartnerApplication", application("acme.example"), ALL).await;
    let written = &payload["application"];
    assert_eq!(written["state"], "SUBMITTED");
    assert_eq!(written["website"], "https://www.acme.example/about");
    assert_eq!(written["domain"], "acme.example");
    assert_eq!(written["country"], "DE");
    assert_eq!(written["nextDeadlineAt"], "2026-03-05T09:00:00.000000Z");
    assert_eq!(written["version"], 1);
    assert_eq!(written["allowedActions"], json!([]));
    for hidden in ["fit", "duplicateApplications", "duplicateOfPartner", "decisionNote", "outcome"] {
        assert_eq!(written[hidden], Value::Null, "{hidden}");
    }
}

#[tokio::test]
async fn bad_input_is_refused_with_its_field_and_changes_nothing() {
    let app = TestApp::start().await;
    let before = app.rows(TABLES).await;
    let long = "x".repeat(5_001);
    for (field, value, code) in [
        ("legalName", json!("  "), "REQUIRED"),
        ("legalName", json!("\u{200B}"), "REQUIRED"),
        ("website", json!("https://127.0.0.1/"), "MALFORMED"),
        ("website", json!("acme"), "MALFORMED"),
        ("website", json!("https://co.uk"), "MALFORMED"),
        ("website", json!("javascript:alert(1)"), "MALFORMED"),
        ("website", json!(""), "REQUIRED"),
        ("partnerTypes", json!([]), "TOO_SHORT"),
        ("regions", json!([]), "TOO_SHORT"),
        ("industries", json!(vec!["x"; 21]), "TOO_LONG"),
        ("industries", json!([" "]), "REQUIRED"),
        ("expectedBusiness", json!(long), "TOO_LONG"),
        ("contact", json!({ "name": "", "email": "a@acme.example" }), "REQUIRED"),
        ("contact", json!({ "name": "Ana", "email": "ana" }), "MALFORMED"),
        ("idempotencyKey", json!("a b"), "MALFORMED"),
    ] {
        let mut input = application("acme.example");
        input[field] = value.clone();
        assert_eq!(app.anonymous().refused("submitPartnerApplication", input).await, [code], "{field}: {value}");
    }
    let mut input = application("acme.example");
    input["country"] = json!("XX");
    let document = "mutation($input: SubmitPartnerApplicationInput!) { submitPartnerApplication(input: $input) { userErrors { code } } }";
    let answer = app.anonymous().ask(document, json!({ "input": input })).await;
    assert_ne!(answer.errors, Value::Null);
    assert_eq!(app.rows(TABLES).await, before);
}

#[tokio::test]
async fn a_retry_applies_once_and_a_key_that_a_stranger_used_is_free() {
    let app = TestApp::start().await;
    let mut input = application("acme.example");
    input["idempotencyKey"] = json!("apply-1");
    let first = app.anonymous().done("submitPartnerApplication", input.clone(), ALL).await;
    let second = app.anonymous().done("submitPartnerApplication", input.clone(), ALL).await;
    assert_eq!(first, second);
    assert_eq!(app.rows(&["partner_applications"]).await[0].1, 1);
    input["legalName"] = json!("Other");
    let other = app.anonymous().done("submitPartnerApplication", input, ALL).await;
    assert_ne!(other["application"]["id"], first["application"]["id"]);
}

#[tokio::test]
async fn duplicates_are_flagged_for_staff_and_the_applicant_is_answered_alike() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    app.partner("taken.example").await;
    let shape = |mut payload: Value| {
        for field in ["id", "legalName", "website", "domain", "contactEmail"] {
            payload["application"][field] = Value::Null;
        }
        payload
    };
    let fresh = app.anonymous().done("submitPartnerApplication", application("fresh.example"), ALL).await;
    let again = app.anonymous().done("submitPartnerApplication", application("fresh.example"), ALL).await;
    let taken = app.anonymous().done("submitPartnerApplication", application("taken.example"), ALL).await;
    assert_eq!(shape(fresh.clone()), shape(again.clone()));
    assert_eq!(shape(fresh.clone()), shape(taken.clone()));

    let listed = ops.ask(LIST, json!({})).await;
    assert_eq!(listed.errors, Value::Null);
    let of = |payload: &Value| {
        let nodes = listed.data["partnerApplications"]["nodes"].as_array().unwrap();
        nodes.iter().find(|node| node["id"] == payload["application"]["id"]).unwrap().clone()
    };
    assert_eq!(of(&fresh)["duplicateApplications"], json!([{ "id": again["application"]["id"] }]));
    assert_eq!(of(&again)["duplicateApplications"], json!([{ "id": fresh["application"]["id"] }]));
    assert_eq!(of(&fresh)["duplicateOfPartner"], Value::Null);
    assert_eq!(of(&taken)["duplicateOfPartner"]["name"], "taken");

    let before = app.rows(TABLES).await;
    let input = json!({ "applicationId": taken["application"]["id"] });
    assert_eq!(ops.refused("approvePartnerApplication", input).await, ["DOMAIN_TAKEN"]);
    assert_eq!(app.rows(TABLES).await, before);
}

#[tokio::test]
async fn approval_creates_the_partner_its_plan_and_an_invitation_that_works_once() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let id = apply(&app, "acme.example").await;
    let input = json!({ "applicationId": id, "note": "Good people.", "expectedVersion": 1, "idempotencyKey": "a-1" });
    let selection = &format!(
        "{ALL} invitationToken partner {{ id name domain country types state tier createdAt activatedAt version
        nextDeadlineAt onboardingSteps {{ step required dueAt state }} }}"
    );
    let payload = ops.done("approvePartnerApplication", input.clone(), selection).await;
    let (application, partner) = (&payload["application"], &payload["partner"]);
    assert_eq!(application["state"], "APPROVED");
    assert_eq!(application["outcome"], "ACCEPTED");
    assert_eq!(application["decidedBy"]["name"], "channel_ops");
    assert_eq!(application["decisionNote"], "Good people.");
    assert_eq!(application["version"], 2);
    assert_eq!(application["allowedActions"], json!([]));
    assert_eq!(application["partner"]["id"], partner["id"]);
    assert_eq!(application["duplicateOfPartner"], Value::Null);
    assert_eq!(application["fit"]["parts"].as_array().unwrap().len(), 4);
    assert_eq!(partner["state"], "ONBOARDING");
    assert_eq!(partner["tier"], "REGISTERED");
    assert_eq!(partner["activatedAt"], Value::Null);
    assert_eq!(partner["nextDeadlineAt"], "2026-03-09T09:00:00.000000Z");
    let steps: Vec<_> =
        partner["onboardingSteps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(
        steps,
        [
            "SIGN_AGREEMENT",
            "COMPLETE_PROFILE",
            "INVITE_COLLEAGUE",
            "FINISH_FOUNDATION_COURSE",
            "AGREE_JOINT_BUSINESS_PLAN",
            "REGISTER_FIRST_DEAL"
        ]
    );

    // The answer was lost and is asked for again: the same, token included, and nothing twice.
    let before = app.rows(TABLES).await;
    assert_eq!(ops.done("approvePartnerApplication", input, selection).await, payload);
    assert_eq!(app.rows(TABLES).await, before);

    let accept = json!({ "token": payload["invitationToken"], "password": crate::support::app::PASSWORD });
    let ana = super::accept(&app, &payload).await;
    let viewer = ana.ask("{ viewer { roles user { name } partner { name } } }", json!({})).await.data["viewer"].clone();
    assert_eq!(
        viewer,
        json!({ "roles": ["PARTNER_ADMIN"], "user": { "name": "Ana Appel" }, "partner": { "name": "acme GmbH" } })
    );
    assert_eq!(app.anonymous().refused("acceptInvitation", accept).await, ["INVALID_TOKEN"]);
}

#[tokio::test]
async fn what_is_decided_or_changed_in_between_is_not_decided_again() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let id = apply(&app, "acme.example").await;
    let stale = json!({ "applicationId": id, "expectedVersion": 7 });
    assert_eq!(ops.refused("approvePartnerApplication", stale.clone()).await, ["VERSION_CONFLICT"]);
    let payload = ops
        .done(
            "rejectPartnerApplication",
            json!({ "applicationId": id, "code": "NOT_A_FIT", "expectedVersion": 1 }),
            ALL,
        )
        .await;
    assert_eq!(payload["application"]["state"], "REJECTED");
    assert_eq!(payload["application"]["outcome"], "NOT_A_FIT");

    let before = app.rows(TABLES).await;
    assert_eq!(ops.refused("approvePartnerApplication", json!({ "applicationId": id })).await, ["WRONG_STATE"]);
    let reject = json!({ "applicationId": id, "code": "DUPLICATE" });
    assert_eq!(ops.refused("rejectPartnerApplication", reject.clone()).await, ["WRONG_STATE"]);
    let missing = json!({ "applicationId": "app_00000000000000000000000000000001" });
    assert_eq!(ops.refused("approvePartnerApplication", missing).await, ["NOT_FOUND"]);
    assert_eq!(ops.refused("approvePartnerApplication", json!({ "applicationId": "nonsense" })).await, ["NOT_FOUND"]);
    assert_eq!(app.rows(TABLES).await, before);
}

#[tokio::test]
async fn a_contact_who_is_a_user_already_cannot_be_invited_again() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    app.create_user("Ana@Acme.example", None, &[Role::Executive]).await;
    let id = apply(&app, "acme.example").await;
    let before = app.rows(TABLES).await;
    assert_eq!(ops.refused("approvePartnerApplication", json!({ "applicationId": id })).await, ["ADDRESS_TAKEN"]);
    assert_eq!(app.rows(TABLES).await, before);
}

#[tokio::test]
async fn only_ops_decide_and_only_staff_read() {
    let app = TestApp::start().await;
    let id = apply(&app, "acme.example").await;
    let own = app.partner("own.example").await;
    let admin = app.person("admin@own.example", Some(own), &[Role::PartnerAdmin]).await;
    let finance = app.staff(Role::Finance).await;
    let rep = app.staff(Role::DirectSales).await;
    let before = app.rows(TABLES).await;
    let approve =
        "mutation($id: ID!) { approvePartnerApplication(input: { applicationId: $id }) { userErrors { code } } }";
    let reject = "mutation($id: ID!) { rejectPartnerApplication(input: { applicationId: $id, code: NOT_A_FIT }) { userErrors { code } } }";
    for document in [approve, reject] {
        for (person, code) in
            [(&app.anonymous(), "UNAUTHENTICATED"), (&admin, "FORBIDDEN"), (&finance, "FORBIDDEN"), (&rep, "FORBIDDEN")]
        {
            let answer = person.ask(document, json!({ "id": id })).await;
            assert_eq!(answer.errors[0]["extensions"]["code"], code, "{document}");
        }
    }
    assert_eq!(app.rows(TABLES).await, before);

    for (person, code) in [(&app.anonymous(), "UNAUTHENTICATED"), (&admin, "FORBIDDEN"), (&rep, "FORBIDDEN")] {
        assert_eq!(person.ask(LIST, json!({})).await.errors[0]["extensions"]["code"], code);
        let node = "query($id: ID!) { node(id: $id) { id } }";
        let missing = person.ask(node, json!({ "id": "app_00000000000000000000000000000001" })).await;
        assert_eq!(person.ask(node, json!({ "id": id })).await.body, missing.body);
    }
    assert_eq!(finance.ask(LIST, json!({})).await.data["partnerApplications"]["nodes"][0]["allowedActions"], json!([]));
}

#[tokio::test]
async fn the_queue_is_filtered_and_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let mut costs = Vec::new();
    for round in 0..2 {
        for number in 0..3 {
            approved(&app, &ops, &format!("yes{round}{number}.example")).await;
            apply(&app, &format!("open{round}{number}.example")).await;
            apply(&app, &format!("open{round}{number}.example")).await;
            app.advance(TimeDelta::seconds(1));
        }
        let before = app.services.db.statements();
        let answer = ops.ask(LIST, json!({ "first": 100 })).await;
        costs.push(app.services.db.statements() - before);
        assert_eq!(answer.errors, Value::Null);
        assert_eq!(answer.data["partnerApplications"]["totalCount"], 9 * (round + 1));
    }
    assert_eq!(costs[0], costs[1]);

    for (filter, count) in [
        (json!({ "states": ["APPROVED"] }), 6),
        (json!({ "states": ["APPROVED", "SUBMITTED"] }), 18),
        (json!({ "countries": ["FR"] }), 0),
        (json!({ "text": "YES0" }), 3),
    ] {
        let answer = ops.ask(LIST, json!({ "filter": filter })).await;
        assert_eq!(answer.data["partnerApplications"]["totalCount"], count, "{filter}");
    }
}

#[tokio::test]
async fn twenty_approvals_of_one_application_at_once_make_one_partner() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let id = apply(&app, "acme.example").await;
    let codes = race(20, |_| approve_and_tell(&ops, json!({ "applicationId": id }))).await;
    assert_eq!(codes.iter().filter(|code| *code == "DONE").count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| *code == "WRONG_STATE").count(), 19, "{codes:?}");
    let rows = app.rows(&["partners", "onboarding_steps", "invitations"]).await;
    assert_eq!(rows.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 6, 1]);
    app.check().await;
}

#[tokio::test]
async fn twenty_approvals_of_rival_applications_of_one_company_at_once_make_one_partner() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(apply(&app, "acme.example").await);
    }
    let codes = race(20, |number| approve_and_tell(&ops, json!({ "applicationId": ids[number] }))).await;
    assert_eq!(codes.iter().filter(|code| *code == "DONE").count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| *code == "DOMAIN_TAKEN").count(), 19, "{codes:?}");
    let rows = app.rows(&["partners", "onboarding_steps", "invitations"]).await;
    assert_eq!(rows.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 6, 1]);
    app.check().await;
}

async fn approve_and_tell(ops: &crate::support::Person<'_>, input: Value) -> String {
    let document = "mutation($input: ApprovePartnerApplicationInput!) {
        approvePartnerApplication(input: $input) { partner { id } userErrors { code } } }";
    let answer = ops.ask(document, json!({ "input": input })).await;
    let payload = &answer.data["approvePartnerApplication"];
    match payload["userErrors"][0]["code"].as_str() {
        Some(code) => code.to_owned(),
        None if payload["partner"]["id"].is_string() => "DONE".to_owned(),
        None => answer.body.to_string(),
    }
}
