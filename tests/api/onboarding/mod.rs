mod application_states;
mod applications;
mod audit;
mod lifecycle;
mod partner_states;
mod partners;
mod plans;
mod profiles;
mod review;
mod territories;
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
