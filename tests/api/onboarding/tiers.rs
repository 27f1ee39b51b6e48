//! Tiers: what is missing for the next level, monthly reviews with their grace, and people who confirm.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::value::{PartnerId, Role};
use partner_portal::standing::tiers::run_due;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::{
    deals::World,
    support::{Person, TestApp, race::race},
};

const TABLES: &[&str] = &["tier_reviews", "partners", "audit_events", "decision_receipts"];
const REVIEW: &str =
    "tierReview { id month asOn tier earnedTier proposedTier state policyVersion reason decidedAt decidedBy { name }
    allowedActions version figures { revenue { minorUnits currency } revenueDeals certifications score }
    receipts { decision outcome policyVersion steps { rule outcome sentence } } }";
const NEXT: &str = "{ viewer { partner { tier tierBenefits { tier dealDiscountBp protectionDays policyVersion mdfPotential { minorUnits } }
    nextTier { tier policyVersion requirements { requirement have need missing isMet hasData currency } }
    tierReviews { month state proposedTier } } } }";

/// A policy in which only the revenue of a level counts, in minor units.
fn only_revenue(silver: i64, gold: i64) -> Value {
    let level = |tier: &str, revenue: i64, days: i64| {
        json!({ "tier": tier, "requiredRevenueMinorUnits": revenue.to_string(), "requiredCertifications": 0,
            "requiredEngagementScore": 0, "dealDiscountBp": 500, "protectionDays": days, "mdfPotentialMinorUnits": "0",
            "autoApprovalCeilingMinorUnits": "0" })
    };
    let levels = [
        level("REGISTERED", 0, 60),
        level("SILVER", silver, 90),
        level("GOLD", gold, 33),
        level("PLATINUM", gold.max(silver) * 100, 180),
    ];
    let program =
        json!({ "code": "STANDARD", "name": "Program", "partnerTypes": [], "currency": "EUR", "levels": levels });
    json!({ "programs": [program], "graceReviews": 1 })
}

async fn id_of(person: &Person<'_>) -> String {
    let answer = person.ask("{ viewer { partner { id } } }", Value::Null).await;
    answer.data["viewer"]["partner"]["id"].as_str().unwrap().to_owned()
}

async fn reviewed(ops: &Person<'_>, partner: &str, as_on: Value) -> Value {
    let input = json!({ "partnerId": partner, "asOn": as_on });
    ops.done("runTierReview", input, REVIEW).await["tierReview"].clone()
}

/// A deal that was won, of ten thousand euros.
async fn wins(world: &World<'_>, seller: &Person<'_>, customer: &str) {
    let deal = world.register(seller, world.deal(customer)).await;
    world.approve(&deal).await;
    world.ops.done("markDealWon", json!({ "id": deal["id"] }), "").await;
}

#[tokio::test]
async fn a_partner_sees_its_benefits_and_what_is_missing_for_the_next_level() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let seen = seller.ask(NEXT, Value::Null).await.data["viewer"]["partner"].clone();
    assert_eq!((&seen["tier"], &seen["tierBenefits"]["protectionDays"]), (&json!("REGISTERED"), &json!(60)));
    assert_eq!(seen["nextTier"]["tier"], "SILVER");
    let missing = json!({ "requirement": "REVENUE", "have": "0", "need": "10000000", "missing": "10000000", "isMet": false,
        "hasData": false, "currency": "EUR" });
    assert_eq!(seen["nextTier"]["requirements"][0], missing);

    wins(&world, &seller, "Acme").await;
    let seen = seller.ask(NEXT, Value::Null).await.data["viewer"]["partner"].clone();
    let requirements = seen["nextTier"]["requirements"].as_array().unwrap();
    assert_eq!((&requirements[0]["have"], &requirements[0]["missing"]), (&json!("1000000"), &json!("9000000")));
    assert_eq!(
        (&requirements[1]["requirement"], &requirements[1]["hasData"]),
        (&json!("CERTIFICATIONS"), &json!(false))
    );
    // The score is the one that the partner reads.
    let score = seller.ask("{ viewer { partner { engagementScore { score } } } }", Value::Null).await;
    let score = score.data["viewer"]["partner"]["engagementScore"]["score"].as_f64().unwrap();
    let have: f64 = requirements[2]["have"].as_str().unwrap().parse().unwrap();
    assert!((have / 100.0 - score).abs() < 0.011, "{have} {score}");
}

#[tokio::test]
async fn who_has_earned_more_is_proposed_for_it_and_has_it_once_a_person_confirms() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let partner = id_of(&seller).await;
    world.ops.done("setTierPolicy", only_revenue(1_000_000, 2_000_000), "policy { version }").await;
    wins(&world, &seller, "Acme").await;
    app.advance(TimeDelta::minutes(1));
    let review = reviewed(&world.ops, &partner, Value::Null).await;
    assert_eq!((&review["state"], &review["proposedTier"]), (&json!("PROPOSED"), &json!("SILVER")));
    assert_eq!((&review["month"], &review["policyVersion"]), (&json!("2026-03"), &json!(2)));
    assert_eq!(review["figures"]["revenue"], json!({ "minorUnits": "1000000", "currency": "EUR" }));
    let receipt = &review["receipts"][0];
    assert_eq!((&receipt["decision"], &receipt["outcome"]), (&json!("tier.review"), &json!("PROPOSED")));
    assert_eq!(receipt["steps"].as_array().unwrap().len(), 12);
    // A month is reviewed once.
    let before = app.rows(TABLES).await;
    assert_eq!(reviewed(&world.ops, &partner, json!("2026-03-01")).await["id"], review["id"]);
    assert_eq!(app.rows(TABLES).await, before);
    // Until somebody confirms it is the vendor's own affair.
    let node = "query($id: ID!) { node(id: $id) { id } tierReviews { nodes { id } } }";
    let seen = seller.ask(node, json!({ "id": review["id"] })).await;
    assert_eq!(seen.data, json!({ "node": null, "tierReviews": { "nodes": [] } }));

    let confirm = json!({ "reviewId": review["id"], "expectedVersion": 1, "idempotencyKey": "c-1" });
    let confirmed = world.ops.done("confirmTierChange", confirm.clone(), REVIEW).await["tierReview"].clone();
    assert_eq!((&confirmed["state"], &confirmed["decidedBy"]["name"]), (&json!("CONFIRMED"), &json!("channel_ops")));
    let before = app.rows(TABLES).await;
    assert_eq!(world.ops.done("confirmTierChange", confirm, REVIEW).await["tierReview"], confirmed);
    let again = json!({ "reviewId": review["id"] });
    assert_eq!(world.ops.refused("confirmTierChange", again.clone()).await, ["WRONG_STATE"]);
    let mut dismiss = again;
    dismiss["reason"] = json!("Too early");
    assert_eq!(world.ops.refused("dismissTierChange", dismiss).await, ["WRONG_STATE"]);
    assert_eq!(app.rows(TABLES).await, before);
    let seen = seller.ask(NEXT, Value::Null).await.data["viewer"]["partner"].clone();
    assert_eq!((&seen["tier"], &seen["nextTier"]["tier"]), (&json!("SILVER"), &json!("GOLD")));
    assert_eq!(seen["tierReviews"], json!([{ "month": "2026-03", "state": "CONFIRMED", "proposedTier": "SILVER" }]));
    // What the level gives holds for the next deal, with the version that says so.
    let deal = world.register(&seller, world.deal("Bravo")).await;
    assert_eq!(world.approve(&deal).await["protectedUntil"], "2026-05-31T09:01:00.000000Z");
    let receipts =
        "query($id: ID!) { dealRegistration(id: $id) { receipts { decision policyVersion steps { sentence } } } }";
    let receipts = seller.ask(receipts, json!({ "id": deal["id"] })).await.data["dealRegistration"]["receipts"].clone();
    let term =
        receipts.as_array().unwrap().iter().find(|receipt| receipt["decision"] == "registration.term").unwrap().clone();
    assert_eq!(
        (&term["policyVersion"], &term["steps"][0]["sentence"]),
        (&json!(2), &json!("The level SILVER is protected for 90 days."))
    );
    app.check().await;
}

#[tokio::test]
async fn the_first_review_under_the_line_is_grace_the_second_proposes_and_a_dismissal_begins_anew() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let partner = app.partner("acme.example").await;
    let id = partner.to_string();
    app.execute("update partners set tier = 'GOLD'").await;
    let months = [
        ("2025-09-10", "GRACE", Value::Null),
        ("2025-10-10", "PROPOSED", json!("REGISTERED")),
        // Nobody decided: the next one takes its place.
        ("2025-11-10", "PROPOSED", json!("REGISTERED")),
    ];
    let mut last = Value::Null;
    for (as_on, state, proposed) in months {
        last = reviewed(&ops, &id, json!(as_on)).await;
        assert_eq!((&last["state"], &last["proposedTier"]), (&json!(state), &proposed), "{as_on}");
    }
    let open =
        "query($states: [TierReviewState!]) { tierReviews(filter: { states: $states }) { nodes { month state } } }";
    let superseded = ops.ask(open, json!({ "states": ["SUPERSEDED"] })).await;
    assert_eq!(superseded.data["tierReviews"]["nodes"], json!([{ "month": "2025-10", "state": "SUPERSEDED" }]));
    let dismissed = json!({ "reviewId": last["id"], "reason": "They opened a new office." });
    ops.done("dismissTierChange", dismissed, "").await;
    assert_eq!(reviewed(&ops, &id, json!("2025-12-10")).await["state"], "GRACE");
    let proposed = reviewed(&ops, &id, json!("2026-01-10")).await;
    assert_eq!(proposed["state"], "PROPOSED");
    ops.done("confirmTierChange", json!({ "reviewId": proposed["id"] }), "").await;
    assert_eq!(reviewed(&ops, &id, json!("2026-02-10")).await["state"], "KEPT");
    let tier = ops.ask("query($id: ID!) { partner(id: $id) { tier } }", json!({ "id": id })).await;
    assert_eq!(tier.data["partner"]["tier"], "REGISTERED");
    app.check().await;
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let partner = app.partner("acme.example").await.to_string();
    reviewed(&ops, &partner, json!("2026-02-10")).await;
    let kept = reviewed(&ops, &partner, Value::Null).await;
    let sleeping = app.partner_in("asleep.example", entity::value::PartnerState::Suspended, &[]).await.to_string();
    let mut policy = only_revenue(2, 1);
    let before = app.rows(&["tier_reviews", "partners", "audit_events", "decision_receipts", "policy_documents"]).await;
    let mut late = only_revenue(1, 2);
    late["expectedVersion"] = json!(7);
    policy["expectedVersion"] = json!(1);
    for (mutation, input, code) in [
        ("runTierReview", json!({ "partnerId": partner, "asOn": "2026-01-10" }), "OUT_OF_RANGE"),
        ("runTierReview", json!({ "partnerId": partner, "asOn": "2026-03-03" }), "OUT_OF_RANGE"),
        ("runTierReview", json!({ "partnerId": sleeping }), "PARTNER_NOT_ACTIVE"),
        ("runTierReview", json!({ "partnerId": "ptr_00000000000000000000000000000001" }), "NOT_FOUND"),
        ("confirmTierChange", json!({ "reviewId": kept["id"] }), "WRONG_STATE"),
        ("confirmTierChange", json!({ "reviewId": kept["id"], "expectedVersion": 3 }), "VERSION_CONFLICT"),
        ("dismissTierChange", json!({ "reviewId": kept["id"], "reason": " " }), "REQUIRED"),
        (
            "dismissTierChange",
            json!({ "reviewId": "trv_00000000000000000000000000000001", "reason": "x" }),
            "NOT_FOUND",
        ),
        ("setTierPolicy", policy, "MALFORMED"),
        ("setTierPolicy", late, "VERSION_CONFLICT"),
    ] {
        assert_eq!(ops.refused(mutation, input.clone()).await, [code], "{mutation} {input}");
    }
    assert_eq!(
        app.rows(&["tier_reviews", "partners", "audit_events", "decision_receipts", "policy_documents"]).await,
        before
    );
}

#[tokio::test]
async fn the_monthly_review_runs_once_whoever_runs_it_and_leaves_newcomers_alone() {
    let app = TestApp::start().await;
    for number in 0..7 {
        app.partner(&format!("p{number}.example")).await;
    }
    assert_eq!(run_due(&app.services).await.unwrap(), 0, "who came in the month is not reviewed in it");
    for month in 1..=20_u64 {
        app.advance(TimeDelta::days(31));
        let done = race(2, |_| {
            let services = Arc::clone(&app.services);
            async move { run_due(&services).await.unwrap() }
        })
        .await;
        // Whoever comes second is answered with the review that there is.
        assert!(done.iter().sum::<u64>() >= 7, "{done:?}");
        assert_eq!(app.rows(&["tier_reviews"]).await[0].1, i64::try_from(month * 7).unwrap());
        assert_eq!(run_due(&app.services).await.unwrap(), 0);
    }
    app.check().await;
}

#[tokio::test]
async fn a_proposal_is_decided_once_whoever_decides_at_once() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let admin = app.staff(Role::Admin).await;
    ops.done("setTierPolicy", only_revenue(0, 1), "").await;
    app.advance(TimeDelta::minutes(1));
    for round in 0..20 {
        let partner = app.partner(&format!("p{round}.example")).await;
        let review = reviewed(&ops, &partner.to_string(), Value::Null).await;
        let confirm =
            "mutation($id: ID!) { done: confirmTierChange(input: { reviewId: $id }) { userErrors { code } } }";
        let dismiss = "mutation($id: ID!) { done: dismissTierChange(input: { reviewId: $id, reason: \"x\" }) { userErrors { code } } }";
        let calls = [(&ops, confirm), (&admin, if round % 2 == 0 { confirm } else { dismiss })];
        let answers = race(2, |number| calls[number].0.ask(calls[number].1, json!({ "id": review["id"] }))).await;
        let codes: Vec<_> = answers.iter().map(|answer| answer.data["done"]["userErrors"].clone()).collect();
        let wrong = json!([{ "code": "WRONG_STATE" }]);
        assert!(codes == [json!([]), wrong.clone()] || codes == [wrong, json!([])], "{codes:?}");
        assert_eq!(
            tier_and_version(&app, partner).await.1,
            if codes[0] == json!([]) || round % 2 == 0 { 2 } else { 1 }
        );
    }
    app.check().await;
}

async fn tier_and_version(app: &TestApp, partner: PartnerId) -> (String, i64) {
    let pool = app.services.db.pool();
    let sql = "select tier, version from partners where id = $1";
    let statement = Statement::from_sql_and_values(pool.get_database_backend(), sql, [partner.into()]);
    let row = pool.query_one_raw(statement).await.unwrap().unwrap();
    (row.try_get("", "tier").unwrap(), row.try_get("", "version").unwrap())
}

#[tokio::test]
async fn a_page_of_partners_with_what_is_missing_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let document = "{ partners(first: 50) { nodes { id tierBenefits { protectionDays } nextTier { requirements { missing } }
        tierReviews { month } agreements { isOutstanding agreement { title } } businessPlans { year } onboardingPlan { nextDueAt } } } }";
    let mut counts = Vec::new();
    for round in 0..3 {
        for number in 0..4 {
            let partner = app.partner(&format!("p{round}{number}.example")).await;
            reviewed(&ops, &partner.to_string(), Value::Null).await;
        }
        let before = app.services.db.statements();
        let answer = ops.ask(document, Value::Null).await;
        assert_eq!(answer.errors, Value::Null, "{answer:?}");
        counts.push(app.services.db.statements() - before);
    }
    assert_eq!(counts[0], counts[2], "{counts:?}");
    assert!(counts[0] <= 14, "{counts:?}");
}

#[tokio::test]
async fn reviews_and_figures_are_read_along_indexes() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let partner = id_of(&seller).await;
    reviewed(&world.ops, &partner, Value::Null).await;
    let new_id = if crate::support::Engine::current() == crate::support::Engine::Postgres {
        "gen_random_uuid()"
    } else {
        "randomblob(16)"
    };
    let many = format!(
        "insert into tier_reviews (id, partner_id, month, as_on, reviewed_at, tier, earned_tier, state, policy_version, figures, version)
         select {new_id}, r.partner_id, 'm' || n.i, r.as_on, 1, r.tier, r.earned_tier, case when n.i % 100 = 0 then 'GRACE' else 'KEPT' end, 1, r.figures, 1
         from tier_reviews r, (with recursive n (i) as (select 1 union all select i + 1 from n where i < 5000) select i from n) n"
    );
    app.execute(&many).await;
    app.analyze().await;
    let list = "query($filter: TierReviewFilter) { tierReviews(filter: $filter, first: 20) { nodes { id } } }";
    for (filter, index) in [
        (json!({ "states": ["GRACE"] }), "tier_reviews_state_idx"),
        (json!({ "partnerId": partner }), "tier_reviews_partner_id_idx"),
        (json!({ "partnerId": partner, "month": "2026-03" }), "one_review_per_partner_and_month"),
    ] {
        world.ops.ask(list, json!({ "filter": filter })).await;
        let plan = app.plan_of(&[r#"FROM "tier_reviews""#]).await;
        // SQLite calls the index behind a constraint by the table's name.
        let named =
            plan.contains(index) || (index.starts_with("one_") && plan.contains("sqlite_autoindex_tier_reviews"));
        let bad = ["SCAN tier_reviews\n", "Seq Scan"];
        assert!(
            (named || plan.contains("tier_reviews_partner_id_idx")) && !bad.iter().any(|bad| plan.contains(bad)),
            "{filter}:\n{plan}"
        );
    }
    seller.ask(NEXT, Value::Null).await;
    let plan = app.plan_of(&["from deal_registrations where partner_id in"]).await;
    assert!(!plan.contains("SCAN deal_registrations\n"), "{plan}");
}
