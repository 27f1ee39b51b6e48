//! Completions in bulk: each row is answered by itself, a repeat is harmless.

use entity::value::{PartnerId, Role};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, race::race};

const RESULTS: &str = "results { index status completion { id isPassed expiresAt } error { code field } }";

async fn world(app: &TestApp) -> (PartnerId, Person<'_>) {
    let ops = app.staff(Role::ChannelOps).await;
    let course =
        json!({ "code": "FND", "title": "Foundation", "isFoundation": true, "passMarkBp": 8000, "validityMonths": 12 });
    ops.done("createCourse", course, "course { id }").await;
    let acme = app.partner("acme.example").await;
    app.create_user("lea@acme.example", Some(acme), &[Role::Learner]).await;
    (acme, ops)
}

fn row(external_id: &str, score_bp: i64) -> Value {
    json!({ "externalId": external_id, "person": { "email": "LEA@acme.example" }, "course": { "code": "fnd" },
            "scoreBp": score_bp, "completedAt": "2026-02-01T10:00:00Z" })
}

fn with(mut row: Value, field: &str, value: Value) -> Value {
    row[field] = value;
    row
}

#[tokio::test]
async fn good_bad_and_repeated_rows_are_answered_one_by_one() {
    let app = TestApp::start().await;
    let (acme, ops) = world(&app).await;
    let rows = json!([
        row("x-2", 9000),
        with(row("x-3", 9000), "person", json!({ "email": "nobody@acme.example" })),
        with(row("x-4", 9000), "course", json!({ "code": "NONE" })),
        with(row("x-5", 9000), "completedAt", json!("2026-03-02T09:00:01Z")),
        row("x-6", 10_001),
        row("x-1", 7999),
        row("x-2", 9000),
        row("x-2", 9001),
        with(row("x-7", 9000), "person", json!({ "id": "usr_1" })),
    ]);
    let input = json!({ "source": "lms", "rows": rows });
    let first = ops.done("recordTrainingCompletions", input.clone(), RESULTS).await["results"].clone();
    let answers: Vec<Value> = first
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            json!([
                result["status"],
                result["completion"]["isPassed"],
                result["error"]["code"],
                result["error"]["field"]
            ])
        })
        .collect();
    let refused = |index: i32, code: &str, field: &[&str]| {
        let index = index.to_string();
        let path: Vec<&str> = ["rows", index.as_str()].into_iter().chain(field.iter().copied()).collect();
        json!(["REFUSED", null, code, path])
    };
    assert_eq!(
        answers,
        [
            json!(["RECORDED", true, null, null]),
            refused(1, "NOT_FOUND", &["person"]),
            refused(2, "NOT_FOUND", &["course"]),
            refused(3, "OUT_OF_RANGE", &["completedAt"]),
            refused(4, "OUT_OF_RANGE", &["scoreBp"]),
            json!(["RECORDED", false, null, null]),
            json!(["REPEATED", true, null, null]),
            refused(7, "EXTERNAL_ID_REUSED", &["externalId"]),
            refused(8, "NOT_FOUND", &["person", "id"]),
        ]
    );
    assert_eq!(first[0]["completion"]["expiresAt"], "2027-02-01T10:00:00.000000Z");
    assert_eq!(first[5]["completion"]["expiresAt"], Value::Null);

    // Everything again: nothing changes.
    let tables = ["training_completions", "audit_events", "activities"];
    let before = app.rows(&tables).await;
    let again = ops.done("recordTrainingCompletions", input, RESULTS).await["results"].clone();
    assert_eq!(again[0]["status"], "REPEATED");
    assert_eq!(again[0]["completion"]["id"], first[0]["completion"]["id"]);
    assert_eq!(app.rows(&tables).await, before);

    // The same external id of another source is another completion.
    let other =
        json!({ "source": "portal", "rows": [with(row("x-2", 8000), "completedAt", json!("2026-02-02T10:00:00Z"))] });
    let other = ops.done("recordTrainingCompletions", other, RESULTS).await["results"].clone();
    assert_eq!(other[0]["status"], "RECORDED");

    let learner = app.sign_in("lea@acme.example").await;
    let query = "query($id: ID!) { partner(id: $id) { trainingCompletions { source externalId scoreBp isPassed course { code } user { name } } } }";
    let seen = learner.ask(query, json!({ "id": acme.to_string() })).await;
    assert_eq!(seen.errors, Value::Null);
    let shown = seen.data["partner"]["trainingCompletions"].as_array().unwrap();
    assert_eq!(shown.len(), 3);
    assert_eq!(
        shown[0],
        json!({ "source": "portal", "externalId": "x-2", "scoreBp": 8000, "isPassed": true, "course": { "code": "FND" }, "user": { "name": "lea" } })
    );
}

#[tokio::test]
async fn a_bulk_that_is_empty_or_too_large_is_refused_as_a_whole() {
    let app = TestApp::start().await;
    let (_, ops) = world(&app).await;
    let empty = json!({ "source": "lms", "rows": [] });
    assert_eq!(ops.refused("recordTrainingCompletions", empty).await, ["TOO_SHORT"]);
    let rows: Vec<Value> = (0..501).map(|number| row(&format!("x-{number}"), 9000)).collect();
    assert_eq!(ops.refused("recordTrainingCompletions", json!({ "source": "lms", "rows": rows })).await, ["TOO_LONG"]);
    assert_eq!(app.rows(&["training_completions"]).await, [("training_completions".to_owned(), 0)]);
}

#[tokio::test]
async fn the_same_bulk_twenty_times_at_once_is_recorded_once() {
    let app = TestApp::start().await;
    let (_, ops) = world(&app).await;
    let answers = race(20, |number| {
        let ops = ops.clone();
        async move {
            // In another order each: bulks at once must not wait for each other in a circle.
            let mut rows: Vec<Value> = (0..5).map(|number| row(&format!("x-{number}"), 9000)).collect();
            rows.rotate_left(number % 5);
            ops.done("recordTrainingCompletions", json!({ "source": "lms", "rows": rows }), RESULTS).await
        }
    })
    .await;
    let recorded = answers
        .iter()
        .flat_map(|answer| answer["results"].as_array().unwrap())
        .filter(|result| result["status"] == "RECORDED")
        .count();
    assert_eq!(recorded, 5);
    assert_eq!(app.rows(&["training_completions"]).await, [("training_completions".to_owned(), 5)]);
    app.check().await;
}

#[tokio::test]
async fn completions_of_others_do_not_exist_and_partners_record_none() {
    let app = TestApp::start().await;
    let (_, ops) = world(&app).await;
    let recorded =
        ops.done("recordTrainingCompletions", json!({ "source": "lms", "rows": [row("x-1", 9000)] }), RESULTS).await;
    let id = recorded["results"][0]["completion"]["id"].clone();
    let query = "query($id: ID!) { node(id: $id) { id } }";
    let own = app.sign_in("lea@acme.example").await;
    assert_eq!(own.ask(query, json!({ "id": id })).await.data["node"]["id"], id);

    let rival = app.partner("rival.example").await;
    let stranger = app.person("rob@rival.example", Some(rival), &[Role::PartnerAdmin]).await;
    let foreign = stranger.ask(query, json!({ "id": id })).await;
    let missing = stranger.ask(query, json!({ "id": "cmp_00000000000000000000000000000007" })).await;
    assert_eq!(foreign.body, missing.body);
    let bulk = "mutation($rows: [TrainingCompletionRowInput!]!) { recordTrainingCompletions(input: { source: \"x\", rows: $rows }) { userErrors { code } } }";
    let answer = stranger.ask(bulk, json!({ "rows": [row("x-9", 9000)] })).await;
    assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn a_page_of_partners_with_their_completions_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let (_, ops) = world(&app).await;
    let query = "{ partners(first: 50) { nodes { trainingCompletions { course { code } user { email } } } } }";
    let mut counts = Vec::new();
    for round in 0..3 {
        for number in 0..round * 3 {
            let partner = app.partner(&format!("p{round}{number}.example")).await;
            let address = format!("p{round}{number}@example.com");
            app.create_user(&address, Some(partner), &[Role::Learner]).await;
            let row = with(row(&address, 9000), "person", json!({ "email": address }));
            ops.done("recordTrainingCompletions", json!({ "source": "lms", "rows": [row] }), RESULTS).await;
        }
        let before = app.services.db.statements();
        let answer = ops.ask(query, json!({})).await;
        assert_eq!(answer.errors, Value::Null);
        counts.push(app.services.db.statements() - before);
    }
    assert!(counts[1] == counts[2], "{counts:?}");
}
