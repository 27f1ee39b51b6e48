//! What the engine's own validation lets through (hazards, row 15): fields named twice in an object, variables of a
//! wrong type whether they are supplied or not, two fields under one name.

use serde_json::{Value, json};

use crate::support::TestApp;

async fn is_invalid(app: &TestApp, document: &str, variables: Value) {
    let before = app.services.db.statements();
    let answer = app.anonymous().ask(document, variables.clone()).await;
    assert_eq!(answer.status, 200, "{document} {variables}: {answer:?}");
    assert_eq!(answer.errors[0]["extensions"]["code"], "INVALID_DOCUMENT", "{document} {variables}: {answer:?}");
    assert_eq!(answer.body.get("data"), None, "{document} {variables}");
    assert_eq!(app.services.db.statements(), before, "{document}: asked the database");
}

#[tokio::test]
async fn an_object_names_a_field_once_in_the_document_and_in_the_variables() {
    let app = TestApp::start().await;
    for document in [
        "{ partners(filter: { states: [ACTIVE], states: [ACTIVE] }) { nodes { id } } }",
        "query($f: PartnerFilter = { states: [ACTIVE], states: [ACTIVE] }) { partners(filter: $f) { nodes { id } } }",
        "mutation { signIn(input: { email: \"a\", password: \"b\", email: \"c\" }) { user { id } } }",
    ] {
        is_invalid(&app, document, Value::Null).await;
    }
    let document = "query($f: PartnerFilter) { partners(filter: $f) { nodes { id } } }";
    for variables in
        [r#"{"f": {"states": [], "states": []}}"#, r#"{"f": {}, "f": {}}"#, r#"{"f": {"a": [{"b": 1, "b": 2}]}}"#]
    {
        let body = format!(r#"{{"query": {document:?}, "variables": {variables}}}"#);
        let request = app.client.post(format!("{}/graphql", app.address)).header("content-type", "application/json");
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{variables}");
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let url = format!("{}/graphql?query={}&variables={}", app.address, encode(document), encode(variables));
        assert_eq!(app.client.get(url).send().await.unwrap().status(), 400, "{variables}");
    }
}

#[tokio::test]
async fn a_variable_of_a_wrong_type_is_refused_whether_it_is_supplied_or_not() {
    let app = TestApp::start().await;
    for (document, supplied) in [
        ("query($v: Int) { node(id: $v) { id } }", json!({ "v": 1 })),
        ("query($v: ID) { node(id: $v) { id } }", json!({ "v": "a" })),
        ("query($v: String) { partners(first: $v) { nodes { id } } }", json!({ "v": "1" })),
        ("query($v: [Int!]) { partners(first: $v) { nodes { id } } }", json!({ "v": [1] })),
        ("query($v: PartnerFilter) { partners(first: $v) { nodes { id } } }", json!({ "v": {} })),
        ("query($v: ID) { nodes(ids: [$v]) { id } }", json!({ "v": "a" })),
        ("query($v: [ID]!) { nodes(ids: $v) { id } }", json!({ "v": ["a"] })),
        ("query($v: [String!]) { partners(filter: { states: $v }) { nodes { id } } }", json!({ "v": ["ACTIVE"] })),
        ("query($v: Boolean) { viewer @include(if: $v) { isStaff } }", json!({ "v": true })),
        ("query($v: Partner) { partners(filter: $v) { nodes { id } } }", json!({ "v": {} })),
        ("query($v: NoSuchType) { partners(filter: $v) { nodes { id } } }", json!({ "v": {} })),
        ("query($v: Int = \"x\") { partners(first: $v) { nodes { id } } }", json!({ "v": 1 })),
        ("query($v: Int) { __typename }", json!({ "v": 1 })),
        ("query { partners(first: $v) { nodes { id } } }", json!({ "v": 1 })),
        ("query($v: Int!) { ...f } fragment f on Query { node(id: $v) { id } }", json!({ "v": 1 })),
    ] {
        for variables in [json!({}), json!({ "v": null }), supplied] {
            is_invalid(&app, document, variables).await;
        }
    }
    // Twice, because a document that was executed is not validated as a whole again.
    for _ in 0..2 {
        for (document, variables) in [
            ("query($v: ID!) { node(id: $v) { id } }", json!({ "v": "a" })),
            ("query($v: ID! = \"a\") { node(id: $v) { id } }", json!({})),
            ("query($v: [ID!]!) { nodes(ids: $v) { id } }", json!({ "v": ["a"] })),
            ("query($v: ID!) { nodes(ids: [$v]) { id } }", json!({ "v": "a" })),
            ("query($v: Boolean!) { viewer @include(if: $v) { isStaff } }", json!({ "v": true })),
        ] {
            let answer = app.anonymous().ask(document, variables.clone()).await;
            assert_eq!(answer.errors, Value::Null, "{document} {variables}");
        }
    }
}

#[tokio::test]
async fn what_is_asked_for_under_one_name_is_one_thing() {
    let app = TestApp::start().await;
    for document in [
        "{ a: partner(id: 1) { x: name } a: partner(id: 1) { x: id } }",
        "{ a: partner(id: 1) { name } a: partner(id: 2) { name } }",
        "{ a: partner(id: 1) { name } a: dealRegistration(id: 1) { id } }",
        "{ a: partner(id: 1) { territory { x: name } } ...f } fragment f on Query { a: partner(id: 1) { territory { x: id } } }",
        "{ node(id: 1) { ... on Partner { x: name } ... on User { x: roles } } }",
        "{ node(id: 1) { x: id ... on Partner { x: name } } }",
    ] {
        is_invalid(&app, document, Value::Null).await;
    }
    let merged =
        "{ a: node(id: 1) { id } a: node(id: 1) { __typename id ... on Partner { x: name } ... on User { x: name } } }";
    let answer = app.anonymous().ask(merged, Value::Null).await;
    assert_eq!((answer.errors, answer.data), (Value::Null, json!({ "a": null })));
}
