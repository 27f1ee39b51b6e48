//! What scopes let a client do: a table of every read, and integrations from end to end.

use entity::value::{PartnerId, Role};
use serde_json::{Value, json};

use super::client_of;
use crate::{
    deals::{DEAL, World},
    mdf::Funds,
    support::{Person, TestApp},
};

/// A client with these scopes, for the vendor or for a partner.
async fn client<'a>(admin: &Person<'a>, partner: Option<PartnerId>, scopes: &[&str]) -> Person<'a> {
    let partner = partner.map(|id| id.to_string());
    let (_, secret) = client_of(admin, json!({ "name": "A program", "scopes": scopes, "partnerId": partner })).await;
    admin.app.bearer(&secret)
}

/// Each list, and the scopes that open it.
const LISTS: &[(&str, &[&str])] = &[
    ("partners", &["PARTNERS_READ"]),
    ("accounts", &["ACCOUNTS_READ", "ACCOUNTS_WRITE"]),
    ("productLines", &["ACCOUNTS_READ", "ACCOUNTS_WRITE"]),
    ("accountDuplicates", &["ACCOUNTS_READ", "ACCOUNTS_WRITE"]),
    ("accountMerges", &["ACCOUNTS_READ", "ACCOUNTS_WRITE"]),
    ("dealRegistrations", &["DEALS_READ", "DEALS_WRITE"]),
    ("mdfPrograms", &["MDF_READ", "MDF_WRITE"]),
    ("mdfRequests", &["MDF_READ", "MDF_WRITE"]),
    ("mdfClaims", &["MDF_READ", "MDF_WRITE"]),
    ("courses", &["TRAINING_READ", "TRAINING_WRITE"]),
    ("auditEvents", &["AUDIT_READ"]),
    ("partnerApplications", &["PARTNERS_READ"]),
    ("apiClients", &[]),
];

/// The lists that no partner's client reads.
const OF_STAFF: &[&str] = &["partnerApplications", "accountDuplicates", "accountMerges"];

const OF_VENDOR: &[&str] = &[
    "PARTNERS_READ",
    "ACCOUNTS_READ",
    "ACCOUNTS_WRITE",
    "DEALS_READ",
    "DEALS_WRITE",
    "MDF_READ",
    "TRAINING_READ",
    "TRAINING_WRITE",
    "MEASUREMENT_READ",
    "AUDIT_READ",
];

const OF_PARTNER: &[&str] = &[
    "PARTNERS_READ",
    "ACCOUNTS_READ",
    "DEALS_READ",
    "DEALS_WRITE",
    "MDF_READ",
    "MDF_WRITE",
    "TRAINING_READ",
    "MEASUREMENT_READ",
    "AUDIT_READ",
];

#[tokio::test]
async fn each_scope_opens_its_own_lists_and_no_other() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let acme = app.partner("acme.example").await;
    for (partner, scopes) in [(None, OF_VENDOR), (Some(acme), OF_PARTNER)] {
        for scope in scopes {
            let bearer = client(&admin, partner, &[scope]).await;
            for (list, open_to) in LISTS {
                let answer = bearer.ask(&format!("{{ {list} {{ nodes {{ id }} }} }}"), Value::Null).await;
                let opens = open_to.contains(scope) && (partner.is_none() || !OF_STAFF.contains(list));
                assert_eq!(answer.errors == Value::Null, opens, "{list} with {scope} of {partner:?}: {answer:?}");
                if !opens {
                    assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_a_scope_does_not_open_is_null_by_every_way() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let admin = app.staff(Role::Admin).await;
    let paths = "query($partner: ID!, $user: ID!) { partner: node(id: $partner) { id } user: node(id: $user) { id } }";
    let user = app.sign_in("mia@acme.example").await.ask("{ viewer { user { id } } }", Value::Null).await;
    let ids = json!({ "partner": funds.partner_id.to_string(), "user": user.data["viewer"]["user"]["id"] });
    for partner in [None, Some(funds.partner_id)] {
        let without = client(&admin, partner, &["MDF_READ", "DEALS_READ", "MEASUREMENT_READ"]).await;
        assert_eq!(without.ask(paths, ids.clone()).await.body, json!({ "data": { "partner": null, "user": null } }));
        funds.request(1_000).await;
        let nested = without.ask("{ mdfRequests { nodes { partner { id } requestedBy { id } } } }", Value::Null).await;
        assert_eq!(nested.data["mdfRequests"]["nodes"][0], json!({ "partner": null, "requestedBy": null }));
        let with = client(&admin, partner, &["PARTNERS_READ"]).await;
        assert_eq!(with.ask(paths, ids.clone()).await.data["partner"]["id"], ids["partner"]);
        assert_eq!(with.ask(paths, ids.clone()).await.data["user"]["id"], ids["user"]);
        let score = with.ask("{ partners { nodes { engagementScore { score } } } }", Value::Null).await;
        assert_eq!(score.errors[0]["extensions"]["code"], "FORBIDDEN");
    }
}

#[tokio::test]
async fn a_learning_system_records_completions() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let course = json!({ "code": "FND", "title": "Foundation", "passMarkBp": 8000 });
    admin.done("createCourse", course, "course { id }").await;
    let acme = app.partner("acme.example").await;
    app.create_user("lea@acme.example", Some(acme), &[Role::Learner]).await;
    let lms = client(&admin, None, &["TRAINING_WRITE"]).await;
    let rows = json!([{ "externalId": "x-1", "person": { "email": "lea@acme.example" }, "course": { "code": "FND" },
        "scoreBp": 9000, "completedAt": "2026-02-01T10:00:00Z" }]);
    let input = json!({ "source": "lms", "rows": rows, "idempotencyKey": "night-1" });
    let selection = "results { status completion { isPassed course { code } user { email } } }";
    let done = lms.done("recordTrainingCompletions", input.clone(), selection).await;
    let expected = json!([{ "status": "RECORDED", "completion": { "isPassed": true, "course": { "code": "FND" }, "user": null } }]);
    assert_eq!(done["results"], expected, "people are not this client's to read");
    assert_eq!(lms.done("recordTrainingCompletions", input, selection).await["results"], expected);

    let read = client(&admin, None, &["TRAINING_READ"]).await;
    let mutation = "mutation($rows: [TrainingCompletionRowInput!]!) {
        recordTrainingCompletions(input: { source: \"lms\", rows: $rows }) { userErrors { code } } }";
    let refused = read.ask(mutation, json!({ "rows": rows })).await;
    assert_eq!(refused.errors[0]["extensions"]["code"], "FORBIDDEN");
    let events = "{ auditEvents(filter: { action: \"training.write\" }) { nodes { actorKind actor { email } } } }";
    let changes = admin.ask(events, Value::Null).await.data["auditEvents"]["nodes"].clone();
    let by_client = json!({ "actorKind": "CLIENT", "actor": null });
    assert!(changes.as_array().unwrap().contains(&by_client), "{changes}");
}

#[tokio::test]
async fn a_crm_of_the_vendor_keeps_accounts_and_records_wins() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let admin = app.staff(Role::Admin).await;
    let crm = client(&admin, None, &["ACCOUNTS_WRITE", "DEALS_WRITE"]).await;
    let account = json!({ "name": "Acme Corporation", "website": "https://acme.example", "country": "DE" });
    let made = crm.done("createAccount", account.clone(), "account { id reservedFor }").await["account"].clone();
    assert_eq!(made["reservedFor"], "OPEN");
    assert_eq!(crm.refused("createAccount", account).await, ["ACCOUNT_EXISTS"]);

    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme Corporation")).await;
    let decide = "mutation($id: ID!) { approveDealRegistration(input: { id: $id }) { userErrors { code } } }";
    let refused = crm.ask(decide, json!({ "id": deal["id"] })).await;
    assert_eq!(refused.errors[0]["extensions"]["code"], "FORBIDDEN", "clients decide nothing");
    world.approve(&deal).await;
    crm.done("advanceDealStage", json!({ "id": deal["id"], "stage": "NEGOTIATION" }), DEAL).await;
    let won = crm.done("markDealWon", json!({ "id": deal["id"] }), DEAL).await["dealRegistration"].clone();
    assert_eq!(
        (&won["state"], &won["dealStage"], &won["allowedActions"]),
        (&json!("CONVERTED"), &json!("WON"), &json!([]))
    );
}

#[tokio::test]
async fn a_crm_of_a_partner_registers_deals_of_its_partner() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let acme = app.partner("acme.example").await;
    let paula = app.person("paula@acme.example", Some(acme), &[Role::PartnerAdmin]).await;
    let crm = client(&paula, None, &["DEALS_WRITE"]).await;
    let deal = world.register(&crm, world.deal("Globex")).await;
    assert_eq!((&deal["state"], &deal["evidenceScore"]["sufficient"]), (&json!("SUBMITTED"), &json!(true)));
    let evidence = json!([{ "kind": "DEMONSTRATION", "description": "shown on site" }]);
    let after = crm.done("addDealEvidence", json!({ "id": deal["id"], "evidence": evidence }), DEAL).await;
    assert_eq!(after["dealRegistration"]["version"], 2);

    let rival = world.seller("north").await;
    let foreign = world.register(&rival, world.deal("Initech")).await;
    for mutation in ["withdrawDealRegistration", "advanceDealStage"] {
        let input = match mutation {
            "advanceDealStage" => json!({ "id": foreign["id"], "stage": "PROPOSAL" }),
            _ => json!({ "id": foreign["id"] }),
        };
        assert_eq!(crm.refused(mutation, input).await, ["NOT_FOUND"]);
    }
    let list = crm.ask("{ dealRegistrations { nodes { id } } }", Value::Null).await;
    assert_eq!(list.data["dealRegistrations"]["nodes"], json!([{ "id": deal["id"] }]));
    world.approve(&deal).await;
    let win = crm
        .ask(
            "mutation($id: ID!) { markDealWon(input: { id: $id }) { userErrors { code } } }",
            json!({ "id": deal["id"] }),
        )
        .await;
    assert_eq!(win.errors[0]["extensions"]["code"], "FORBIDDEN");
    crm.done("withdrawDealRegistration", json!({ "id": deal["id"] }), DEAL).await;
}

#[tokio::test]
async fn nobody_approves_what_they_asked_for_through_a_client() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let admin = app.staff(Role::Admin).await;
    let own = client(&admin, Some(funds.partner_id), &["MDF_WRITE"]).await;
    let made = own.done("requestMdf", funds.webinar(10_000), "request { id }").await;
    let request = json!({ "requestId": made["request"]["id"] });
    assert_eq!(admin.refused("approveMdfRequest", request.clone()).await, ["FOUR_EYES"]);
    let document =
        "mutation($input: ApproveMdfRequestInput!) { approveMdfRequest(input: $input) { userErrors { code } } }";
    let by_itself = own.ask(document, json!({ "input": request })).await;
    assert_eq!(by_itself.errors[0]["extensions"]["code"], "FORBIDDEN");
    funds.ops.done("approveMdfRequest", request, "").await;
}

#[tokio::test]
async fn no_client_makes_clients_people_or_sessions() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let acme = app.partner("acme.example").await;
    let all = [client(&admin, None, OF_VENDOR).await, client(&admin, Some(acme), OF_PARTNER).await];
    for bearer in all {
        for (mutation, input) in [
            ("createApiClient", json!({ "name": "x", "scopes": ["DEALS_READ"] })),
            ("addApiClientSecret", json!({ "id": "cli_00000000000000000000000000000007" })),
            ("updateApiClient", json!({ "id": "cli_00000000000000000000000000000007" })),
            ("revokeApiClient", json!({ "id": "cli_00000000000000000000000000000007" })),
            ("revokeApiClientSecret", json!({ "secretId": "sec_00000000000000000000000000000007" })),
            ("acceptInvitation", json!({ "token": "x", "password": "correct horse battery staple" })),
        ] {
            let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
            let document =
                format!("mutation($input: {name}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
            let answer = bearer.ask(&document, json!({ "input": input })).await;
            assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN", "{mutation}: {answer:?}");
        }
        let out = bearer.ask("mutation { signOut(input: {}) { signedOut } }", Value::Null).await;
        assert_ne!(out.errors, Value::Null);
    }
}
