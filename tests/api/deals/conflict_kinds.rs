//! What can stand against a registration beside a protection: territories, opportunities of the direct team, incumbents.

use entity::value::Role;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::{DEAL, TABLES, World, product_line, whole};
use crate::support::{Person, TestApp, race::race};

/// Says what the policy of deals is from now on, past the API.
async fn set_policy(app: &TestApp, version: i32, document: &Value) {
    let sql = format!(
        "insert into policy_documents (kind, version, effective_at, document) values ('deals', {version}, {}, '{document}')",
        app.now().micros()
    );
    app.services.db.pool().execute_unprepared(&sql).await.unwrap();
}

async fn account(world: &World<'_>, name: &str, industry: Option<&str>) -> Value {
    let input = json!({ "name": name, "country": "DE", "industry": industry });
    world.ops.done("createAccount", input, "account { id }").await["account"]["id"].clone()
}

async fn partner_of(person: &Person<'_>) -> Value {
    person.ask("{ viewer { partner { id } } }", Value::Null).await.data["viewer"]["partner"]["id"].clone()
}

async fn steps(person: &Person<'_>, id: &Value) -> Value {
    let document = "query($id: ID!) { dealRegistration(id: $id) { receipts { steps { rule outcome code } } } }";
    person.ask(document, json!({ "id": id })).await.data["dealRegistration"]["receipts"].clone()
}

#[tokio::test]
async fn a_partner_sells_where_it_is_authorised_and_reads_where_it_is_not() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (free, bound) = (world.seller("north").await, world.seller("south").await);
    let territory = json!({ "name": "West", "countries": ["DE"], "industries": ["Shipping"] });
    let territory = world.ops.done("defineTerritory", territory, "territory { id }").await["territory"]["id"].clone();
    let grant =
        json!({ "partnerId": partner_of(&bound).await, "productLineIds": [world.line], "territoryIds": [territory] });
    let granted = world.ops.done("grantPartnerAuthorisation", grant, "authorisations { id }").await;
    account(&world, "Harbour Lines", Some("shipping")).await;
    account(&world, "Quarry Works", Some("Mining")).await;

    let before = app.rows(TABLES).await;
    assert_eq!(bound.refused("registerDeal", world.deal("Quarry Works")).await, ["TERRITORY_NOT_AUTHORISED"]);
    let mut abroad = world.deal("Nobody Knows");
    abroad["account"]["details"]["country"] = json!("FR");
    assert_eq!(bound.refused("registerDeal", abroad).await, ["TERRITORY_NOT_AUTHORISED"]);
    let mut other_line = world.deal("Harbour Lines");
    other_line["productLineIds"] = json!([product_line(&world.ops, "GTX-BASIC").await]);
    let before_line = app.rows(TABLES).await;
    let told = whole(&bound, "registerDeal", other_line.clone()).await;
    assert_eq!(told["userErrors"][0]["code"], "TERRITORY_NOT_AUTHORISED");
    let refused = told["userErrors"][0]["receipt"]["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(refused["rule"], "in_territory");
    assert!(refused["sentence"].as_str().unwrap().contains(other_line["productLineIds"][0].as_str().unwrap()));
    assert_eq!(app.rows(&TABLES[..7]).await, before[..7], "a refusal changes nothing");
    assert_eq!(app.rows(TABLES).await, before_line);
    let held = world.register(&bound, world.deal("Harbour Lines")).await;
    assert_eq!(held["state"], "SUBMITTED");

    // Whoever was never authorised for anything is not restricted; whoever was, and is not any more, is.
    assert_eq!(world.register(&free, world.deal("Quarry Works")).await["state"], "SUBMITTED");
    let revoke = json!({ "authorisationId": granted["authorisations"][0]["id"] });
    world.ops.done("revokePartnerAuthorisation", revoke, "").await;
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": held["id"] })).await,
        ["TERRITORY_NOT_AUTHORISED"],
        "decided again by the facts of the moment"
    );

    set_policy(&app, 2, &json!({ "authorisationRequired": true })).await;
    assert_eq!(free.refused("registerDeal", world.deal("Fjord Mill")).await, ["TERRITORY_NOT_AUTHORISED"]);
    let allow =
        json!({ "authorisationRequired": true, "conflicts": { "territoryNotAuthorised": "ALLOW_WITH_NOTICE" } });
    set_policy(&app, 3, &allow).await;
    let noted = world.register(&free, world.deal("Fjord Mill")).await;
    assert_eq!(noted["state"], "IN_REVIEW");
    assert!(steps(&world.ops, &noted["id"]).await.to_string().contains("TERRITORY_NOT_AUTHORISED"));
    world.approve(&noted).await;
    app.check().await;
}

#[tokio::test]
async fn an_opportunity_of_the_direct_team_holds_the_place_until_it_is_closed() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("south").await;
    let id = account(&world, "Velmora", None).await;
    let waiting = world.register(&seller, world.deal("Velmora")).await;
    let open = json!({ "accountId": id, "productLineIds": [world.line], "reference": "CRM-7" });
    let shown = "account { directOpportunities { reference productLine { code } recordedBy { email } } }";
    let recorded = world.ops.done("recordDirectOpportunity", open.clone(), shown).await;
    let opportunities = recorded["account"]["directOpportunities"].clone();
    assert_eq!(opportunities[0]["reference"], "CRM-7");
    let kept = app.rows(&["direct_opportunities", "audit_events"]).await;
    assert_eq!(world.ops.done("recordDirectOpportunity", open.clone(), shown).await, recorded, "once is enough");
    assert_eq!(app.rows(&["direct_opportunities", "audit_events"]).await, kept);

    // What was registered before meets it when it is decided.
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": waiting["id"] })).await,
        ["DIRECT_OPPORTUNITY_OPEN"]
    );
    let other = world.seller("west").await;
    assert_eq!(other.refused("registerDeal", world.deal("Velmora")).await, ["ACCOUNT_NOT_AVAILABLE"]);
    let document = "{ accounts { nodes { directOpportunities { reference } } } }";
    let seen = seller.ask(document, Value::Null).await.data["accounts"]["nodes"].clone();
    assert_eq!(seen, json!([{ "directOpportunities": null }]), "a partner learns nothing of it");

    // Another product line is another place.
    let mut other_line = world.deal("Velmora");
    other_line["productLineIds"] = json!([product_line(&world.ops, "GTX-BASIC").await]);
    world.approve(&world.register(&other, other_line).await).await;

    for (input, code) in [
        (json!({ "accountId": id, "productLineIds": [], "reference": "CRM-8" }), "TOO_SHORT"),
        (
            json!({ "accountId": id, "productLineIds": ["pln_00000000000000000000000000000001"], "reference": "x" }),
            "NOT_FOUND",
        ),
        (
            json!({ "accountId": account(&world, "Brelli", None).await, "productLineIds": [world.line], "reference": "CRM-7" }),
            "EXTERNAL_ID_REUSED",
        ),
    ] {
        assert_eq!(world.ops.refused("recordDirectOpportunity", input).await, [code]);
    }
    let close = json!({ "accountId": id, "reference": "CRM-7", "outcome": "LOST" });
    world.ops.done("closeDirectOpportunity", close.clone(), shown).await;
    assert_eq!(world.ops.refused("closeDirectOpportunity", close).await, ["NOT_FOUND"]);
    world.approve(&waiting).await;
    app.check().await;
}

#[tokio::test]
async fn an_opportunity_is_recorded_and_a_rival_approved_at_once_in_one_order_or_the_other() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("south").await;
    for round in 0..10 {
        let name = format!("Customer {round}");
        let id = account(&world, &name, None).await;
        let deal = world.register(&seller, world.deal(&name)).await;
        let (world, id, deal) = (&world, &id, &deal);
        let codes = race(2, move |number| async move {
            if number == 0 {
                let open = json!({ "accountId": id, "productLineIds": [world.line], "reference": format!("opp-{round}") });
                world.ops.done("recordDirectOpportunity", open, "").await;
                return "RECORDED".to_owned();
            }
            let document = "mutation($input: ApproveDealRegistrationInput!) { approveDealRegistration(input: $input) { userErrors { code } } }";
            let answer = world.ops.ask(document, json!({ "input": { "id": deal["id"] } })).await;
            let code = &answer.data["approveDealRegistration"]["userErrors"][0]["code"];
            code.as_str().unwrap_or("GRANTED").to_owned()
        })
        .await;
        let protected = super::read(&world.ops, &deal["id"]).await["state"] == "PROTECTED";
        assert_eq!(codes[1], if protected { "GRANTED" } else { "DIRECT_OPPORTUNITY_OPEN" });
    }
    app.check().await;
}

#[tokio::test]
async fn renewals_are_the_business_of_the_partner_that_serves_the_customer() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (incumbent, rival) = (world.seller("north").await, world.seller("south").await);
    let id = account(&world, "Velmora", None).await;
    let serves = json!({ "accountId": id, "partnerId": partner_of(&incumbent).await });
    world.ops.done("setAccountIncumbent", serves, "").await;
    let of = |motion: &str| {
        let mut deal = world.deal("Velmora");
        deal["salesMotion"] = json!(motion);
        deal
    };
    for motion in ["RENEWAL", "EXPANSION"] {
        assert_eq!(rival.refused("registerDeal", of(motion)).await, ["ACCOUNT_NOT_AVAILABLE"]);
    }
    // New business is anybody's. It was qualified first, and still waits for the renewal of the incumbent.
    let new = world.register(&rival, world.deal("Velmora")).await;
    app.advance(chrono::TimeDelta::minutes(1));
    let renewal = rival_free(&incumbent, of("RENEWAL")).await;
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": new["id"] })).await,
        ["RIVAL_QUALIFIED_EARLIER"]
    );
    world.approve(&renewal).await;
    let shown = world
        .ops
        .ask("query($id: ID!) { dealRegistration(id: $id) { salesMotion } }", json!({ "id": renewal["id"] }))
        .await;
    assert_eq!(shown.data["dealRegistration"]["salesMotion"], "RENEWAL");
    app.check().await;
}

async fn rival_free(person: &Person<'_>, input: Value) -> Value {
    person.done("registerDeal", input, DEAL).await["dealRegistration"].clone()
}

#[tokio::test]
async fn whoever_is_in_the_way_a_partner_is_answered_alike() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (rival, seller) = (world.seller("north").await, world.seller("south").await);
    let input = json!({ "name": "Reserved", "country": "DE", "reservedFor": "DIRECT" });
    world.ops.done("createAccount", input, "").await;
    let direct = account(&world, "Direct", None).await;
    let open = json!({ "accountId": direct, "productLineIds": [world.line], "reference": "CRM-7" });
    world.ops.done("recordDirectOpportunity", open, "").await;
    account(&world, "Protected", None).await;
    let held = world.register(&rival, world.deal("Protected")).await;
    world.approve(&held).await;
    let served = account(&world, "Served", None).await;
    let serves = json!({ "accountId": served, "partnerId": partner_of(&rival).await });
    world.ops.done("setAccountIncumbent", serves, "").await;
    for (version, consequence) in [(2, "REFUSE"), (3, "WAITLIST"), (4, "ESCALATE")] {
        let of = ["protectedByAnotherPartner", "directOpportunityOpen", "accountReservedForDirect", "incumbentPartner"];
        let conflicts: serde_json::Map<_, _> = of.iter().map(|kind| ((*kind).to_owned(), json!(consequence))).collect();
        set_policy(&app, version, &json!({ "conflicts": conflicts })).await;
        let mut told = Vec::new();
        for name in ["Reserved", "Direct", "Protected", "Served"] {
            let mut deal = world.deal(name);
            (deal["joinWaitlist"], deal["salesMotion"]) = (json!(true), json!("RENEWAL"));
            let statements = app.services.db.statements();
            let answer = whole(&seller, "registerDeal", deal).await;
            told.push((answer.clone(), app.services.db.statements() - statements));
            let document = "{ dealRegistrations(filter: { states: [WAITLISTED, IN_REVIEW] }) { nodes { id } } }";
            let open = seller.ask(document, Value::Null).await.data["dealRegistrations"]["nodes"].clone();
            for one in open.as_array().unwrap() {
                seller.done("withdrawDealRegistration", json!({ "id": one["id"] }), "").await;
            }
        }
        assert!(told.iter().all(|one| *one == told[0]), "{consequence}: {told:?}");
        let state = told[0].0["dealRegistration"]["state"].clone();
        let wanted = match consequence {
            "REFUSE" => Value::Null,
            "WAITLIST" => json!("WAITLISTED"),
            _ => json!("IN_REVIEW"),
        };
        assert_eq!(state, wanted);
        let text = told[0].0.to_string();
        for secret in ["DIRECT", "INCUMBENT", "CRM-7", "north", "reserved", "serves"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    app.check().await;
}

#[tokio::test]
async fn a_merge_takes_the_opportunities_of_the_direct_team_along_and_its_undoing_back() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (survivor, merged) = (account(&world, "Velmora", None).await, account(&world, "Orvan", None).await);
    let open = json!({ "accountId": merged, "productLineIds": [world.line], "reference": "CRM-7" });
    world.ops.done("recordDirectOpportunity", open, "").await;
    let merge = json!({ "survivorId": survivor, "mergedId": merged, "reason": "They are one." });
    let merge = world.ops.done("mergeAccounts", merge, "accountMerge { id moves { kind count } }").await;
    assert!(merge["accountMerge"]["moves"].to_string().contains("DIRECT_OPPORTUNITY"), "{merge}");
    app.check().await;
    let admin = app.staff(Role::Admin).await;
    let references = async |id: &Value| {
        let document = "query($id: ID!) { account(id: $id) { directOpportunities { reference } } }";
        admin.ask(document, json!({ "id": id })).await.data["account"]["directOpportunities"].clone()
    };
    assert_eq!(references(&survivor).await, json!([{ "reference": "CRM-7" }]));
    let undo = json!({ "id": merge["accountMerge"]["id"], "reason": "They are two." });
    world.ops.done("undoAccountMerge", undo, "").await;
    assert_eq!(references(&survivor).await, json!([]));
    assert_eq!(references(&merged).await, json!([{ "reference": "CRM-7" }]));
    app.check().await;
}
