//! Suspending, reinstating and terminating a partner, with what follows.

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use serde_json::{Value, json};

use super::{
    accept, approved,
    partner_states::{confirmed, mutation_of, preview},
    review::codes,
    step,
};
use crate::{
    authorization::world::{Side, World},
    support::{
        Person, TestApp,
        app::PASSWORD,
        picture::{differences, picture},
        race::race,
    },
};

fn consequence<'v>(seen: &'v Value, kind: &str) -> &'v Value {
    let found = seen["consequences"].as_array().unwrap().iter().find(|one| one["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}: {seen}"))
}

async fn state_of(ops: &Person<'_>, partner: &Value) -> Value {
    let document = "query($id: ID!) { partner(id: $id) { state stateReason stateMessage stateChangedAt version } }";
    ops.ask(document, json!({ "id": partner })).await.data["partner"].clone()
}

#[tokio::test]
async fn a_suspended_partner_reads_and_starts_nothing_new_until_it_is_reinstated() {
    let app = TestApp::start().await;
    let world = World::create(&app).await;
    let (ops, seller) = (world.staff(Role::ChannelOps), world.who(Side::North, Role::Seller));
    let partner = world.fact(Side::North, "partner");
    app.mails().await;
    let waiting = world.deal(Side::North).await;
    let was = state_of(&ops, &partner).await["state"].clone();

    let seen = preview(&ops, &partner, "SUSPEND").await;
    assert_eq!((&seen["isPossible"], &seen["leadsTo"]), (&json!(true), &json!("SUSPENDED")));
    assert_eq!(consequence(&seen, "PEOPLE_READ_ONLY")["count"], 4);
    assert_eq!(consequence(&seen, "PROTECTIONS_KEPT")["amounts"], json!([{ "amount": "20000.00", "currency": "EUR" }]));
    assert_eq!(consequence(&seen, "REGISTRATIONS_WAIT")["count"], 3);
    let input = json!({ "partnerId": partner, "reason": "PAYMENT_OVERDUE", "message": "Invoice 7 is not paid.",
        "digest": seen["digest"], "expectedVersion": state_of(&ops, &partner).await["version"] });
    let done = ops
        .done(
            "suspendPartner",
            input,
            "partner { state } consequences { kind count sentence amounts { amount currency } }",
        )
        .await;
    assert_eq!(done["partner"]["state"], "SUSPENDED");
    assert_eq!(done["consequences"], seen["consequences"], "what followed is what was shown");
    let mail = app.mail().await;
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("ana@north.example", "Your company's partnership is suspended")
    );
    assert!(mail.text.contains("Invoice 7 is not paid."), "{}", mail.text);

    let after = state_of(&seller, &partner).await;
    assert_eq!((&after["state"], &after["stateReason"]), (&json!("SUSPENDED"), &json!("PAYMENT_OVERDUE")));
    assert_eq!(after["stateMessage"], "Invoice 7 is not paid.");
    app.sign_in("seller@north.example").await;
    let deal = world.new_deal(Side::North, "Somebody New");
    assert_eq!(codes(&seller, "registerDeal", deal.clone()).await, ["PARTNER_NOT_ACTIVE"]);
    assert_eq!(codes(&ops, "approveDealRegistration", json!({ "id": waiting })).await, ["PARTNER_NOT_ACTIVE"]);

    assert_eq!(confirmed(&ops, &partner, "REINSTATE").await, [] as [&str; 0]);
    assert_eq!(app.mail().await.subject, "Your company's partnership goes on");
    assert_eq!(state_of(&ops, &partner).await["state"], was, "it goes on where it was");
    assert_eq!(codes(&seller, "registerDeal", deal).await, [] as [&str; 0]);
    assert_eq!(codes(&ops, "approveDealRegistration", json!({ "id": waiting })).await, [] as [&str; 0]);
    app.check().await;
}

#[tokio::test]
async fn termination_releases_returns_and_revokes_what_it_showed() {
    let app = TestApp::start().await;
    let world = World::create(&app).await;
    let ops = world.staff(Role::ChannelOps);
    let (partner, line) = (world.fact(Side::North, "partner"), world.fact(Side::Vendor, "line"));
    let client = world.api_client(Side::North).await;
    world.invited(Side::North).await;
    let undecided = world.deal(Side::North).await;
    world.approved_request(Side::North).await;
    let claim = world.claim(Side::North).await;
    app.mails().await;
    let balances =
        "query($id: ID!) { partner(id: $id) { mdfBalances { available { minorUnits } committed { minorUnits }
        payable { minorUnits } paid { minorUnits } program { unallocated { minorUnits } } } } }";
    let balance = async || ops.ask(balances, json!({ "id": partner })).await.data["partner"]["mdfBalances"][0].clone();
    let number = |value: &Value| value["minorUnits"].as_str().unwrap().parse::<i64>().unwrap();
    let before = balance().await;

    let seen = preview(&ops, &partner, "TERMINATE").await;
    assert_eq!(consequence(&seen, "PEOPLE_LOSE_ACCESS")["count"], 4);
    assert_eq!(consequence(&seen, "API_CLIENTS_REVOKED")["count"], 1);
    assert_eq!(consequence(&seen, "INVITATIONS_REVOKED")["count"], 1);
    assert_eq!(consequence(&seen, "PROTECTIONS_RELEASED")["count"], 2);
    assert_eq!(consequence(&seen, "REGISTRATIONS_REFUSED")["count"], 3);
    assert_eq!(consequence(&seen, "MDF_REQUESTS_CANCELLED")["count"], 1);
    let released = consequence(&seen, "MDF_COMMITMENTS_RELEASED");
    assert_eq!(released["amounts"], json!([{ "amount": "400.00", "currency": "EUR" }]));
    assert!(consequence(&seen, "SESSIONS_END")["count"].as_i64().unwrap() >= 4);
    let returned = consequence(&seen, "MDF_FUNDS_RETURNED")["amounts"][0]["amount"].as_str().unwrap().to_owned();
    assert_eq!(returned.replace('.', ""), (number(&before["available"]) + 40_000).to_string());
    assert_eq!(consequence(&seen, "MDF_CLAIMS_GO_ON")["count"], 1);

    assert_eq!(confirmed(&ops, &partner, "TERMINATE").await, [] as [&str; 0]);
    let mail = app.mail().await;
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("ana@north.example", "Your company's partnership has ended")
    );

    // Nobody gets in any more, by whatever door.
    let gone = world.who(Side::North, Role::Seller).ask("{ viewer { isStaff } }", Value::Null).await;
    assert_eq!(gone.status, 401);
    let input = json!({ "email": "seller@north.example", "password": PASSWORD });
    assert_eq!(codes(&app.anonymous(), "signIn", input).await, ["INVALID_CREDENTIALS"]);
    let admin = world.staff(Role::Admin);
    let document = "query($id: ID!) { node(id: $id) { ... on ApiClient { state } } }";
    assert_eq!(admin.ask(document, json!({ "id": client["id"] })).await.data["node"]["state"], "REVOKED");

    // Deals: what was protected is free for others, what was not decided is refused, what was won stays.
    let deal = "query($id: ID!) { dealRegistration(id: $id) { state outcome: outcomeCode account { id } } }";
    let read = async |id: &Value| ops.ask(deal, json!({ "id": id })).await.data["dealRegistration"].clone();
    let freed = read(&world.fact(Side::North, "protected deal")).await;
    assert_eq!((&freed["state"], &freed["outcome"]), (&json!("RELEASED"), &json!("PARTNER_TERMINATED")));
    let refused = read(&undecided).await;
    assert_eq!((&refused["state"], &refused["outcome"]), (&json!("REJECTED"), &json!("PARTNER_TERMINATED")));
    let waitlisted = world.fact(Side::South, "shared deal");
    assert_eq!(codes(&ops, "approveDealRegistration", json!({ "id": waitlisted })).await, [] as [&str; 0]);
    assert!(line.is_string());

    // Money: nothing is free or committed but what was claimed, and the program has it back to the last cent.
    let after = balance().await;
    assert_eq!((number(&after["available"]), number(&after["committed"])), (0, 40_000));
    assert_eq!((&after["payable"], &after["paid"]), (&before["payable"], &before["paid"]));
    let back = number(&after["program"]["unallocated"]) - number(&before["program"]["unallocated"]);
    assert_eq!(back, number(&before["available"]) + 40_000);
    let accepted = json!({ "minorUnits": "10000", "currency": "EUR" });
    let approval = json!({ "claimId": claim, "acceptedCost": accepted });
    assert_eq!(codes(&ops, "approveMdfClaim", approval).await, [] as [&str; 0], "what was claimed is still decided");
    let decided = balance().await;
    assert_eq!((number(&decided["available"]), number(&decided["committed"])), (0, 0), "its rest is the program's");
    assert!(number(&decided["program"]["unallocated"]) > number(&after["program"]["unallocated"]));
    app.check().await;
}

#[tokio::test]
async fn what_is_confirmed_is_what_was_shown() {
    let app = TestApp::start().await;
    let world = World::create(&app).await;
    let ops = world.staff(Role::ChannelOps);
    let partner = world.fact(Side::North, "partner");
    let seen = preview(&ops, &partner, "TERMINATE").await;
    // Somebody signs in: nobody decides by that. Somebody registers a deal: that changes what follows.
    app.sign_in("seller@north.example").await;
    assert_eq!(preview(&ops, &partner, "TERMINATE").await["digest"], seen["digest"]);
    let deal = world.deal(Side::North).await;
    let before = picture(&app, &[]).await;
    for (field, value, code) in [
        ("digest", seen["digest"].clone(), "PREVIEW_OUTDATED"),
        ("digest", json!("nonsense"), "PREVIEW_OUTDATED"),
        ("digest", preview(&ops, &partner, "SUSPEND").await["digest"].clone(), "PREVIEW_OUTDATED"),
        ("reason", json!("RESOLVED"), "OUT_OF_RANGE"),
        ("expectedVersion", json!(77), "VERSION_CONFLICT"),
        ("partnerId", json!("ptr_00000000000000000000000000000001"), "NOT_FOUND"),
    ] {
        let digest = preview(&ops, &partner, "TERMINATE").await["digest"].clone();
        let mut input = json!({ "partnerId": partner, "reason": "FRAUD", "digest": digest });
        input[field] = value;
        assert_eq!(codes(&ops, "terminatePartner", input).await, [code], "{field}");
    }
    assert_eq!(differences(&before, &picture(&app, &[]).await), [] as [&str; 0]);
    let seen = preview(&ops, &partner, "TERMINATE").await;
    // Another registration in its place: the same counts are not the same.
    world.who(Side::North, Role::Seller).done("withdrawDealRegistration", json!({ "id": deal }), "").await;
    world.deal(Side::North).await;
    let input = json!({ "partnerId": partner, "reason": "FRAUD", "digest": seen["digest"] });
    assert_eq!(codes(&ops, "terminatePartner", input).await, ["PREVIEW_OUTDATED"]);
}

#[tokio::test]
async fn a_plan_that_was_done_while_the_partner_was_suspended_makes_it_active_when_it_goes_on() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    accept(&app, &approval).await;
    let partner = approval["partner"]["id"].clone();
    assert_eq!(confirmed(&ops, &partner, "SUSPEND").await, [] as [&str; 0]);
    assert_eq!(confirmed(&ops, &partner, "REINSTATE").await, [] as [&str; 0]);
    assert_eq!(state_of(&ops, &partner).await["state"], "ONBOARDING", "it goes on where it was");
    assert_eq!(confirmed(&ops, &partner, "SUSPEND").await, [] as [&str; 0]);
    // What completes itself completes itself meanwhile.
    assert!(step(&approval, "SIGN_AGREEMENT").is_string());
    let id = partner.as_str().unwrap()[4..].to_owned();
    let blob = match crate::support::Engine::current() {
        crate::support::Engine::Postgres => format!("'{id}'"),
        crate::support::Engine::Sqlite => format!("x'{id}'"),
    };
    let now = app.now().micros();
    app.execute(&format!(
        "update onboarding_steps set state = 'WAIVED', completed_at = {now}, details = '{{\"reason\":\"x\"}}'
         where partner_id = {blob} and required"
    ))
    .await;
    let finished = "update onboarding_plans set next_due_at = null, finished_at";
    app.execute(&format!("{finished} = {now} where partner_id = {blob}")).await;
    assert_eq!(confirmed(&ops, &partner, "REINSTATE").await, [] as [&str; 0]);
    assert_eq!(state_of(&ops, &partner).await["state"], "ACTIVE");
    app.check().await;
}

#[tokio::test]
async fn a_preview_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let world = World::create(&app).await;
    let ops = world.staff(Role::ChannelOps);
    let partner = world.fact(Side::North, "partner");
    let mut costs = Vec::new();
    for _ in 0..2 {
        let before = app.services.db.statements();
        preview(&ops, &partner, "TERMINATE").await;
        costs.push(app.services.db.statements() - before);
        for _ in 0..3 {
            world.deal(Side::North).await;
            world.request(Side::North).await;
            world.api_client(Side::North).await;
            world.invited(Side::North).await;
        }
    }
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn a_suspension_and_an_approval_at_once_leave_nothing_approved_afterwards() {
    let app = TestApp::start().await;
    let world = World::create(&app).await;
    let ops = world.staff(Role::ChannelOps);
    let partner = world.fact(Side::North, "partner");
    for round in 0..20 {
        let deal = world.deal(Side::North).await;
        let digest = preview(&ops, &partner, "SUSPEND").await["digest"].clone();
        let answers = race(2, |number| {
            let (ops, partner, deal, digest) = (ops.clone(), partner.clone(), deal.clone(), digest.clone());
            async move {
                if number == 0 {
                    let input = json!({ "partnerId": partner, "reason": "OTHER", "digest": digest });
                    codes(&ops, "suspendPartner", input).await
                } else {
                    codes(&ops, "approveDealRegistration", json!({ "id": deal })).await
                }
            }
        })
        .await;
        // Whoever came first decides: an approval changes what the suspension was shown.
        let either = [[vec![], vec!["PARTNER_NOT_ACTIVE".to_owned()]], [vec!["PREVIEW_OUTDATED".to_owned()], vec![]]];
        assert!(either.iter().any(|wanted| answers == wanted), "round {round}: {answers:?}");
        if answers[0].is_empty() {
            assert_eq!(confirmed(&ops, &partner, "REINSTATE").await, [] as [&str; 0]);
        }
    }
    app.check().await;
}

#[tokio::test]
async fn a_termination_at_once_with_everything_that_begins_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    app.advance(TimeDelta::seconds(1));
    for round in 0..20 {
        let domain = format!("round-{round}.example");
        let partner = app.partner_in(&domain, PartnerState::Active, &[PartnerType::Reseller]).await;
        let address = format!("ana@{domain}");
        let ana = app.person(&address, Some(partner), &[Role::PartnerAdmin]).await;
        let id = json!(partner.to_string());
        let digest = preview(&ops, &id, "TERMINATE").await["digest"].clone();
        let answers = race(4, |number| {
            let (ops, ana, id, digest) = (ops.clone(), ana.clone(), id.clone(), digest.clone());
            let address = address.clone();
            let app = &app;
            async move {
                match number {
                    0 | 1 => {
                        let (mutation, reason) = mutation_of("TERMINATE");
                        codes(&ops, mutation, json!({ "partnerId": id, "reason": reason, "digest": digest })).await
                    }
                    2 => {
                        let input = json!({ "email": address, "password": PASSWORD });
                        codes(&app.anonymous(), "signIn", input).await
                    }
                    _ => {
                        // It may be refused in any way: by the session that ended, or by the state.
                        let document = "mutation($input: CreateApiClientInput!) { createApiClient(input: $input) { userErrors { code } } }";
                        let input = json!({ "input": { "name": "CRM", "scopes": ["DEALS_READ"] } });
                        ana.ask(document, input).await;
                        Vec::new()
                    }
                }
            }
        })
        .await;
        let ended = answers[..2].iter().filter(|codes| codes.is_empty()).count();
        assert!(ended <= 1, "round {round}: {answers:?}");
        if ended == 0 {
            // A client was made first, so that something else would follow.
            assert!(answers[..2].iter().all(|codes| codes == &["PREVIEW_OUTDATED"]), "round {round}: {answers:?}");
            assert_eq!(confirmed(&ops, &id, "TERMINATE").await, [] as [&str; 0]);
        }
        // No session, no client, nothing that is open: the invariants say so.
        app.check().await;
    }
}
