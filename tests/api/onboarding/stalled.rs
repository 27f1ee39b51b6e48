//! What staff change about onboarding plans, by which templates plans are made, and which of them stall.

use chrono::TimeDelta;
use entity::value::Role;
use serde_json::{Value, json};

use super::{accept, agrees, apply, approved, step};
use crate::support::{Engine, Person, TestApp, race::race};

const TABLES: &[&str] = &["onboarding_steps", "onboarding_plans", "partners", "audit_events", "decision_receipts"];
const STEP: &str = "step { id step title required dueAt state completedAt completedBy { name } waivedBy { name } reason version allowedActions }
    partner { state onboardingPlan { templateVersion begunAt lastProgressAt nextDueAt finishedAt } }";
const STALLED: &str = "query($after: String, $before: String, $first: Int, $last: Int) {
    stalledOnboarding(after: $after, before: $before, first: $first, last: $last) { totalCount pageInfo { endCursor hasNextPage hasPreviousPage }
        nodes { reasons partner { domain } plan { lastProgressAt } overdueSteps { step } } } }";

fn reason(step: &Value) -> Value {
    json!({ "stepId": step, "reason": "They know the product from before." })
}

#[tokio::test]
async fn staff_waive_steps_with_a_reason_and_with_the_last_required_one_the_partner_is_active() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let manager = app.staff(Role::ChannelManager).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let ana = accept(&app, &approval).await;
    let profile = step(&approval, "COMPLETE_PROFILE");
    ana.done("completeOnboardingStep", json!({ "stepId": profile, "text": "We sell" }), "").await;
    let sign = step(&approval, "SIGN_AGREEMENT");
    let waived = manager.done("waiveOnboardingStep", reason(&sign), STEP).await;
    assert_eq!((&waived["step"]["state"], &waived["step"]["completedBy"]), (&json!("WAIVED"), &Value::Null));
    assert_eq!(waived["step"]["waivedBy"]["name"], "channel_manager");
    assert_eq!(waived["step"]["allowedActions"], json!(["UNWAIVE"]));
    let seen =
        ana.ask("{ viewer { partner { onboardingSteps { state reason waivedBy { name } } } } }", Value::Null).await;
    let seen = &seen.data["viewer"]["partner"]["onboardingSteps"][0];
    assert_eq!(*seen, json!({ "state": "WAIVED", "reason": "They know the product from before.", "waivedBy": null }));

    let reopened =
        manager.done("unwaiveOnboardingStep", json!({ "stepId": sign, "reason": "Legal insists." }), STEP).await;
    assert_eq!(
        (&reopened["step"]["state"], &reopened["step"]["reason"]),
        (&json!("PENDING"), &json!("Legal insists."))
    );
    assert_eq!(reopened["partner"]["onboardingPlan"]["nextDueAt"], "2026-03-09T09:00:00.000000Z");
    manager.done("waiveOnboardingStep", reason(&sign), "").await;
    let last = ops.done("waiveOnboardingStep", reason(&step(&approval, "AGREE_JOINT_BUSINESS_PLAN")), STEP).await;
    assert_eq!(last["partner"]["state"], "ACTIVE");
    assert_eq!(last["partner"]["onboardingPlan"]["finishedAt"], "2026-03-02T09:00:00.000000Z");
    // Insisting again does not take back what the partner has become.
    let again = json!({ "stepId": sign, "reason": "Legal insists after all." });
    let again = ops.done("unwaiveOnboardingStep", again, STEP).await;
    assert_eq!((&again["partner"]["state"], &again["step"]["state"]), (&json!("ACTIVE"), &json!("PENDING")));
    assert_eq!(again["partner"]["onboardingPlan"]["finishedAt"], Value::Null);
    app.check().await;
}

#[tokio::test]
async fn staff_move_dates_and_add_steps() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let ana = accept(&app, &approval).await;
    let partner = &approval["partner"]["id"];
    let moved =
        json!({ "stepId": step(&approval, "SIGN_AGREEMENT"), "dueAt": "2026-04-01T00:00:00Z", "reason": "Holidays" });
    let moved = ops.done("rescheduleOnboardingStep", moved, STEP).await;
    assert_eq!(
        (&moved["step"]["dueAt"], &moved["step"]["state"]),
        (&json!("2026-04-01T00:00:00.000000Z"), &json!("PENDING"))
    );
    assert_eq!(moved["partner"]["onboardingPlan"]["nextDueAt"], "2026-03-16T09:00:00.000000Z");

    let errand = |title: &str, required: bool| {
        json!({ "partnerId": partner, "title": title, "required": required,
        "dueAt": "2026-03-05T00:00:00Z", "reason": "The auditors ask." })
    };
    let added = ops.done("addOnboardingStep", errand("Send the certificate", true), STEP).await;
    assert_eq!((&added["step"]["step"], &added["step"]["title"]), (&json!("OTHER"), &json!("Send the certificate")));
    assert_eq!(added["partner"]["onboardingPlan"]["nextDueAt"], "2026-03-05T00:00:00.000000Z");
    ops.done("addOnboardingStep", errand("Name a technician", false), STEP).await;
    // It is required like any other.
    let sign = ana.ask("{ partnerAgreement { version sha256 } }", Value::Null).await.data["partnerAgreement"].clone();
    ana.done("completeOnboardingStep", json!({ "stepId": step(&approval, "SIGN_AGREEMENT"), "agreement": sign }), "")
        .await;
    ana.done("completeOnboardingStep", json!({ "stepId": step(&approval, "COMPLETE_PROFILE"), "text": "We sell" }), "")
        .await;
    agrees(&ops, &ana).await;
    let state = "{ viewer { partner { state onboardingSteps { step } } } }";
    let seen = ana.ask(state, Value::Null).await.data["viewer"]["partner"].clone();
    assert_eq!((&seen["state"], seen["onboardingSteps"].as_array().unwrap().len()), (&json!("ONBOARDING"), 8));
    let done = ana.done("completeOnboardingStep", json!({ "stepId": added["step"]["id"], "text": "Sent" }), STEP).await;
    assert_eq!(done["partner"]["state"], "ACTIVE");
    assert_eq!(done["step"]["reason"], "The auditors ask.");
    app.check().await;
}

#[tokio::test]
async fn what_staff_may_not_change_stays() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let ana = accept(&app, &approval).await;
    let profile = step(&approval, "COMPLETE_PROFILE");
    ana.done("completeOnboardingStep", json!({ "stepId": profile, "text": "We sell" }), "").await;
    let sign = step(&approval, "SIGN_AGREEMENT");
    let without = app.partner("without.example").await.to_string();
    let errand = |partner: &str, due: &str| json!({ "partnerId": partner, "title": "x", "required": true, "dueAt": due, "reason": "y" });
    let moved = |due: &str| json!({ "stepId": sign, "dueAt": due, "reason": "y" });
    let before = app.rows(TABLES).await;
    for (mutation, input, code) in [
        ("waiveOnboardingStep", json!({ "stepId": sign, "reason": "  " }), "REQUIRED"),
        ("waiveOnboardingStep", json!({ "stepId": sign, "reason": "x", "expectedVersion": 7 }), "VERSION_CONFLICT"),
        ("waiveOnboardingStep", reason(&json!("stp_00000000000000000000000000000001")), "NOT_FOUND"),
        ("waiveOnboardingStep", reason(&profile), "WRONG_STATE"),
        ("unwaiveOnboardingStep", reason(&sign), "WRONG_STATE"),
        ("unwaiveOnboardingStep", reason(&profile), "WRONG_STATE"),
        ("rescheduleOnboardingStep", moved("2026-03-02T09:00:00Z"), "OUT_OF_RANGE"),
        ("rescheduleOnboardingStep", moved("2029-03-02T09:00:00Z"), "OUT_OF_RANGE"),
        ("addOnboardingStep", errand(&without, "2026-04-01T00:00:00Z"), "WRONG_STATE"),
        ("addOnboardingStep", errand("ptr_00000000000000000000000000000001", "2026-04-01T00:00:00Z"), "NOT_FOUND"),
        (
            "addOnboardingStep",
            errand(approval["partner"]["id"].as_str().unwrap(), "2026-03-01T00:00:00Z"),
            "OUT_OF_RANGE",
        ),
    ] {
        assert_eq!(ops.refused(mutation, input.clone()).await, [code], "{mutation} {input}");
    }
    assert_eq!(app.rows(TABLES).await, before);
}

#[tokio::test]
async fn a_step_that_is_waived_and_completed_at_once_ends_in_one_way() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    for round in 0..20 {
        let approval = approved(&app, &ops, &format!("p{round}.example")).await;
        let ana = accept(&app, &approval).await;
        let profile = step(&approval, "COMPLETE_PROFILE");
        let calls = [
            (
                &ana,
                "mutation($input: CompleteOnboardingStepInput!) { done: completeOnboardingStep(input: $input) { userErrors { code } } }",
                json!({ "stepId": profile, "text": "We sell" }),
            ),
            (
                &ops,
                "mutation($input: WaiveOnboardingStepInput!) { done: waiveOnboardingStep(input: $input) { userErrors { code } } }",
                reason(&profile),
            ),
        ];
        let answers = race(2, |number| {
            let (person, document, input) = &calls[number];
            person.ask(document, json!({ "input": input }))
        })
        .await;
        let codes: Vec<_> = answers.iter().map(|answer| answer.data["done"]["userErrors"].clone()).collect();
        let wrong = json!([{ "code": "WRONG_STATE" }]);
        assert!(codes == [json!([]), wrong.clone()] || codes == [wrong, json!([])], "{codes:?}");
    }
    app.check().await;
}

#[tokio::test]
async fn a_plan_is_made_by_the_templates_in_force_and_keeps_their_version() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let policy = "query($version: Int) { onboardingPolicy(version: $version) { version effectiveAt stalledAfterDays overdueAgreementBlocks
        templates { partnerType steps { step required dueAfterDays } } } }";
    let shipped = ops.ask(policy, Value::Null).await.data["onboardingPolicy"].clone();
    assert_eq!((&shipped["version"], &shipped["effectiveAt"]), (&json!(1), &Value::Null));
    let old = approved(&app, &ops, "old.example").await;
    let mut input = shipped.clone();
    for field in ["version", "effectiveAt"] {
        input.as_object_mut().unwrap().remove(field);
    }
    input["templates"][1] = json!({ "partnerType": "RESELLER", "steps": [
        { "step": "COMPLETE_PROFILE", "required": true, "dueAfterDays": 3 }] });
    input["effectiveAt"] = json!("2026-03-03T09:00:00Z");
    input["expectedVersion"] = json!(1);
    let kept = ops.done("setOnboardingPolicy", input.clone(), "policy { version effectiveAt }").await;
    assert_eq!(kept["policy"], json!({ "version": 2, "effectiveAt": "2026-03-03T09:00:00.000000Z" }));
    let before = app.rows(&["policy_documents", "audit_events"]).await;
    assert_eq!(ops.refused("setOnboardingPolicy", input.clone()).await, ["VERSION_CONFLICT"]);
    input["expectedVersion"] = json!(2);
    let mut early = input.clone();
    early["effectiveAt"] = json!("2026-03-02T10:00:00Z");
    assert_eq!(ops.refused("setOnboardingPolicy", early).await, ["OUT_OF_RANGE"]);
    let mut stuck = input.clone();
    stuck["templates"][1]["steps"][0]["required"] = json!(false);
    assert_eq!(ops.refused("setOnboardingPolicy", stuck).await, ["REQUIRED"]);
    assert_eq!(app.rows(&["policy_documents", "audit_events"]).await, before);

    let plan =
        "query($id: ID!) { partner(id: $id) { onboardingPlan { templateVersion } onboardingSteps { step dueAt } } }";
    app.advance(TimeDelta::days(1));
    let ops = app.sign_in("channel_ops@vendor.example").await;
    let fresh = approved(&app, &ops, "new.example").await;
    let made = ops.ask(plan, json!({ "id": fresh["partner"]["id"] })).await.data["partner"].clone();
    assert_eq!(made["onboardingPlan"]["templateVersion"], 2);
    assert_eq!(
        made["onboardingSteps"],
        json!([{ "step": "COMPLETE_PROFILE", "dueAt": "2026-03-06T09:00:00.000000Z" }])
    );
    // The plans that there were stay as they were made, and old versions stay readable.
    let kept = ops.ask(plan, json!({ "id": old["partner"]["id"] })).await.data["partner"].clone();
    assert_eq!(
        (&kept["onboardingPlan"]["templateVersion"], kept["onboardingSteps"].as_array().unwrap().len()),
        (&json!(1), 6)
    );
    assert_eq!(
        ops.ask(policy, json!({ "version": 1 })).await.data["onboardingPolicy"]["templates"],
        shipped["templates"]
    );
    assert_eq!(ops.ask(policy, json!({ "version": 3 })).await.errors[0]["extensions"]["code"], "BAD_INPUT");
}

#[tokio::test]
async fn a_partner_of_several_types_goes_through_the_union() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let mut both = super::application("both.example");
    both["partnerTypes"] = json!(["RETENTION", "RESELLER"]);
    let id =
        app.anonymous().done("submitPartnerApplication", both, "application { id }").await["application"]["id"].clone();
    let selection = "partner { onboardingSteps { step required } }";
    let made = ops.done("approvePartnerApplication", json!({ "applicationId": id }), selection).await;
    let required =
        made["partner"]["onboardingSteps"].as_array().unwrap().iter().filter(|step| step["required"] == true);
    let required: Vec<_> = required.map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(
        required,
        ["SIGN_AGREEMENT", "COMPLETE_PROFILE", "FINISH_FOUNDATION_COURSE", "AGREE_JOINT_BUSINESS_PLAN"]
    );
}

async fn stalled(ops: &Person<'_>, page: Value) -> Value {
    let answer = ops.ask(STALLED, page).await;
    assert_eq!(answer.errors, Value::Null, "{answer:?}");
    answer.data["stalledOnboarding"].clone()
}

#[tokio::test]
async fn stalled_onboarding_is_listed_those_without_progress_for_longest_first() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approvals = [approved(&app, &ops, "first.example").await, approved(&app, &ops, "second.example").await];
    app.advance(TimeDelta::minutes(5));
    let third = approved(&app, &ops, "third.example").await;
    for approval in approvals.iter().chain([&third]) {
        for kind in ["SIGN_AGREEMENT", "COMPLETE_PROFILE"] {
            let far = json!({ "stepId": step(approval, kind), "dueAt": "2026-04-15T00:00:00Z", "reason": "They asked for it." });
            ops.done("rescheduleOnboardingStep", far, "").await;
        }
    }
    assert_eq!(stalled(&ops, json!({})).await["totalCount"], 0);
    // To the last microsecond of 21 days.
    app.advance(TimeDelta::days(21) - TimeDelta::minutes(5));
    let ops = app.sign_in("channel_ops@vendor.example").await;
    assert_eq!(stalled(&ops, json!({})).await["totalCount"], 0);
    app.advance(TimeDelta::microseconds(1));
    let list = stalled(&ops, json!({})).await;
    let domains = |list: &Value| -> Vec<String> {
        list["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| node["partner"]["domain"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        (domains(&list), &list["totalCount"]),
        (vec!["first.example".to_owned(), "second.example".to_owned()], &json!(2))
    );
    assert_eq!(list["nodes"][0]["reasons"], json!(["NO_PROGRESS"]));

    // A step done is progress; what is overdue stalls all the same.
    let waive = json!({ "stepId": step(&approvals[0], "INVITE_COLLEAGUE"), "reason": "There is nobody else." });
    ops.done("waiveOnboardingStep", waive, "").await;
    assert_eq!(domains(&stalled(&ops, json!({})).await), ["second.example"]);
    app.advance(TimeDelta::days(24));
    let ops = app.sign_in("channel_ops@vendor.example").await;
    let list = stalled(&ops, json!({})).await;
    assert_eq!(domains(&list), ["second.example", "third.example", "first.example"]);
    assert_eq!(list["nodes"][2]["reasons"], json!(["OVERDUE", "NO_PROGRESS"]));
    assert_eq!(
        list["nodes"][2]["overdueSteps"],
        json!([{ "step": "SIGN_AGREEMENT" }, { "step": "COMPLETE_PROFILE" }, { "step": "AGREE_JOINT_BUSINESS_PLAN" }])
    );
    // Page by page, there and back.
    let one = stalled(&ops, json!({ "first": 2 })).await;
    let rest = stalled(&ops, json!({ "first": 2, "after": one["pageInfo"]["endCursor"] })).await;
    assert_eq!((domains(&rest), &rest["pageInfo"]["hasNextPage"]), (vec!["first.example".to_owned()], &json!(false)));
    let back = stalled(&ops, json!({ "last": 1, "before": one["pageInfo"]["endCursor"] })).await;
    assert_eq!(domains(&back), ["second.example"]);
    // Whoever is through is in no list.
    for kind in ["SIGN_AGREEMENT", "COMPLETE_PROFILE", "AGREE_JOINT_BUSINESS_PLAN"] {
        ops.done("waiveOnboardingStep", reason(&step(&third, kind)), "").await;
    }
    assert_eq!(domains(&stalled(&ops, json!({})).await), ["second.example", "first.example"]);
    app.check().await;
}

#[tokio::test]
async fn the_list_of_stalled_onboarding_is_read_along_an_index_in_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    apply(&app, "one.example").await;
    approved(&app, &ops, "acme.example").await;
    app.advance(TimeDelta::days(60));
    let ops = app.sign_in("channel_ops@vendor.example").await;
    let new_id = if Engine::current() == Engine::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let partners = format!(
        "insert into partners (id, name, name_key, website, domain, country, types, state, tier, created_at, version)
         select {new_id}, 'p' || n.i, 'p' || n.i, 'w', 'p' || n.i || '.example', 'DE', 'RESELLER', 'ONBOARDING', 'REGISTERED', n.i, 1
         from (with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000) select i from n) n"
    );
    app.execute(&partners).await;
    let plans = "insert into onboarding_plans (partner_id, template_version, begun_at, last_progress_at, next_due_at, finished_at, version)
        select id, 1, created_at, created_at, 1, case when created_at % 2 = 0 then 1 end, 1 from partners where name_key like 'p%' and types = 'RESELLER' and website = 'w'";
    app.execute(plans).await;
    app.analyze().await;
    let list = "query($first: Int, $after: String) { stalledOnboarding(first: $first, after: $after) {
        nodes { partner { name } overdueSteps { step } reasons } pageInfo { endCursor } } }";
    let mut counts = Vec::new();
    let mut after = Value::Null;
    for first in [5, 50, 50] {
        let before = app.services.db.statements();
        let answer = ops.ask(list, json!({ "first": first, "after": after })).await;
        counts.push(app.services.db.statements() - before);
        assert_eq!(answer.data["stalledOnboarding"]["nodes"].as_array().unwrap().len(), first, "{answer:?}");
        after = answer.data["stalledOnboarding"]["pageInfo"]["endCursor"].clone();
        let plan = app.plan_of(&[r#"FROM "onboarding_plans""#]).await;
        let bad = ["SCAN onboarding_plans\n", "Seq Scan on onboarding_plans", "TEMP B-TREE"];
        assert!(plan.contains("onboarding_plans_open_idx") && !bad.iter().any(|bad| plan.contains(bad)), "{plan}");
    }
    assert!(counts.iter().all(|count| *count == counts[0] && *count <= 6), "{counts:?}");
}
