//! Courses: created by operations, read by everybody.

use entity::value::Role;
use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn operations_create_courses_and_partners_read_them() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let input = json!({ "code": "fnd-101", "title": "Foundation", "isFoundation": true, "passMarkBp": 8000, "validityMonths": 12 });
    let created = ops.done("createCourse", input.clone(), "course { id code edition version }").await["course"].clone();
    assert_eq!((&created["code"], &created["edition"]), (&json!("FND-101"), &json!(1)));

    assert_eq!(ops.refused("createCourse", input).await, ["COURSE_EXISTS"]);
    let second = json!({ "code": "FND-101", "edition": 2, "title": "Foundation", "passMarkBp": 8000 });
    app.advance(chrono::TimeDelta::seconds(1));
    ops.done("createCourse", second, "course { id }").await;

    let acme = app.partner("acme.example").await;
    let learner = app.person("lea@acme.example", Some(acme), &[Role::Learner]).await;
    let answer = learner
        .ask(
            "query($id: ID!) { courses(first: 1, filter: { code: \"fnd-101\" }) { totalCount nodes { edition isFoundation validityMonths } pageInfo { hasNextPage } }
               node(id: $id) { ... on Course { title passMarkBp } } }",
            json!({ "id": created["id"] }),
        )
        .await;
    assert_eq!(answer.errors, Value::Null);
    let courses = &answer.data["courses"];
    assert_eq!(courses["totalCount"], 2);
    assert_eq!(courses["nodes"], json!([{ "edition": 2, "isFoundation": false, "validityMonths": null }]));
    assert_eq!(courses["pageInfo"]["hasNextPage"], true);
    assert_eq!(answer.data["node"], json!({ "title": "Foundation", "passMarkBp": 8000 }));
}

#[tokio::test]
async fn a_course_that_cannot_be_is_refused_and_nothing_is_kept() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::Admin).await;
    let before = app.rows(&["courses", "audit_events"]).await;
    for (input, code) in [
        (json!({ "code": "no spaces", "title": "T", "passMarkBp": 1 }), "MALFORMED"),
        (json!({ "code": "A", "title": " ", "passMarkBp": 1 }), "REQUIRED"),
        (json!({ "code": "A", "title": "T", "passMarkBp": 10_001 }), "OUT_OF_RANGE"),
        (json!({ "code": "A", "title": "T", "passMarkBp": 1, "validityMonths": 0 }), "OUT_OF_RANGE"),
        (json!({ "code": "A", "title": "T", "passMarkBp": 1, "edition": -1 }), "OUT_OF_RANGE"),
    ] {
        assert_eq!(ops.refused("createCourse", input.clone()).await, [code], "{input}");
    }
    assert_eq!(app.rows(&["courses", "audit_events"]).await, before);
}

#[tokio::test]
async fn partners_create_no_courses_and_visitors_read_none() {
    let app = TestApp::start().await;
    let acme = app.partner("acme.example").await;
    let admin = app.person("ada@acme.example", Some(acme), &[Role::PartnerAdmin]).await;
    let mutation =
        "mutation { createCourse(input: { code: \"A\", title: \"T\", passMarkBp: 1 }) { userErrors { code } } }";
    assert_eq!(admin.ask(mutation, json!({})).await.errors[0]["extensions"]["code"], "FORBIDDEN");
    let answer = app.anonymous().ask("{ courses { nodes { id } } }", json!({})).await;
    assert_eq!(answer.errors[0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(app.rows(&["courses"]).await, [("courses".to_owned(), 0)]);
}
