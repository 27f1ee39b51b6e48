//! The policy of deals: versions, bounds, the lab that replays past decisions, and explanations of undecided ones.

use chrono::TimeDelta;
use entity::value::Role;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::{DEAL, TABLES, World};
use crate::support::{Person, TestApp};

const POLICY: &str = "version effectiveAt reviewBusinessDays authorisationRequired protectionDays { gold }
    evidence { sufficient decisionMaker } conflicts { territoryNotAuthorised incumbentPartner }";

async fn policy(person: &Person<'_>, version: Option<i32>) -> Value {
    let document = format!("query($version: Int) {{ dealPolicy(version: $version) {{ {POLICY} }} }}");
    let answer = person.ask(&document, json!({ "version": version })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["dealPolicy"].clone()
}

async fn set(world: &World<'_>, input: Value) -> Value {
    world.ops.done("setDealPolicy", input, &format!("dealPolicy {{ {POLICY} }}")).await["dealPolicy"].clone()
}

#[tokio::test]
async fn versions_take_effect_at_their_instant_and_decisions_keep_theirs() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let seller = world.seller("north").await;
    let shipped = policy(&world.ops, None).await;
    assert_eq!((&shipped["version"], &shipped["effectiveAt"]), (&json!(1), &Value::Null));
    assert_eq!(shipped["evidence"], json!({ "sufficient": 60, "decisionMaker": 15 }));
    let before = world.register(&seller, world.deal("Acme")).await;
    let later = json!({ "policy": { "evidence": { "sufficient": 70 }, "protectionDays": { "gold": 130 } },
        "effectiveAt": "2026-03-03T09:00:00Z", "expectedVersion": 1 });
    let second = set(&world, later).await;
    assert_eq!((&second["version"], &second["evidence"]["sufficient"]), (&json!(2), &json!(70)));
    assert_eq!(second["protectionDays"]["gold"], 130);
    assert_eq!(policy(&world.ops, None).await["version"], 1, "not in force yet");
    // Written upon the latest, not upon the one in force.
    let third = json!({ "policy": { "reviewBusinessDays": 3 }, "effectiveAt": "2026-03-04T09:00:00Z" });
    assert_eq!(set(&world, third).await["evidence"]["sufficient"], 70);
    assert_eq!(policy(&world.ops, Some(1)).await, shipped);

    world.later(TimeDelta::days(1) - TimeDelta::microseconds(1)).await;
    let seller = world.back("north").await;
    let still = world.register(&seller, world.deal("Bravo")).await;
    assert_eq!(still["evidenceScore"]["sufficient"], true);
    app.advance(TimeDelta::microseconds(1));
    let now = world.register(&seller, world.deal("Charlie")).await;
    assert_eq!((&now["evidenceScore"]["sufficient"], &now["qualifiedAt"]), (&json!(false), &Value::Null));
    let document = "query($id: ID!) { dealRegistration(id: $id) { receipts { policyVersion } } }";
    for (deal, version) in [(&before, 1), (&still, 1), (&now, 2)] {
        let found = world.ops.ask(document, json!({ "id": deal["id"] })).await;
        assert_eq!(found.data["dealRegistration"]["receipts"][0]["policyVersion"], version);
    }
    app.check().await;
}

#[tokio::test]
async fn windows_and_ceilings_are_figures_of_the_policy() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let seller = world.seller("north").await;
    let draft = json!({ "life": { "holdBusinessDays": 2, "mostOpenHolds": 1 }, "automatic": { "enabled": false }, "offerDays": 7,
        "cases": { "decideBusinessDays": 4 } });
    let selection =
        "dealPolicy { life { holdBusinessDays mostOpenHolds extensionDays } automatic { enabled leastEvidence }
        offerDays cases { decideBusinessDays appealBusinessDays } }";
    let set = world.ops.done("setDealPolicy", json!({ "policy": draft }), selection).await["dealPolicy"].clone();
    assert_eq!(
        set,
        json!({ "life": { "holdBusinessDays": 2, "mostOpenHolds": 1, "extensionDays": 45 },
            "automatic": { "enabled": false, "leastEvidence": 80 }, "offerDays": 7,
            "cases": { "decideBusinessDays": 4, "appealBusinessDays": 10 } })
    );
    let bare = |customer: &str| {
        let mut deal = world.deal(customer);
        deal["evidence"] = json!([]);
        deal
    };
    let held = world.register(&seller, bare("Acme")).await;
    assert_eq!(seller.refused("registerDeal", bare("Bravo")).await, ["HOLDS_USED_UP"]);
    // Two business days from Monday, 09:00.
    world.later(TimeDelta::days(2)).await;
    assert_eq!(super::read(&world.ops, &held["id"]).await["outcomeCode"], "HOLD_ENDED");
}

#[tokio::test]
async fn what_is_out_of_bounds_names_its_field_and_changes_nothing() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let manager = app.staff(Role::ChannelManager).await;
    let before = app.rows(&["policy_documents", "audit_events"]).await;
    let document =
        "mutation($input: SetDealPolicyInput!) { setDealPolicy(input: $input) { userErrors { code field } } }";
    for (input, code, field) in [
        (
            json!({ "policy": { "evidence": { "sufficient": 101 } } }),
            "OUT_OF_RANGE",
            json!(["policy", "evidence", "sufficient"]),
        ),
        (json!({ "policy": { "evidence": { "decisionMaker": 20 } } }), "OUT_OF_RANGE", json!(["policy", "evidence"])),
        (json!({ "policy": { "reviewBusinessDays": 0 } }), "OUT_OF_RANGE", json!(["policy", "reviewBusinessDays"])),
        (
            json!({ "policy": { "life": { "warningDays": 61 } } }),
            "OUT_OF_RANGE",
            json!(["policy", "life", "revocableDays"]),
        ),
        (
            json!({ "policy": { "conflicts": { "ownDuplicate": "WAITLIST" } } }),
            "OUT_OF_RANGE",
            json!(["policy", "conflicts", "ownDuplicate"]),
        ),
        (
            json!({ "policy": { "conflicts": { "incumbentPartner": "REFUSE" } } }),
            "MALFORMED",
            json!(["policy", "conflicts", "incumbentPartner"]),
        ),
        (json!({ "policy": {}, "expectedVersion": 2 }), "VERSION_CONFLICT", json!(["expectedVersion"])),
        (json!({ "policy": {}, "effectiveAt": "2026-03-02T08:59:59Z" }), "OUT_OF_RANGE", json!(["effectiveAt"])),
        (json!({ "policy": {}, "effectiveAt": "2027-03-03T09:00:00.000001Z" }), "OUT_OF_RANGE", json!(["effectiveAt"])),
        (json!({ "policy": {}, "effectiveAt": "2126-03-03T09:00:00Z" }), "OUT_OF_RANGE", json!(["effectiveAt"])),
    ] {
        let answer = world.ops.ask(document, json!({ "input": input })).await;
        assert_eq!(answer.data["setDealPolicy"]["userErrors"], json!([{ "code": code, "field": field }]), "{input}");
    }
    for person in [seller, manager] {
        let answer = person.ask(document, json!({ "input": { "policy": {} } })).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN");
    }
    assert_eq!(app.rows(&["policy_documents", "audit_events"]).await, before);
}

#[tokio::test]
async fn a_version_takes_effect_within_a_year_and_the_next_follows_it() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let document = "mutation($input: SetDealPolicyInput!) { setDealPolicy(input: $input) { userErrors { message } } }";
    let input = json!({ "policy": {}, "effectiveAt": "2126-03-02T09:00:00Z" });
    let answer = world.ops.ask(document, json!({ "input": input })).await;
    let message = answer.data["setDealPolicy"]["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("2027-03-03T09:00:00.000000Z at the latest") && message.contains("366 days"), "{message}");
    // 366 days from Monday, the 2nd of March 2026, 09:00.
    let furthest = json!({ "policy": { "reviewBusinessDays": 3 }, "effectiveAt": "2027-03-03T09:00:00Z" });
    assert_eq!(set(&world, furthest.clone()).await["version"], 2);
    assert_eq!(set(&world, furthest).await["version"], 3);
}

const PREVIEW: &str =
    "query($policy: DealPolicyDraft!, $from: DateTime!, $to: DateTime!, $first: Int, $after: String) {
    previewDealPolicy(policy: $policy, from: $from, to: $to, first: $first, after: $after) {
        baseVersion replayed differing totals { before after decisions amount { minorUnits currency } }
        partners { partner { name } decisions amount { minorUnits } }
        differences { pageInfo { hasNextPage endCursor } nodes { dealRegistration { id } partner { name } before after
            amount { minorUnits } decidedAt receipt { outcome steps { rule code } } } } } }";

async fn preview(person: &Person<'_>, policy: Value, page: Value) -> Value {
    let mut variables = json!({ "policy": policy, "from": "2026-03-01T00:00:00Z", "to": "2026-04-01T00:00:00Z" });
    variables.as_object_mut().unwrap().extend(page.as_object().unwrap().clone());
    let answer = person.ask(PREVIEW, variables).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["previewDealPolicy"].clone()
}

#[tokio::test]
async fn the_lab_replays_what_was_decided_under_a_draft() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    // Sixty points each: sufficient as it is in force, not from seventy on.
    let protected = world.register(&north, world.deal("Acme")).await;
    app.advance(TimeDelta::microseconds(1));
    world.approve(&protected).await;
    app.advance(TimeDelta::microseconds(1));
    let mut waiting = world.deal("Acme");
    (waiting["joinWaitlist"], waiting["amount"]["minorUnits"]) = (json!(true), json!("250000"));
    let waiting = world.register(&south, waiting).await;
    assert_eq!(waiting["state"], "WAITLISTED");
    app.advance(TimeDelta::minutes(1));
    // Ten points more a minute later: it would have been qualified then, not before.
    let late = world.register(&south, world.deal("Bravo")).await;
    app.advance(TimeDelta::minutes(1));
    let more = json!({ "id": late["id"], "evidence": [{ "kind": "DEMONSTRATION", "description": "They saw it." }] });
    south.done("addDealEvidence", more, DEAL).await;
    world.approve(&late).await;

    let tables = app.rows(TABLES).await;
    let none = preview(&world.ops, json!({}), json!({})).await;
    assert_eq!((&none["replayed"], &none["differing"], &none["totals"]), (&json!(5), &json!(0), &json!([])));
    let stricter = json!({ "evidence": { "sufficient": 70 } });
    let found = preview(&world.ops, stricter.clone(), json!({})).await;
    assert_eq!((&found["baseVersion"], &found["differing"]), (&json!(1), &json!(2)));
    let nodes = found["differences"]["nodes"].clone();
    assert_eq!(
        (&nodes[0]["dealRegistration"]["id"], &nodes[0]["before"], &nodes[0]["after"]),
        (&protected["id"], &json!("PROTECTED"), &json!("NOT_PROTECTED"))
    );
    assert_eq!(nodes[0]["receipt"]["outcome"], "EVIDENCE_INSUFFICIENT");
    assert_eq!(
        (&nodes[1]["dealRegistration"]["id"], &nodes[1]["before"], &nodes[1]["after"]),
        (&waiting["id"], &json!("WAITLIST"), &json!("REFUSED"))
    );
    assert_eq!(
        found["totals"],
        json!([
            { "before": "WAITLIST", "after": "REFUSED", "decisions": 1, "amount": { "minorUnits": "250000", "currency": "EUR" } },
            { "before": "PROTECTED", "after": "NOT_PROTECTED", "decisions": 1, "amount": { "minorUnits": "1000000", "currency": "EUR" } },
        ])
    );
    assert_eq!(found["partners"].as_array().unwrap().len(), 2);

    let page = preview(&world.ops, stricter.clone(), json!({ "first": 1 })).await;
    assert_eq!((&page["differing"], &page["differences"]["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
    assert_eq!(page["differences"]["nodes"], json!([nodes[0]]));
    let cursor = page["differences"]["pageInfo"]["endCursor"].clone();
    let page = preview(&world.ops, stricter.clone(), json!({ "first": 1, "after": cursor })).await;
    assert_eq!(page["differences"]["nodes"], json!([nodes[1]]));

    // Other consequences: whoever waits would have been turned away.
    let conflicts = json!({ "protectedByAnotherPartner": "REFUSE", "directOpportunityOpen": "REFUSE",
        "accountReservedForDirect": "REFUSE", "incumbentPartner": "REFUSE" });
    let found = preview(&world.ops, json!({ "conflicts": conflicts }), json!({})).await;
    assert_eq!(found["totals"][0]["before"], "WAITLIST");
    assert_eq!((&found["totals"][0]["after"], &found["differing"]), (&json!("REFUSED"), &json!(1)));
    // Another span, another answer; and nothing was written by any of it.
    let answer = world
        .ops
        .ask(PREVIEW, json!({ "policy": stricter, "from": "2026-03-02T09:01:00Z", "to": "2026-04-01T00:00:00Z" }))
        .await;
    assert_eq!(
        (&answer.data["previewDealPolicy"]["replayed"], &answer.data["previewDealPolicy"]["differing"]),
        (&json!(2), &json!(0))
    );
    let empty = world
        .ops
        .ask(PREVIEW, json!({ "policy": {}, "from": "2026-04-01T00:00:00Z", "to": "2026-04-01T00:00:00Z" }))
        .await;
    assert_eq!(empty.errors[0]["extensions"]["field"], json!(["to"]));
    assert_eq!(app.rows(TABLES).await, tables);
    app.check().await;
}

#[tokio::test]
async fn a_draft_is_previewed_upon_the_version_that_it_would_be_written_upon() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    world.approve(&deal).await;
    // Written, and not in force yet: evidence as it is would not be sufficient.
    let planned = json!({ "policy": { "evidence": { "sufficient": 70 } }, "effectiveAt": "2026-03-10T09:00:00Z" });
    assert_eq!(set(&world, planned).await["version"], 2);
    let draft = json!({ "reviewBusinessDays": 3 });
    let found = preview(&world.ops, draft.clone(), json!({})).await;
    assert_eq!((&found["baseVersion"], &found["differing"]), (&json!(2), &json!(1)));
    assert_eq!(found["differences"]["nodes"][0]["after"], "NOT_PROTECTED");
    assert_eq!(
        set(&world, json!({ "policy": draft, "effectiveAt": "2026-03-10T09:00:00Z" })).await["evidence"]["sufficient"],
        70
    );
}

const EXPLAIN: &str =
    "query($id: ID!) { explainDealRegistration(id: $id) { outcome availability receipt { decision outcome
    policyVersion steps { rule outcome code sentence } } } }";

#[tokio::test]
async fn staff_have_what_is_undecided_explained_and_nothing_is_decided() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let early = world.register(&north, world.deal("Acme")).await;
    app.advance(TimeDelta::minutes(1));
    let late = world.register(&south, world.deal("Acme")).await;
    let tables = app.rows(TABLES).await;
    let explain = async |deal: &Value| {
        let answer = world.ops.ask(EXPLAIN, json!({ "id": deal["id"] })).await;
        assert_eq!(answer.errors, Value::Null);
        answer.data["explainDealRegistration"].clone()
    };
    let first = explain(&early).await;
    assert_eq!((&first["outcome"], &first["receipt"]["outcome"]), (&json!("PROTECTED"), &json!("GRANTED")));
    let second = explain(&late).await;
    assert_eq!(
        (&second["outcome"], &second["availability"], &second["receipt"]["outcome"]),
        (&json!("NOT_PROTECTED"), &json!("NOT_AVAILABLE"), &json!("RIVAL_QUALIFIED_EARLIER"))
    );
    assert_eq!(app.rows(TABLES).await, tables);
    // What it says is what happens.
    world.approve(&early).await;
    assert_eq!(explain(&late).await["receipt"]["outcome"], "PROTECTED_BY_ANOTHER_PARTNER");
    let decided = world.ops.ask(EXPLAIN, json!({ "id": early["id"] })).await;
    assert_eq!(decided.errors[0]["extensions"]["reason"], "WrongState");
    let own = south.ask(EXPLAIN, json!({ "id": late["id"] })).await;
    assert_eq!(own.errors[0]["extensions"]["reason"], "WrongState");
    let foreign = north.ask(EXPLAIN, json!({ "id": late["id"] })).await;
    assert_eq!(foreign.errors[0]["extensions"]["reason"], "NotFound");
}

#[tokio::test]
async fn a_partner_has_its_draft_explained_in_the_words_it_would_be_answered_in() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (rival, seller) = (world.seller("north").await, world.seller("south").await);
    let mut drafts = Vec::new();
    for name in ["Reserved", "Direct", "Protected", "Free"] {
        let mut draft = world.deal(name);
        draft["draft"] = json!(true);
        let draft = world.register(&seller, draft).await;
        if name == "Reserved" || name == "Direct" {
            let details = &world.deal(name)["account"]["details"];
            let made = json!({ "name": details["name"], "country": details["country"] });
            let account = world.ops.done("createAccount", made, "account { id }").await["account"]["id"].clone();
            if name == "Reserved" {
                let reserve = json!({ "accountId": account, "reservedFor": "DIRECT", "reason": "ours" });
                world.ops.done("reserveAccount", reserve, "").await;
            } else {
                let open = json!({ "accountId": account, "productLineIds": [world.line], "reference": "CRM-7" });
                world.ops.done("recordDirectOpportunity", open, "").await;
            }
        }
        drafts.push((name, draft));
    }
    let held = world.register(&rival, world.deal("Protected")).await;
    world.approve(&held).await;
    let mut told = Vec::new();
    for (name, draft) in &drafts {
        let answer = seller.ask(EXPLAIN, json!({ "id": draft["id"] })).await;
        assert_eq!(answer.errors, Value::Null, "{name}");
        told.push(answer.data["explainDealRegistration"].clone());
    }
    assert_eq!((&told[0]["outcome"], &told[0]["availability"]), (&json!("WAITLIST"), &json!("NOT_AVAILABLE")));
    assert!(told[..3].iter().all(|one| *one == told[0]), "{told:?}");
    assert_eq!((&told[3]["outcome"], &told[3]["availability"]), (&json!("CLEAR"), &json!("CLEAR")));
    let text = told[0].to_string();
    for secret in ["RESERVED", "DIRECT", "PROTECTED", "CRM-7", "north", "reg_"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(app.rows(&["availability_budgets where used = 4"]).await[0].1, 1, "each counts as a question");
    assert_eq!(app.rows(&["accounts where name = 'Free'"]).await[0].1, 0, "a question makes no account");
    // Staff read what stands against it.
    let staff = world.ops.ask(EXPLAIN, json!({ "id": drafts[1].1["id"] })).await.data.to_string();
    assert!(staff.contains("DIRECT_OPPORTUNITY_OPEN") && staff.contains("CRM-7"), "{staff}");

    let most = format!(
        "insert into policy_documents (kind, version, effective_at, document)
        values ('account_matching', 2, {}, '{{\"availabilityChecksADay\":4}}')",
        app.now().micros()
    );
    app.services.db.pool().execute_unprepared(&most).await.unwrap();
    let refused = seller.ask(EXPLAIN, json!({ "id": drafts[0].1["id"] })).await;
    assert_eq!(refused.errors[0]["extensions"]["code"], "RATE_LIMITED");
}

#[tokio::test]
async fn evidence_that_was_withdrawn_counts_until_then_under_a_draft_too() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let north = world.seller("north").await;
    let mut strong = world.deal("Acme");
    strong["evidence"].as_array_mut().unwrap().push(json!({ "kind": "DEMONSTRATION", "description": "shown" }));
    let deal = north.done("registerDeal", strong, "dealRegistration { id evidence { id kind } }").await;
    let deal = &deal["dealRegistration"];
    app.advance(TimeDelta::minutes(1));
    let shown = deal["evidence"].as_array().unwrap().iter().find(|it| it["kind"] == "DEMONSTRATION").unwrap();
    north.done("withdrawDealEvidence", json!({ "id": deal["id"], "evidenceId": shown["id"] }), "").await;
    app.advance(TimeDelta::minutes(1));
    world.approve(deal).await;
    // Seventy points when it was registered, sixty when it was approved.
    let found = preview(&world.ops, json!({ "evidence": { "sufficient": 70 } }), json!({})).await;
    let nodes = found["differences"]["nodes"].as_array().unwrap();
    let told: Vec<_> = nodes.iter().map(|it| (&it["before"], &it["after"])).collect();
    assert_eq!(told, [(&json!("PROTECTED"), &json!("NOT_PROTECTED"))]);
    app.check().await;
}

#[tokio::test]
async fn other_words_cost_no_place_even_where_the_policy_asks_for_more_by_now() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let north = world.seller("north").await;
    let deal = world.register(&north, world.deal("Acme")).await;
    let stricter = json!({ "evidence": { "sufficient": 70 } });
    set(&world, json!({ "policy": stricter })).await;
    world.later(TimeDelta::days(1)).await;
    let north = world.back("north").await;
    let ask = json!({ "id": deal["id"], "fields": ["NEED"], "message": "What do they need?" });
    world.ops.done("requestDealInformation", ask, "").await;
    let edit = |need: &str| json!({ "id": deal["id"], "need": need });
    let fields = "dealRegistration { qualifiedAt holdUntil }";
    let kept = north.done("updateDealRegistration", edit("A second site."), fields).await;
    assert_eq!(kept["dealRegistration"], json!({ "qualifiedAt": deal["qualifiedAt"], "holdUntil": null }));
    app.check().await;
}
