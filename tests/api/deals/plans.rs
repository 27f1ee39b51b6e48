//! What is asked all day walks along an index, however large the table grows: the databases' own plans say so.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::World;
use crate::support::{Engine, TestApp};

/// Twenty thousand registrations of twenty partners, copied from one; two in a hundred wait for a decision.
async fn grow(app: &TestApp, world: &World<'_>) {
    let seller = world.seller("north").await;
    world.register(&seller, world.deal("Customer")).await;
    for number in 0..19 {
        app.partner(&format!("partner-{number}.example")).await;
    }
    let new_id = if Engine::current() == Engine::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let filled = format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000),
        p (id, place) as (select id, row_number() over (order by id) - 1 from partners)
        insert into deal_registrations (id, partner_id, account_id, amount_minor, currency, expected_close_on, contact_name, contact_email, partner_role,
            need, evidence_score, policy_version, state, deal_stage, submitted_at, due_at, qualified_at, version)
        select {new_id}, p.id, r.account_id, 1, r.currency, r.expected_close_on, r.contact_name, r.contact_email, r.partner_role, r.need, r.evidence_score, 1,
            case n.i % 100 when 0 then 'SUBMITTED' when 1 then 'IN_REVIEW' else 'REJECTED' end, r.deal_stage, r.submitted_at, r.due_at, n.i, 1
        from n join p on p.place = n.i % 20 cross join deal_registrations r"
    );
    let pool = app.services.db.pool();
    pool.execute_unprepared(&filled).await.unwrap();
    app.analyze().await;
}

/// Along this index: nothing is sorted, and no table is read as a whole.
fn along(plan: &str, index: &str) -> bool {
    let bad = ["Sort", "Seq Scan", "TEMP B-TREE", "SCAN deal_registrations\n", "Bitmap"];
    plan.contains(index) && !bad.iter().any(|bad| plan.contains(bad))
}

#[tokio::test]
async fn the_queue_and_the_deals_of_a_partner_are_read_along_an_index() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    grow(&app, &world).await;
    let list = "query($filter: DealRegistrationFilter, $orderBy: DealRegistrationOrder, $after: String) {
        dealRegistrations(filter: $filter, orderBy: $orderBy, first: 50, after: $after) { nodes { id } pageInfo { endCursor } } }";

    let oldest_first = json!({ "field": "QUALIFIED_AT", "direction": "ASC" });
    for states in [json!(["SUBMITTED", "IN_REVIEW"]), json!(["IN_REVIEW", "SUBMITTED", "SUBMITTED"])] {
        let mut after = Value::Null;
        for page in 0..3 {
            let queue = json!({ "filter": { "states": states }, "orderBy": oldest_first, "after": after });
            let answer = world.ops.ask(list, queue).await;
            assert_eq!(answer.data["dealRegistrations"]["nodes"].as_array().unwrap().len(), 50);
            after = answer.data["dealRegistrations"]["pageInfo"]["endCursor"].clone();
            let plan = app.plan_of(&[r#"FROM "deal_registrations""#]).await;
            assert!(along(&plan, "deal_registrations_queue_idx"), "page {page} of {states}:\n{plan}");
        }
    }

    // As ops read it, and of one person.
    let queue = "query($filter: RegistrationQueueFilter, $after: String) {
        registrationQueue(filter: $filter, first: 50, after: $after) { nodes { dueAt dealRegistration { id } } pageInfo { endCursor } } }";
    let me = world.ops.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    for (filter, index, found) in [
        (json!({}), "deal_registrations_queue_idx", 50),
        (json!({ "reviewerId": me }), "deal_registrations_reviewer_queue_idx", 0),
    ] {
        let answer = world.ops.ask(queue, json!({ "filter": filter })).await;
        assert_eq!(answer.data["registrationQueue"]["nodes"].as_array().unwrap().len(), found, "{filter}");
        let plan = app.plan_of(&[r#"FROM "deal_registrations""#]).await;
        assert!(along(&plan, index), "{filter}:\n{plan}");
    }

    let partner = world.ops.ask("{ partners(first: 1) { nodes { id } } }", Value::Null).await;
    let id = &partner.data["partners"]["nodes"][0]["id"];
    let answer = world.ops.ask(list, json!({ "filter": { "partnerId": id } })).await;
    assert_eq!(answer.data["dealRegistrations"]["nodes"].as_array().unwrap().len(), 50);
    let plan = app.plan_of(&[r#"FROM "deal_registrations""#]).await;
    assert!(along(&plan, "deal_registrations_partner_id_idx"), "deals of a partner:\n{plan}");
}
