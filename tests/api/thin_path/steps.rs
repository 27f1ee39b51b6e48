//! The steps of the path, in order. Each makes one mutation and notes what later steps need, and what must be true from
//! then on.

use serde_json::{Value, json};

use super::walker::Walker;

/// The steps' names, in order.
pub const STEPS: &[&str] = &[
    "ops prepare product lines, a course and a program",
    "a company applies",
    "ops approve the application",
    "the contact accepts the invitation",
    "the contact signs in",
    "the agreement is signed",
    "the profile is completed",
    "the joint business plan is agreed",
    "ops allocate funds",
    "a deal is registered with evidence",
    "ops approve it: protection is granted",
    "a rival's registration is refused",
    "funds are requested with an outcome contract",
    "ops approve the request",
    "the activity is claimed",
    "ops approve the claim: the execution tranche is payable",
    "finance records the payment",
    "a training completion is recorded",
];

fn money(minor: i64) -> Value {
    json!({ "minorUnits": minor.to_string(), "currency": "EUR" })
}

fn application(name: &str, host: &str, contact: &str) -> Value {
    json!({
        "legalName": name, "website": format!("https://www.{host}/"), "country": "DE", "partnerTypes": ["RESELLER"],
        "regions": ["EUROPE"], "industries": ["Manufacturing"], "expectedBusiness": "Ten projects a year.",
        "contact": { "name": contact, "email": format!("contact@{host}") },
    })
}

/// A company comes in: applies, is approved, accepts; without notes, for the rival.
async fn comes_in(walker: &mut Walker, name: &str, host: &str) -> String {
    // What is made within a millisecond is in no particular order, so the list would not say which is the latest.
    let rival = application(name, host, "Rita Rival");
    let applied = walker.done("anonymous", "submitPartnerApplication", rival, "application { id }").await;
    let id = applied["application"]["id"].clone();
    let approved = walker
        .done("ops", "approvePartnerApplication", json!({ "applicationId": id }), "partner { id } invitationToken")
        .await;
    let accept = json!({ "token": approved["invitationToken"], "password": super::walker::PASSWORD });
    let accepted = walker.done("anonymous", "acceptInvitation", accept, "tokens { accessToken }").await;
    let key = format!("rival of {host}");
    walker.token(&key, &accepted["tokens"]["accessToken"]);
    for step in ["SIGN_AGREEMENT", "COMPLETE_PROFILE", "AGREE_JOINT_BUSINESS_PLAN"] {
        completes(walker, &key, step).await;
    }
    key
}

async fn completes(walker: &mut Walker, who: &str, step: &str) -> Value {
    if step == "AGREE_JOINT_BUSINESS_PLAN" {
        agrees(walker, who).await;
        let plan = walker.ask(who, "{ viewer { partner { onboardingSteps { id step state } } } }").await;
        let steps = plan["viewer"]["partner"]["onboardingSteps"].as_array().unwrap();
        return json!({ "step": steps.iter().find(|found| found["step"] == step).unwrap() });
    }
    let plan = walker
        .ask(who, "{ viewer { partner { onboardingSteps { id step } } } partnerAgreement { version sha256 } }")
        .await;
    let steps = plan["viewer"]["partner"]["onboardingSteps"].as_array().unwrap();
    let found = steps.iter().find(|found| found["step"] == step).unwrap_or_else(|| panic!("no {step} in {plan}"));
    let mut input = json!({ "stepId": found["id"] });
    match step {
        "SIGN_AGREEMENT" => input["agreement"] = plan["partnerAgreement"].clone(),
        _ => input["text"] = "Two offices, twenty consultants, ten projects a year.".into(),
    }
    walker.done(who, "completeOnboardingStep", input, "step { id state } partner { id state }").await
}

/// Both sides agree on a joint business plan, with which the step completes itself.
async fn agrees(walker: &mut Walker, who: &str) {
    const PLAN: &str = "businessPlan { id version }";
    let year: i32 = walker.day(0)[..4].parse().unwrap();
    let targets = json!({ "pipelineMinorUnits": "100000000", "revenueMinorUnits": "50000000", "certifications": 2,
        "mdfActivities": 1, "note": "Two offices, twenty consultants, ten projects a year." });
    let plan = json!({ "year": year, "currency": "EUR", "targets": targets });
    let plan = walker.done(who, "createBusinessPlan", plan, PLAN).await["businessPlan"].clone();
    let plan = json!({ "planId": plan["id"], "expectedVersion": plan["version"] });
    let mut plan = walker.done(who, "proposeBusinessPlan", plan, PLAN).await["businessPlan"].clone();
    for side in [who, "ops"] {
        let agreed = json!({ "planId": plan["id"], "expectedVersion": plan["version"] });
        plan = walker.done(side, "agreeBusinessPlan", agreed, PLAN).await["businessPlan"].clone();
    }
}

fn registration(walker: &Walker, line: &Value) -> Value {
    json!({
        "account": { "details": { "name": "Hansen Maschinenbau AG", "website": "https://hansen.example", "country": "DE" } },
        "productLineIds": [line], "amount": money(12_500_000), "expectedCloseOn": walker.day(60),
        "customerContact": { "name": "Ida Hansen", "email": "ida@hansen.example" }, "partnerRole": "RESELL",
        "need": "Replace three tools before the lease of the data centre ends.",
        "evidence": [
            { "kind": "CUSTOMER_IDENTITY", "description": "Register extract", "proof": "HRB 4711" },
            { "kind": "DECISION_MAKER", "description": "Head of operations" },
            { "kind": "INTERACTION", "occurredAt": walker.instant(-3), "description": "First meeting", "proof": "minutes" },
            { "kind": "INTERACTION", "occurredAt": walker.instant(-1), "description": "Workshop", "proof": "attendance list" },
        ],
    })
}

/// Makes one step.
pub async fn make(walker: &mut Walker, step: usize) {
    match step {
        0 => {
            let line = walker
                .done(
                    "admin",
                    "createProductLine",
                    json!({ "code": "PLATFORM", "name": "Platform" }),
                    "productLine { id }",
                )
                .await;
            walker.note("line", &line["productLine"]["id"]);
            let course =
                json!({ "code": "FOUNDATION", "title": "Foundations", "isFoundation": true, "passMarkBp": 7000 });
            walker.done("admin", "createCourse", course, "").await;
            let program = json!({
                "name": "Growth fund", "startsOn": walker.day(-30), "endsOn": walker.day(300), "budget": money(100_000_000),
                "activityTypes": [{ "activityType": "WEBINAR", "reimbursementRateBp": 5000, "cap": money(2_000_000) }],
            });
            let program = walker.done("ops", "createMdfProgram", program, "program { id }").await;
            walker.note("program", &program["program"]["id"]);
        }
        1 => {
            let input = application("Alpenblick IT GmbH", "alpenblick.example", "Paula Berger");
            walker.done("anonymous", "submitPartnerApplication", input, "").await;
            let found = walker.ask("ops", "{ partnerApplications(first: 1) { nodes { id } } }").await;
            walker.note("application", &found["partnerApplications"]["nodes"][0]["id"]);
            walker.holds("application", "... on PartnerApplication { state }", json!({ "state": "SUBMITTED" }));
        }
        2 => {
            let input = json!({ "applicationId": walker.fact("application") });
            let approved =
                walker.done("ops", "approvePartnerApplication", input, "partner { id } invitationToken").await;
            walker.note("partner", &approved["partner"]["id"]);
            walker.note("invitation", &approved["invitationToken"]);
            walker.holds("application", "... on PartnerApplication { state }", json!({ "state": "APPROVED" }));
        }
        3 => {
            let input = json!({ "token": walker.fact("invitation"), "password": super::walker::PASSWORD });
            let accepted = walker.done("anonymous", "acceptInvitation", input, "user { id }").await;
            walker.note("user", &accepted["user"]["id"]);
            walker.holds("user", "... on User { email }", json!({ "email": "contact@alpenblick.example" }));
        }
        4 => walker.sign_in("partner", "contact@alpenblick.example").await,
        5..=7 => {
            let step = ["SIGN_AGREEMENT", "COMPLETE_PROFILE", "AGREE_JOINT_BUSINESS_PLAN"][step - 5];
            let done = completes(walker, "partner", step).await;
            walker.note(step, &done["step"]["id"]);
            walker.holds(step, "... on OnboardingStep { state }", json!({ "state": "DONE" }));
            let state = if step == "AGREE_JOINT_BUSINESS_PLAN" { "ACTIVE" } else { "ONBOARDING" };
            walker.holds("partner", "... on Partner { state }", json!({ "state": state }));
        }
        8 => {
            let input = json!({ "programId": walker.fact("program"), "partnerId": walker.fact("partner"), "potential": money(5_000_000) });
            walker.done("ops", "allocateMdf", input, "").await;
        }
        9 => {
            let input = registration(walker, &walker.fact("line"));
            let registered = walker.done("partner", "registerDeal", input, "dealRegistration { id state }").await;
            walker.note("registration", &registered["dealRegistration"]["id"]);
        }
        10 => {
            let input = json!({ "id": walker.fact("registration") });
            walker.done("ops", "approveDealRegistration", input, "dealRegistration { id }").await;
            walker.holds("registration", "... on DealRegistration { state }", json!({ "state": "PROTECTED" }));
        }
        11 => {
            let rival = comes_in(walker, "Rivalis GmbH", "rivalis.example").await;
            let input = registration(walker, &walker.fact("line"));
            walker.refused(&rival, "registerDeal", input).await;
        }
        12 => {
            let input = json!({
                "programId": walker.fact("program"), "activityType": "WEBINAR", "title": "Leaving the data centre", "audience": "Heads of IT",
                "startsOn": walker.day(0), "endsOn": walker.day(0), "plannedCost": money(800_000), "requestedAmount": money(400_000),
                "qualifiedLeadDefinition": "Asked for a meeting", "targetLeads": 20, "targetPipeline": money(12_000_000),
            });
            let requested = walker.done("partner", "requestMdf", input, "request { id }").await;
            walker.note("request", &requested["request"]["id"]);
            walker.holds("request", "... on MdfRequest { state }", json!({ "state": "SUBMITTED" }));
        }
        13 => {
            walker
                .done("ops", "approveMdfRequest", json!({ "requestId": walker.fact("request") }), "request { id }")
                .await;
            walker.forget("request");
        }
        14 => {
            let input = json!({
                "requestId": walker.fact("request"),
                "lines": [{ "issuer": "Studio Nord", "number": "R-1001", "issuedOn": walker.day(0), "amount": money(780_000) }],
                "proofs": [{ "kind": "ATTENDEE_LIST", "description": "84 people took part" }], "actualResults": "17 asked for a meeting",
            });
            let claimed = walker.done("partner", "submitMdfClaim", input, "claim { id }").await;
            walker.note("claim", &claimed["claim"]["id"]);
            walker.holds("claim", "... on MdfClaim { state }", json!({ "state": "SUBMITTED" }));
        }
        15 => {
            let input = json!({ "claimId": walker.fact("claim") });
            let approved = walker.done("ops", "approveMdfClaim", input, "claim { tranches { id kind state } }").await;
            let tranches = approved["claim"]["tranches"].as_array().unwrap();
            let execution = tranches.iter().find(|tranche| tranche["kind"] == "EXECUTION").unwrap();
            assert_eq!(execution["state"], "PAYABLE");
            walker.note("tranche", &execution["id"]);
            walker.holds("claim", "... on MdfClaim { state }", json!({ "state": "APPROVED" }));
        }
        16 => {
            let input =
                json!({ "trancheId": walker.fact("tranche"), "reference": "SEPA-1001", "paidOn": walker.day(0) });
            let paid = walker.done("finance", "recordMdfPayment", input, "claim { payments { reference } }").await;
            assert_eq!(paid["claim"]["payments"][0]["reference"], "SEPA-1001");
            walker.holds(
                "claim",
                "... on MdfClaim { payments { reference } }",
                json!({ "payments": [{ "reference": "SEPA-1001" }] }),
            );
        }
        17 => {
            let row = json!({ "externalId": "c-1", "person": { "id": walker.fact("user") }, "course": { "code": "FOUNDATION" },
                "scoreBp": 8800, "completedAt": walker.instant(0) });
            walker.done("ops", "recordTrainingCompletions", json!({ "source": "academy", "rows": [row] }), "").await;
        }
        other => panic!("there is no step {other}"),
    }
}

/// Which activities the score must show once the steps up to and including this one were made, in any order.
pub fn shown_after(step: usize) -> Vec<&'static str> {
    [
        (2, "PARTNER_APPROVED"),
        (3, "COLLEAGUE_JOINED"),
        (3, "ACTIVE_USER_DAY"),
        (5, "ONBOARDING_STEP_COMPLETED"),
        (9, "REGISTRATION_QUALIFIED"),
        (10, "REGISTRATION_PROTECTED"),
        (13, "MDF_REQUEST_APPROVED"),
        (15, "MDF_CLAIM_APPROVED"),
        (16, "MDF_PAID"),
        (17, "TRAINING_COMPLETED"),
    ]
    .into_iter()
    .filter(|(from, _)| *from <= step)
    .map(|(_, kind)| kind)
    .collect()
}
