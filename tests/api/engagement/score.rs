//! The score: fresh, explained, and cheap to read.

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use partner_portal::kernel::event::DomainEvent;
use serde_json::{Value, json};

use super::{protected, publish, registration, won};
use crate::support::{Person, TestApp};

const WHOLE: &str = "query($id: ID!) { partner(id: $id) { engagementScore {
    score band isNew asOf policyVersion change30d
    components { component raw decayed subScore weight contribution target halfLifeDays change30d events(first: 2) { kind } }
    nextBestActions { action component gain } } } }";

async fn score(person: &Person<'_>, id: impl ToString) -> Value {
    let answer = person.ask(WHOLE, json!({ "id": id.to_string() })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["partner"]["engagementScore"].clone()
}

fn component<'a>(score: &'a Value, name: &str) -> &'a Value {
    score["components"].as_array().unwrap().iter().find(|own| own["component"] == name).unwrap()
}

/// Points as callers see them, in hundredths.
fn hundredths(value: &Value) -> i64 {
    (value.as_f64().unwrap() * 100.0).round() as i64
}

#[tokio::test]
async fn a_completion_shows_in_the_next_query() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let acme = app.partner("acme.example").await;
    app.create_user("lea@acme.example", Some(acme), &[Role::Learner]).await;
    ops.done("createCourse", json!({ "code": "FND", "title": "Foundation", "passMarkBp": 8000 }), "course { id }")
        .await;

    let before = score(&ops, acme).await;
    assert_eq!((&before["score"], &before["band"], &before["isNew"]), (&json!(0.0), &json!("DORMANT"), &json!(true)));
    let row = |external_id: &str, score_bp: i64| {
        json!({ "externalId": external_id, "person": { "email": "lea@acme.example" },
        "course": { "code": "FND" }, "scoreBp": score_bp, "completedAt": "2026-03-02T09:00:00Z" })
    };
    let failed = json!({ "source": "lms", "rows": [row("x-1", 7999)] });
    ops.done("recordTrainingCompletions", failed, "results { status }").await;
    assert_eq!(score(&ops, acme).await, before);

    let passed = json!({ "source": "lms", "rows": [row("x-2", 8000)] });
    ops.done("recordTrainingCompletions", passed.clone(), "results { status }").await;
    let after = score(&ops, acme).await;
    // 0.15 · 100 · (1 − 2^(−1/6)) = 1.636…
    assert_eq!(after["score"], 1.64);
    let training = component(&after, "TRAINING");
    assert_eq!(
        (&training["raw"], &training["contribution"], &training["change30d"]),
        (&json!(1.0), &json!(1.64), &json!(1.64))
    );
    assert_eq!(training["events"], json!([{ "kind": "TRAINING_COMPLETED" }]));
    assert_eq!(after["change30d"], 1.64);
    let promised =
        before["nextBestActions"].as_array().unwrap().iter().find(|next| next["action"] == "COMPLETE_COURSE").unwrap();
    assert_eq!(promised["gain"], 1.64);

    // Sent again, it adds nothing.
    ops.done("recordTrainingCompletions", passed, "results { status }").await;
    assert_eq!(score(&ops, acme).await, after);
}

#[tokio::test]
async fn the_parts_add_up_and_the_change_is_that_of_thirty_days() {
    let app = TestApp::start().await;
    app.create_user("channel_ops@vendor.example", None, &[Role::ChannelOps]).await;
    let types = [PartnerType::Reseller, PartnerType::Retention];
    let acme = app.partner_in("acme.example", PartnerState::Active, &types).await;
    for number in 0..4 {
        publish(&app, protected(acme, number, 40_000)).await.unwrap();
        app.advance(TimeDelta::days(9));
    }
    let ops = app.sign_in("channel_ops@vendor.example").await;
    let before = score(&ops, acme).await;
    app.advance(TimeDelta::days(30));
    publish(&app, DomainEvent::RegistrationQualified { partner_id: acme, registration_id: registration(9) })
        .await
        .unwrap();
    publish(&app, won(acme, 0, 40_000)).await.unwrap();
    let ops = app.sign_in("channel_ops@vendor.example").await;
    let after = score(&ops, acme).await;

    let parts: i64 = after["components"].as_array().unwrap().iter().map(|own| hundredths(&own["contribution"])).sum();
    assert_eq!(parts, hundredths(&after["score"]));
    assert_eq!(component(&after, "PIPELINE_AND_WINS")["weight"], 0.25);
    for name in ["DEAL_REGISTRATION", "PIPELINE_AND_WINS", "TRAINING"] {
        let change = hundredths(&component(&after, name)["contribution"])
            - hundredths(&component(&before, name)["contribution"]);
        assert_eq!(hundredths(&component(&after, name)["change30d"]), change, "{name}");
    }
    assert_eq!(hundredths(&after["change30d"]), hundredths(&after["score"]) - hundredths(&before["score"]));
    assert_eq!((&before["isNew"], &after["isNew"]), (&json!(true), &json!(false)));
    assert_eq!(
        component(&after, "DEAL_REGISTRATION")["events"],
        json!([{ "kind": "REGISTRATION_QUALIFIED" }, { "kind": "REGISTRATION_PROTECTED" }])
    );
}

#[tokio::test]
async fn a_page_of_partners_with_their_scores_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let plain = "{ partners(first: 50) { nodes { id } } }";
    let scores = "{ partners(first: 50) { nodes { engagementScore { score band nextBestActions { gain } components { raw contribution } } } } }";
    let explained =
        "{ partners(first: 50) { nodes { engagementScore { change30d recentActivities { kind user { name } }
        components { change30d events(first: 20) { kind } } } } } }";
    let mut counts = Vec::new();
    for round in [1, 49] {
        for number in 0..round {
            let partner = app.partner(&format!("p{round}-{number}.example")).await;
            publish(&app, protected(partner, 1, 10_000)).await.unwrap();
            publish(&app, won(partner, 1, 10_000)).await.unwrap();
        }
        let mut counted = Vec::new();
        for query in [plain, scores, explained] {
            let before = app.services.db.statements();
            let answer = ops.ask(query, json!({})).await;
            assert_eq!(answer.errors, Value::Null);
            let partners = answer.data["partners"]["nodes"].as_array().unwrap().len();
            assert_eq!(partners, if round == 1 { 1 } else { 50 });
            counted.push(app.services.db.statements() - before);
        }
        counts.push(counted);
    }
    assert_eq!(counts[0], counts[1]);
    let [plain, scores, explained] = counts[1][..] else { panic!() };
    assert_eq!(
        (scores - plain, explained - plain),
        (1, 4),
        "totals; totals, the last days, latest, latest by component"
    );
}

#[tokio::test]
async fn more_than_is_shown_cannot_be_asked_for() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let acme = app.partner("acme.example").await;
    for selection in [
        "recentActivities(first: 51) { id }",
        "recentActivities(first: 0) { id }",
        "components { events(first: 21) { id } }",
    ] {
        let query = format!("query($id: ID!) {{ partner(id: $id) {{ engagementScore {{ {selection} }} }} }}");
        let answer = ops.ask(&query, json!({ "id": acme.to_string() })).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], "BAD_INPUT", "{selection}");
    }
}
