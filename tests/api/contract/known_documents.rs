//! A document that was executed before is not validated as a whole again. Nobody may notice.

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn a_known_document_is_answered_like_one_that_is_new() {
    let app = TestApp::start().await;
    let staff = app.staff(entity::value::Role::Admin).await;
    let one = "query($id: ID!) { node(id: $id) { __typename id } }";
    let many = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let list =
        "query($first: Int, $filter: PartnerFilter) { partners(first: $first, filter: $filter) { nodes { id } } }";
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { userErrors { code field } } }";
    let documents = [
        (one, json!({ "id": "usr_1" })),
        (many, json!({ "ids": ["usr_1"] })),
        (list, json!({ "first": 1 })),
        (sign_in, json!({ "input": { "email": "a@b.example", "password": "x" } })),
    ];
    let wrong = [
        json!({}),
        json!({ "id": null, "ids": null, "first": null, "input": null }),
        json!({ "id": 1.5, "ids": [null], "first": "one", "input": {} }),
        json!({ "id": ["usr_1"], "ids": "usr_1", "first": 101, "filter": { "states": ["NO_SUCH_STATE"] }, "input": { "email": 1 } }),
        json!({ "first": 1, "filter": { "noSuchField": 1 }, "input": { "email": "a", "password": "b", "more": 1 } }),
    ];
    for (document, good) in documents {
        let fresh = TestApp::start().await;
        let new = answers(&fresh.staff(entity::value::Role::Admin).await, document, &wrong).await;
        for _ in 0..2 {
            let answer = staff.ask(document, good.clone()).await;
            assert!(answer.errors.is_null(), "{document}: {answer:?}");
        }
        assert_eq!(answers(&staff, document, &wrong).await, new, "{document}");
    }
}

async fn answers(person: &crate::support::Person<'_>, document: &str, wrong: &[Value]) -> Vec<String> {
    let mut answers = Vec::new();
    for variables in wrong {
        let mut answer = person.ask(document, variables.clone()).await.body;
        for error in answer["errors"].as_array_mut().into_iter().flatten() {
            error["extensions"]["requestId"] = json!("each its own");
        }
        answers.push(answer.to_string());
    }
    answers
}
