mod agreements;
mod application_states;
mod applications;
mod audit;
mod business_plans;
mod lifecycle;
mod machines;
pub mod partner_states;
mod partners;
mod plans;
mod profiles;
mod review;
mod stalled;
mod territories;
mod tiers;
pub mod transitions;

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// What a company writes that applies with a domain.
fn application(domain: &str) -> Value {
    json!({
        "legalName": format!("{} GmbH", domain.split('.').next().unwrap()),
        "website": format!("https://www.{domain}/about"),
        "country": "DE",
        "partnerTypes": ["RESELLER"],
        "regions": ["EUROPE"],
        "industries": ["Logistics"],
        "expectedBusiness": "We sell to forty haulage companies in the north and expect ten deals in the first year.",
        "contact": { "name": "Ana Appel", "email": format!("ana@{domain}") },
    })
}

/// Applies, as a visitor; returns the application's id.
pub async fn apply(app: &TestApp, domain: &str) -> Value {
    let payload = app.anonymous().done("submitPartnerApplication", application(domain), "application { id }").await;
    payload["application"]["id"].clone()
}

/// Applies and is approved; returns the payload.
async fn approved(app: &TestApp, ops: &Person<'_>, domain: &str) -> Value {
    let id = apply(app, domain).await;
    ops.done(
        "approvePartnerApplication",
        json!({ "applicationId": id }),
        "partner { id onboardingSteps { id step } } application { id } invitationToken",
    )
    .await
}

/// The contact accepts the invitation and is signed in.
async fn accept<'a>(app: &'a TestApp, approval: &Value) -> Person<'a> {
    let input = json!({ "token": approval["invitationToken"], "password": crate::support::app::PASSWORD });
    let payload = app.anonymous().done("acceptInvitation", input, "tokens { accessToken }").await;
    Person { app, token: payload["tokens"]["accessToken"].as_str().map(str::to_owned) }
}

/// The id of a step of a plan.
fn step(approval: &Value, kind: &str) -> Value {
    let steps = approval["partner"]["onboardingSteps"].as_array().unwrap();
    steps.iter().find(|step| step["step"] == kind).unwrap()["id"].clone()
}

/// Both sides agree on a joint business plan for 2026, with which the step of the onboarding plan completes itself; the
/// plan's id.
async fn agrees(staff: &Person<'_>, admin: &Person<'_>) -> Value {
    const PLAN: &str = "businessPlan { id version }";
    let plan = json!({ "year": 2026, "currency": "EUR", "targets": targets(60_000_000) });
    let plan = admin.done("createBusinessPlan", plan, PLAN).await["businessPlan"].clone();
    let asked = json!({ "planId": plan["id"], "expectedVersion": plan["version"] });
    let mut plan = admin.done("proposeBusinessPlan", asked, PLAN).await["businessPlan"].clone();
    for side in [admin, staff] {
        let agreed = json!({ "planId": plan["id"], "expectedVersion": plan["version"] });
        plan = side.done("agreeBusinessPlan", agreed, PLAN).await["businessPlan"].clone();
    }
    plan["id"].clone()
}

/// What a joint business plan aims at.
fn targets(pipeline_minor: i64) -> Value {
    json!({ "pipelineMinorUnits": pipeline_minor.to_string(), "revenueMinorUnits": "20000000", "certifications": 3,
        "mdfActivities": 2, "note": "Ten deals in a year" })
}
