//! A field that fails leaves its siblings, on the real schema (hazards, row 14): nullable fields that load from another
//! table are asked for twice, the second time with that table broken.

use entity::value::Role;
use partner_portal::{
    onboarding::territories,
    platform::{auth::policy::Action, call::Call},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{deals::World, mdf::Funds, support::TestApp};

/// A document; and for each column that is broken, the fields that fail by it.
type Case = (&'static str, &'static [(&'static str, &'static [&'static str])]);

const CASES: &[Case] = &[
    (
        "{ dealRegistrations { nodes { state partner { name } account { name } version } } }",
        &[("partners.website", &["partner"]), ("accounts.created_at", &["account"])],
    ),
    (
        "{ auditEvents(first: 100) { nodes { action actor { name partner { name } } partner { name } requestId } } }",
        &[("partners.website", &["partner"]), ("users.email", &["actor"])],
    ),
    (
        "{ invitations { nodes { name state partner { name } invitedBy { name } } } }",
        &[("partners.website", &["partner"]), ("users.email", &["invitedBy"])],
    ),
    ("{ viewer { isStaff partner { name } roles } }", &[("partners.website", &["partner"])]),
    (
        "{ partners { nodes { name territory { name } nextDeadlineAt version } } }",
        &[("territories.created_at", &["territory"]), ("onboarding_steps.due_at", &["nextDeadlineAt"])],
    ),
    (
        "{ partners { nodes { name onboardingPlan { begunAt } nextTier { tier } version } } }",
        &[("onboarding_plans.begun_at", &["onboardingPlan"]), ("engagement_totals.decayed", &["nextTier"])],
    ),
    (
        "{ partners { nodes { name onboardingSteps { step completedBy { name } version }
            trainingCompletions { source course { code } user { name } externalId }
            mdfBalances { paid { minorUnits } program { name } allocated { minorUnits } }
            engagementScore { score recentActivities { kind user { name } occurredAt } isNew } version } } }",
        &[
            ("users.email", &["completedBy", "user"]),
            ("courses.title", &["course"]),
            ("mdf_programs.created_at", &["program"]),
        ],
    ),
    (
        "{ partnerApplications { nodes { legalName decidedBy { name } partner { name } duplicateApplications { legalName }
            duplicateOfPartner { name } state } } }",
        &[
            ("users.email", &["decidedBy"]),
            ("partners.website", &["partner", "duplicateApplications", "duplicateOfPartner"]),
        ],
    ),
    (
        "{ accounts(filter: { name: \"Rich\" }) { nodes { name names { name } domains registryIds { value } references { system }
            reservations { reason productLine { name } owner { name } } incumbents { since partner { name } } version } } }",
        &[
            ("account_names.added_at", &["names"]),
            ("account_domains.added_at", &["domains"]),
            ("account_registry_ids.added_at", &["registryIds"]),
            ("account_references.added_at", &["references"]),
            ("account_reservations.reserved_at", &["reservations"]),
            ("account_incumbents.since", &["incumbents"]),
            ("product_lines.created_at", &["productLine"]),
            ("users.email", &["owner"]),
            ("partners.website", &["partner"]),
        ],
    ),
    (
        "{ mdfPrograms { nodes { name unallocated { minorUnits } version } } }",
        &[("mdf_program_balances.unallocated", &["unallocated"])],
    ),
    (
        "{ mdfRequests { nodes { title partner { name } program { name } requestedBy { name } decidedBy { name } version } } }",
        &[
            ("partners.website", &["partner"]),
            ("mdf_programs.created_at", &["program"]),
            ("users.email", &["requestedBy", "decidedBy"]),
        ],
    ),
    (
        "{ mdfClaims { nodes { state partner { name } request { title } submittedBy { name } decidedBy { name } nextDeadlineAt
            payments { reference recordedBy { name } paidOn } version } } }",
        &[
            ("partners.website", &["partner"]),
            ("mdf_requests.title", &["request", "nextDeadlineAt"]),
            ("users.email", &["submittedBy", "decidedBy", "recordedBy"]),
        ],
    ),
    (
        "query($deal: ID!, $account: ID!, $partner: ID!, $request: ID!, $claim: ID!) { viewer { isStaff }
            dealRegistration(id: $deal) { state } account(id: $account) { name } partner(id: $partner) { name }
            node(id: $partner) { id } mdfRequest(id: $request) { title } mdfClaim(id: $claim) { state } }",
        &[
            ("deal_registrations.submitted_at", &["dealRegistration"]),
            ("accounts.created_at", &["account"]),
            ("partners.website", &["partner", "node"]),
            ("mdf_requests.title", &["mdfRequest"]),
            ("mdf_claims.submitted_at", &["mdfClaim"]),
        ],
    ),
    (
        "query($allocation: ID!) { node(id: $allocation) { id ... on MdfAllocation { program { name } partner { name } } } }",
        &[("mdf_programs.created_at", &["program"]), ("partners.website", &["partner"])],
    ),
];

/// Makes the fields of these names null, and collects their paths: what the answer is when they fail.
fn fail(value: &mut Value, fields: &[&str], path: &mut Vec<Value>, failed: &mut Vec<Value>) {
    let mut enter = |key: Value, inner: &mut Value, fails: bool| {
        path.push(key);
        if fails && !inner.is_null() {
            *inner = Value::Null;
            failed.push(json!(path));
        }
        fail(inner, fields, path, failed);
        path.pop();
    };
    match value {
        Value::Object(object) => object.iter_mut().for_each(|(name, inner)| {
            enter(json!(name), inner, fields.contains(&name.as_str()));
        }),
        Value::Array(items) => {
            items.iter_mut().enumerate().for_each(|(index, inner)| enter(json!(index), inner, false))
        }
        _ => {}
    }
}

async fn rename(app: &TestApp, column: &str, from: &str, to: &str) {
    let (table, _) = column.split_once('.').unwrap();
    // SQLite does not look by itself whether another connection has renamed it before; a read makes it look.
    let sql = format!("select count(*) from {table}; alter table {table} rename column {from} to {to}");
    app.database.open_as_owner().await.pool().execute_unprepared(&sql).await.unwrap();
}

/// Something of everything that the documents ask for; returns the ids in their variables.
async fn fill(app: &TestApp) -> (Value, World<'_>) {
    let (funds, tranches) = Funds::new(app).await.payable(&["RE-1", "RE-2"]).await;
    let finance = app.staff(Role::Finance).await;
    let payment = json!({ "trancheId": tranches[0], "reference": "SEPA-1", "paidOn": "2026-04-02" });
    finance.done("recordMdfPayment", payment, "").await;
    let other = app.partner("other.example").await;
    let allocation = funds.allocate(other, 50_000).await["allocation"]["id"].clone();

    let line = crate::deals::product_line(&funds.ops, "GTX-PRO").await;
    let world = World { app, ops: funds.ops.clone(), line };
    let mut deal = world.deal("Customer");
    deal["expectedCloseOn"] = json!("2026-12-31");
    let deal = world.register(&world.seller("north").await, deal).await["id"].clone();

    let ops = &world.ops;
    for (domain, approve) in [("new.example", true), ("north.example", false)] {
        let application = crate::onboarding::apply(app, domain).await;
        if approve {
            ops.done("approvePartnerApplication", json!({ "applicationId": application }), "").await;
        }
    }
    let someone = "update onboarding_steps set completed_by = (select id from users limit 1)";
    app.services.db.pool().execute_unprepared(someone).await.unwrap();

    let call = Call::system(app.services.clone(), "test");
    let placed = call.in_transaction(async |txn| {
        let territory = territories::find_or_create(txn, &call, Action::DecideApplication, "West").await?;
        territories::assign(txn, &call, other, territory.id).await
    });
    placed.await.unwrap();

    let rich = json!({ "name": "Rich", "country": "DE", "website": "rich.example", "names": [{ "name": "Wealthy", "kind": "TRADING" }],
        "registryIds": [{ "kind": "DUNS", "value": "150483782" }], "references": [{ "system": "crm", "externalId": "1" }] });
    let rich = ops.done("createAccount", rich, "account { id }").await["account"]["id"].clone();
    let owner = ops.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    let reserved = json!({ "accountId": rich, "productLineId": world.line, "reservedFor": "DIRECT", "ownerId": owner, "reason": "Ours." });
    ops.done("reserveAccount", reserved, "").await;
    let serves = json!({ "accountId": rich, "partnerId": funds.partner_id.to_string() });
    ops.done("setAccountIncumbent", serves, "").await;

    let course =
        json!({ "code": "FND", "title": "Foundation", "isFoundation": true, "passMarkBp": 8000, "validityMonths": 12 });
    ops.done("createCourse", course, "").await;
    let row = json!({ "externalId": "x-1", "person": { "email": "mia@acme.example" }, "course": { "code": "FND" },
                      "scoreBp": 9000, "completedAt": "2026-03-03T10:00:00Z" });
    ops.done("recordTrainingCompletions", json!({ "source": "lms", "rows": [row] }), "").await;

    let found = "{ dealRegistrations { nodes { account { id } } } mdfClaims { nodes { id request { id } } } }";
    let found = ops.ask(found, Value::Null).await.data;
    let claim = &found["mdfClaims"]["nodes"][0];
    let variables = json!({
        "deal": deal, "account": found["dealRegistrations"]["nodes"][0]["account"]["id"], "claim": claim["id"],
        "request": claim["request"]["id"], "partner": funds.partner_id.to_string(), "allocation": allocation,
    });
    (variables, world)
}

#[tokio::test]
async fn a_nullable_field_that_fails_leaves_its_siblings() {
    let app = TestApp::start().await;
    let (variables, world) = fill(&app).await;
    let seller = world.back("north").await;
    let mut wrong = Vec::new();
    for (document, breaks) in CASES {
        let person = if document.starts_with("{ viewer") { &seller } else { &world.ops };
        let whole = person.ask(document, variables.clone()).await;
        assert_eq!(whole.errors, Value::Null, "{document}");
        for (column, fields) in *breaks {
            let (_, name) = column.split_once('.').unwrap();
            let (mut expected, mut paths) = (whole.data.clone(), Vec::new());
            fail(&mut expected, fields, &mut Vec::new(), &mut paths);
            for field in *fields {
                assert!(paths.iter().any(|path| path.to_string().contains(field)), "no {field} in {whole:?}");
            }
            rename(&app, column, name, "gone").await;
            let broken = person.ask(document, variables.clone()).await;
            rename(&app, column, "gone", name).await;
            let errors = broken.errors.as_array().cloned().unwrap_or_default();
            let told = errors.iter().all(|error| {
                let extensions = &error["extensions"];
                extensions["code"] == "INTERNAL"
                    && extensions["requestId"].as_str().is_some_and(|id| !id.is_empty())
                    && !error.to_string().contains("gone")
            });
            // What was null before may fail too; what was there has to, and nothing else.
            let failed: Vec<&Value> = errors.iter().map(|error| &error["path"]).collect();
            let right = paths.iter().all(|path| failed.contains(&path))
                && failed
                    .iter()
                    .all(|path| fields.iter().any(|field| path.as_array().unwrap().last() == Some(&json!(field))));
            if !told || broken.data != expected || !right {
                wrong.push(format!("without {column}: {document}\n  answered {}\n  expected {expected}", broken.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
