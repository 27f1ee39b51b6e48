//! What partners say of themselves, whom to talk to, who looks after them, and what they may sell where.

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use serde_json::{Value, json};

use super::{approved, review::codes};
use crate::support::{Engine, Person, TestApp, race::race};

const ONE: &str = "query($id: ID!) { partner(id: $id) { types regions industries description channelManager { name }
    contacts { id kind name email version } authorisations { id isInForce startsAt endsAt productLine { code }
    territory { name countries industries } grantedBy { name } } allowedActions editableFields version } }";

async fn read(person: &Person<'_>, id: &str) -> Value {
    let answer = person.ask(ONE, json!({ "id": id })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["partner"].clone()
}

#[tokio::test]
async fn what_the_application_said_is_the_profile_and_administrators_keep_it() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let approval = approved(&app, &ops, "acme.example").await;
    let admin = super::accept(&app, &approval).await;
    let id = approval["partner"]["id"].as_str().unwrap();
    let seen = read(&admin, id).await;
    assert_eq!((&seen["regions"], &seen["industries"]), (&json!(["EUROPE"]), &json!(["Logistics"])));
    assert_eq!(seen["editableFields"], json!(["description", "regions", "industries"]));
    assert!(seen["allowedActions"].as_array().unwrap().contains(&json!("UPDATE_PROFILE")));

    let input = json!({ "description": "Twenty\npeople.", "regions": ["ASIA", "EUROPE"], "industries": ["Health"],
        "expectedVersion": seen["version"] });
    let selection = "partner { description regions industries version }";
    let done = admin.done("updatePartnerProfile", input, selection).await["partner"].clone();
    assert_eq!(done["description"], "Twenty\npeople.");
    assert_eq!((&done["regions"], &done["industries"]), (&json!(["EUROPE", "ASIA"]), &json!(["Health"])));
    let input = json!({ "description": null });
    let done = admin.done("updatePartnerProfile", input, selection).await["partner"].clone();
    assert_eq!((&done["description"], &done["industries"]), (&Value::Null, &json!(["Health"])));

    let events = app.rows(&["audit_events"]).await;
    for (input, code) in [
        (json!({ "types": ["DISTRIBUTOR"] }), "FIELD_NOT_EDITABLE"),
        (json!({ "regions": [] }), "TOO_SHORT"),
        (json!({ "industries": [" "] }), "REQUIRED"),
        (json!({ "description": "x".repeat(5_001) }), "TOO_LONG"),
        (json!({ "description": "x", "expectedVersion": 1 }), "VERSION_CONFLICT"),
        (json!({ "partnerId": "ptr_00000000000000000000000000000001", "description": "x" }), "NOT_FOUND"),
    ] {
        assert_eq!(codes(&admin, "updatePartnerProfile", input.clone()).await, [code], "{input}");
    }
    assert_eq!(codes(&ops, "updatePartnerProfile", json!({ "description": "x" })).await, ["REQUIRED"]);
    assert_eq!(app.rows(&["audit_events"]).await, events);
    let input = json!({ "partnerId": id, "types": ["DISTRIBUTOR", "RESELLER"] });
    assert_eq!(codes(&ops, "updatePartnerProfile", input).await, [] as [&str; 0]);
    assert_eq!(read(&admin, id).await["types"], json!(["RESELLER", "DISTRIBUTOR"]));
}

#[tokio::test]
async fn contacts_are_kept_in_bounds_and_removed_without_a_trace() {
    let app = TestApp::start().await;
    let partner = app.partner("acme.example").await;
    let admin = app.person("ana@acme.example", Some(partner), &[Role::PartnerAdmin]).await;
    let other = app.partner("other.example").await;
    let stranger = app.person("eve@other.example", Some(other), &[Role::PartnerAdmin]).await;
    let new = |number: usize| json!({ "kind": "FINANCE", "name": "Bea", "email": format!("bea{number}@acme.example") });
    let added = admin.done("addPartnerContact", new(0), "contact { id version }").await["contact"].clone();
    let input = json!({ "contactId": added["id"], "kind": "LEGAL", "expectedVersion": 1 });
    let changed = admin.done("updatePartnerContact", input, "contact { kind name version }").await;
    assert_eq!(changed["contact"], json!({ "kind": "LEGAL", "name": "Bea", "version": 2 }));
    for (person, mutation, input, code) in [
        (&stranger, "updatePartnerContact", json!({ "contactId": added["id"], "name": "Eve" }), "NOT_FOUND"),
        (&stranger, "removePartnerContact", json!({ "contactId": added["id"] }), "NOT_FOUND"),
        (&admin, "removePartnerContact", json!({ "contactId": added["id"], "expectedVersion": 1 }), "VERSION_CONFLICT"),
        (&admin, "addPartnerContact", json!({ "kind": "SALES", "name": "Bea", "email": "bea" }), "MALFORMED"),
        (
            &stranger,
            "addPartnerContact",
            json!({ "partnerId": partner.to_string(), "kind": "SALES", "name": "E", "email": "e@x.example" }),
            "NOT_FOUND",
        ),
    ] {
        assert_eq!(codes(person, mutation, input.clone()).await, [code], "{mutation} {input}");
    }
    for number in 1..45 {
        assert_eq!(codes(&admin, "addPartnerContact", new(number)).await, [] as [&str; 0]);
    }
    // Ten at once: there are 50 at most.
    let answers = race(10, |number| codes(&admin, "addPartnerContact", new(number + 45))).await;
    assert_eq!(answers.iter().filter(|codes| codes.is_empty()).count(), 5, "{answers:?}");
    assert!(answers.iter().all(|codes| codes.is_empty() || codes == &["TOO_LONG"]));
    let listed = read(&admin, &partner.to_string()).await["contacts"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 50);
    admin.done("removePartnerContact", json!({ "contactId": added["id"] }), "removedId").await;
    let kept = crate::support::picture::picture(&app, &["idempotency_keys"]).await;
    assert!(!kept.values().flatten().any(|row| row.contains("bea0@acme.example")));
}

#[tokio::test]
async fn a_channel_manager_has_a_portfolio() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let manager = app.create_user("mia@vendor.example", None, &[Role::ChannelManager]).await.to_string();
    let rep = app.create_user("rob@vendor.example", None, &[Role::DirectSales]).await.to_string();
    let (one, two) = (app.partner("one.example").await.to_string(), app.partner("two.example").await.to_string());
    let seller = app.person("sam@one.example", one.parse().ok(), &[Role::Seller]).await;
    for (person, code) in [(rep.as_str(), "NOT_ALLOWED"), ("usr_00000000000000000000000000000001", "NOT_FOUND")] {
        let input = json!({ "partnerId": one, "managerId": person });
        assert_eq!(codes(&ops, "assignPartnerManager", input).await, [code]);
    }
    let input = json!({ "partnerId": one, "managerId": manager });
    let done = ops.done("assignPartnerManager", input, "partner { channelManager { name } }").await;
    assert_eq!(done["partner"]["channelManager"]["name"], "mia");
    assert_eq!(read(&seller, &one).await["channelManager"], Value::Null, "staff are not shown to partners");
    let list = "query($filter: PartnerFilter) { partners(filter: $filter) { nodes { id } } }";
    let portfolio = async || {
        let found = ops.ask(list, json!({ "filter": { "managerId": manager } })).await;
        found.data["partners"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(portfolio().await, [json!(one)]);
    ops.done("assignPartnerManager", json!({ "partnerId": two, "managerId": manager }), "").await;
    ops.done("assignPartnerManager", json!({ "partnerId": one }), "").await;
    assert_eq!(portfolio().await, [json!(two)]);
    app.check().await;
}

#[tokio::test]
async fn a_portfolio_walks_along_its_index() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let manager = app.create_user("mia@vendor.example", None, &[Role::ChannelManager]).await.to_string();
    let one = app.partner("one.example").await.to_string();
    ops.done("assignPartnerManager", json!({ "partnerId": one, "managerId": manager }), "").await;
    let new_id = if Engine::current() == Engine::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let grown = format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 10000)
        insert into partners (id, name, name_key, website, domain, country, types, state, tier, created_at, version, manager_id)
        select {new_id}, p.name, p.name_key, p.website, 'p' || n.i || '.example', p.country, p.types, p.state, p.tier,
            p.created_at, 1, case when n.i % 50 = 0 then p.manager_id else null end from n, partners p"
    );
    app.execute(&grown).await;
    app.analyze().await;
    let list = "query($filter: PartnerFilter, $after: String) {
        partners(filter: $filter, first: 50, after: $after) { pageInfo { endCursor } nodes { id } } }";
    let mut after = Value::Null;
    for page in 0..2 {
        let answer = ops.ask(list, json!({ "filter": { "managerId": manager }, "after": after })).await;
        assert_eq!(answer.data["partners"]["nodes"].as_array().unwrap().len(), 50);
        after = answer.data["partners"]["pageInfo"]["endCursor"].clone();
        let plan = app.plan_of(&[r#"FROM "partners""#, "LIMIT"]).await;
        let bad = ["Sort", "Seq Scan", "TEMP B-TREE", "SCAN partners\n"];
        assert!(plan.contains("partners_manager_id_idx"), "page {page}:\n{plan}");
        assert!(!bad.iter().any(|bad| plan.contains(bad)), "page {page}:\n{plan}");
    }
}

/// A product line and two territories.
async fn market(app: &TestApp) -> (Value, Value, Value) {
    let admin = app.staff(Role::Admin).await;
    let line =
        admin.done("createProductLine", json!({ "code": "PLATFORM", "name": "Platform" }), "productLine { id }").await;
    let mut territories = Vec::new();
    for (name, countries, industries) in
        [("West", json!(["DE", "FR"]), json!([])), ("Clinics", json!([]), json!(["Health"]))]
    {
        let input = json!({ "name": name, "countries": countries, "industries": industries });
        let made = admin.done("defineTerritory", input, "territory { id name countries industries }").await;
        assert_eq!(made["territory"]["countries"], countries);
        territories.push(made["territory"]["id"].clone());
    }
    assert_eq!(codes(&admin, "defineTerritory", json!({ "name": "WEST" })).await, ["CODE_TAKEN"]);
    assert_eq!(codes(&admin, "defineTerritory", json!({ "countries": ["DE"] })).await, ["REQUIRED"]);
    (line["productLine"]["id"].clone(), territories[0].clone(), territories[1].clone())
}

#[tokio::test]
async fn a_partner_is_authorised_for_lines_in_territories_for_a_while() {
    let app = TestApp::start().await;
    let (line, west, clinics) = market(&app).await;
    let ops = app.staff(Role::ChannelOps).await;
    let (partner, other) = (app.partner("acme.example").await, app.partner("other.example").await);
    let seller = app.person("sam@acme.example", Some(partner), &[Role::Seller]).await;
    let stranger = app.person("eve@other.example", Some(other), &[Role::PartnerAdmin]).await;
    let id = partner.to_string();
    let until = "2026-03-12T09:00:00Z";
    let input =
        json!({ "partnerId": id, "productLineIds": [line, line], "territoryIds": [west, clinics], "until": until });
    let granted =
        ops.done("grantPartnerAuthorisation", input, "authorisations { id isInForce grantedBy { name } }").await;
    let granted = granted["authorisations"].as_array().unwrap().clone();
    assert_eq!(granted.len(), 2);
    assert!(granted.iter().all(|one| one["isInForce"] == true && one["grantedBy"]["name"] == "channel_ops"));

    let seen = read(&seller, &id).await["authorisations"].clone();
    assert_eq!(seen[0]["productLine"]["code"], "PLATFORM");
    assert_eq!((&seen[0]["grantedBy"], &seen[0]["isInForce"]), (&Value::Null, &json!(true)));
    let mut places: Vec<_> = seen.as_array().unwrap().iter().map(|one| one["territory"]["name"].clone()).collect();
    places.sort_by_key(Value::to_string);
    assert_eq!(places, ["Clinics", "West"]);
    let territories = "{ territories { nodes { name } } }";
    assert_eq!(seller.ask(territories, Value::Null).await.data["territories"]["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(stranger.ask(territories, Value::Null).await.data["territories"]["nodes"], json!([]));

    let events = app.rows(&["audit_events", "partner_authorisations"]).await;
    let grant = |changes: Value| {
        let mut input = json!({ "partnerId": id, "productLineIds": [line], "territoryIds": [west] });
        changes.as_object().unwrap().iter().for_each(|(name, value)| input[name] = value.clone());
        input
    };
    for (input, code) in [
        (grant(json!({})), "ALREADY_AUTHORISED"),
        (grant(json!({ "until": "2026-03-01T09:00:00Z" })), "OUT_OF_RANGE"),
        (grant(json!({ "from": "2026-05-01T09:00:00Z", "until": "2026-04-01T09:00:00Z" })), "OUT_OF_RANGE"),
        (grant(json!({ "territoryIds": [] })), "TOO_SHORT"),
        (grant(json!({ "territoryIds": ["ter_00000000000000000000000000000001"] })), "NOT_FOUND"),
        (grant(json!({ "productLineIds": ["pln_00000000000000000000000000000001"] })), "NOT_FOUND"),
        (grant(json!({ "partnerId": "ptr_00000000000000000000000000000001" })), "NOT_FOUND"),
    ] {
        assert_eq!(codes(&ops, "grantPartnerAuthorisation", input.clone()).await, [code], "{input}");
    }
    assert_eq!(app.rows(&["audit_events", "partner_authorisations"]).await, events);

    // It ends by the clock, and is granted anew; what is taken back holds no more.
    app.advance(TimeDelta::days(10));
    let (seller, ops) = (app.sign_in("sam@acme.example").await, app.sign_in("channel_ops@vendor.example").await);
    assert!(read(&seller, &id).await["authorisations"].as_array().unwrap().iter().all(|one| one["isInForce"] == false));
    assert_eq!(codes(&ops, "grantPartnerAuthorisation", grant(json!({}))).await, [] as [&str; 0]);
    let seen = read(&seller, &id).await["authorisations"].clone();
    let anew = seen.as_array().unwrap().iter().find(|one| one["isInForce"] == true).unwrap()["id"].clone();
    assert_eq!(codes(&ops, "revokePartnerAuthorisation", json!({ "authorisationId": anew })).await, [] as [&str; 0]);
    assert_eq!(codes(&ops, "revokePartnerAuthorisation", json!({ "authorisationId": anew })).await, ["WRONG_STATE"]);
    assert_eq!(read(&seller, &id).await["authorisations"].as_array().unwrap().len(), 1);
    app.check().await;
}

#[tokio::test]
async fn twenty_grants_of_the_same_at_once_are_one() {
    let app = TestApp::start().await;
    let (line, west, _) = market(&app).await;
    let ops = app.staff(Role::ChannelOps).await;
    let partner = app.partner_in("acme.example", PartnerState::Onboarding, &[PartnerType::Reseller]).await.to_string();
    let input = json!({ "partnerId": partner, "productLineIds": [line], "territoryIds": [west] });
    let answers = race(20, |_| codes(&ops, "grantPartnerAuthorisation", input.clone())).await;
    assert_eq!(answers.iter().filter(|codes| codes.is_empty()).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|codes| codes.is_empty() || codes == &["ALREADY_AUTHORISED"]), "{answers:?}");
    app.check().await;
}

#[tokio::test]
async fn a_list_of_partners_with_all_of_it_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let (line, west, clinics) = market(&app).await;
    let ops = app.staff(Role::ChannelOps).await;
    let list = "{ partners(first: 100) { nodes { regions contacts { name } channelManager { name }
        authorisations { productLine { code } territory { name } grantedBy { name } } } } }";
    let mut costs = Vec::new();
    for round in 0..2 {
        for number in 0..3 {
            let id = app.partner(&format!("p{round}{number}.example")).await.to_string();
            let input = json!({ "partnerId": id, "productLineIds": [line], "territoryIds": [west, clinics] });
            ops.done("grantPartnerAuthorisation", input, "").await;
            let input = json!({ "partnerId": id, "kind": "SALES", "name": "Bea", "email": "bea@acme.example" });
            ops.done("addPartnerContact", input, "").await;
        }
        let before = app.services.db.statements();
        assert_eq!(ops.ask(list, Value::Null).await.errors, Value::Null);
        costs.push(app.services.db.statements() - before);
    }
    assert_eq!(costs[0], costs[1]);
}
