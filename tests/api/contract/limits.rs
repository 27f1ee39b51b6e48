//! A request that asks for too much is refused at once, and the database never hears of it (hazards, rows 1, 2, 4
//! and 6).

use std::time::{Duration, Instant};

use entity::value::Role;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

/// Asks, and expects a refusal within 50 ms that cost no statement.
async fn refused_at_once(app: &TestApp, document: &str) -> Answer {
    // The first request pays for the connection.
    app.anonymous().ask("{ __typename }", Value::Null).await;
    let before = app.services.db.statements();
    let started = Instant::now();
    let answer = app.anonymous().ask(document, Value::Null).await;
    let took = started.elapsed();
    let shown: String = document.chars().take(60).collect();
    assert_eq!(answer.status, 400, "{shown}: {answer:?}");
    assert_eq!(answer.errors[0]["extensions"]["code"], "LIMIT_EXCEEDED", "{shown}");
    assert!(answer.errors[0]["extensions"]["requestId"].is_string(), "{shown}");
    // Far below what it would take; what it takes of the 50 ms that are allowed, scripts/bench-bombs measures.
    assert!(took < Duration::from_secs(2), "{shown}: took {took:?}");
    assert_eq!(app.services.db.statements(), before, "{shown}: asked the database");
    answer
}

#[tokio::test]
async fn nesting_that_would_overflow_the_parser_is_refused_before_it() {
    let app = TestApp::start().await;
    for (open, middle) in [("[", ""), ("{a:", "1"), ("{a ", ""), ("... {", "")] {
        for levels in [60, 1_340, 100_000] {
            let nested = open.repeat(levels);
            for document in [
                format!("{{ node(id: {nested}{middle}"),
                format!("query($v: I = {nested}{middle}) {{ a }}"),
                format!("{{ node @skip(if: {nested}{middle}) }}"),
                format!("{{ {nested}{middle}"),
            ] {
                refused_at_once(&app, &document).await;
            }
        }
    }
    // As deep as allowed is parsed without harm.
    let lists = format!("{{ node(id: {}1{}) {{ id }} }}", "[".repeat(48), "]".repeat(48));
    let answer = app.anonymous().ask(&lists, Value::Null).await;
    assert_eq!((answer.status, &answer.errors[0]["extensions"]["code"]), (200, &json!("INVALID_DOCUMENT")));
}

#[tokio::test]
async fn fragments_that_double_are_refused_by_their_expanded_size() {
    let app = TestApp::start().await;
    let mut document = "{ ...f0 }".to_owned();
    for level in 0..24 {
        document.push_str(&format!(" fragment f{level} on Query {{ ...f{0} ...f{0} }}", level + 1));
    }
    document.push_str(" fragment f24 on Query { __typename }");
    refused_at_once(&app, &document).await;
    let unused = document.replacen("{ ...f0 }", "{ __typename }", 1);
    refused_at_once(&app, &unused).await;
}

#[tokio::test]
async fn each_limit_refuses_what_is_over_it() {
    let app = TestApp::start().await;
    for document in [
        format!("{{ {} }}", "__typename ".repeat(501)),
        format!("{{ {} }}", (0..101).map(|n| format!("a{n}: __typename ")).collect::<String>()),
        format!("{{ {} }}", "__typename @include(if: true) ".repeat(21)),
        format!("{{ node(id: 1) {}id{} }}", "{ node ".repeat(12), " }".repeat(12)),
        (0..6).map(|n| format!("query q{n} {{ __typename }} ")).collect(),
        format!(
            "mutation {{ {} }}",
            (0..6).map(|n| format!("a{n}: signOut(input: {{}}) {{ signedOut }} ")).collect::<String>()
        ),
        "mutation { a: signIn(input: {}) { user { id } } b: signIn(input: {}) { user { id } } }".to_owned(),
        "a ".repeat(5_001),
    ] {
        refused_at_once(&app, &document).await;
    }
}

#[tokio::test]
async fn the_usual_introspection_fits_when_it_is_on_and_a_monstrous_one_does_not() {
    use crate::support::app::Options;
    use partner_portal::platform::http::Settings;

    let open = Options {
        change: |app| {
            let settings = Settings { introspection: true, ..(*app.settings).clone() };
            app.with(settings)
        },
        ..Options::default()
    };
    let usual = include_str!("introspection.graphql");
    let app = TestApp::start_with(open).await;
    let answer = app.anonymous().ask(usual, Value::Null).await;
    assert_eq!(answer.errors, Value::Null);
    assert_eq!(answer.data["__schema"]["queryType"]["name"], "Query");
    let monstrous = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    refused_at_once(&app, monstrous).await;

    let closed = TestApp::start().await;
    for document in [usual, "{ __type(name: \"Query\") { name } }", "{ ... { a: __schema { description } } }"] {
        let answer = closed.anonymous().ask(document, Value::Null).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], "INVALID_DOCUMENT");
        assert!(answer.data.is_null());
    }
}

#[tokio::test]
async fn a_wrong_name_is_not_answered_with_the_right_one() {
    let app = TestApp::start().await;
    for document in ["{ viewr { isStaff } }", "{ node(id: 1) { ... on Partnr { id } } }", "{ node(idd: 1) { id } }"] {
        let answer = app.anonymous().ask(document, Value::Null).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], "INVALID_DOCUMENT", "{document}");
        let message = answer.errors.to_string().to_lowercase();
        assert!(
            !message.contains("mean") && !message.contains("viewer\"") && !message.contains("partner\""),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_document_asked_again_is_found_parsed_and_is_checked_no_less() {
    let app = TestApp::start().await;
    let document = "query($id: ID!) { node(id: $id) { id } }";
    for _ in 0..3 {
        let answer = app.anonymous().ask(document, json!({ "id": "x" })).await;
        assert_eq!((answer.status, &answer.body), (200, &json!({ "data": { "node": null } })));
        let wrong = app.anonymous().ask(document, json!({ "id": null })).await;
        assert_eq!(wrong.errors[0]["extensions"]["code"], "INVALID_DOCUMENT");
        let missing = app.anonymous().ask(document, Value::Null).await;
        assert_eq!(missing.errors[0]["extensions"]["code"], "INVALID_DOCUMENT");
    }
}

#[tokio::test]
async fn pages_outside_1_to_100_are_refused_whatever_they_are_multiplied_with() {
    use partner_portal::platform::graphql::page::PageArgs;
    // 2^30 × 2^30 × 16 is 0 in arithmetic that wraps around.
    for size in [i32::MIN, -1, 0, 101, 1 << 30, i32::MAX] {
        assert!(PageArgs { first: Some(size), ..PageArgs::default() }.parse_uncounted("id", false).is_err());
    }
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    // Who asks is looked up each time.
    let before = app.services.db.statements();
    ops.ask("{ viewer { isStaff } }", Value::Null).await;
    let looked_up = app.services.db.statements() - before;
    let before = app.services.db.statements();
    for size in [-1, 0, 101, 1 << 30] {
        for end in ["first", "last"] {
            let document = format!(
                "{{ partners({end}: {size}) {{ nodes {{ dealRegistrations({end}: {size}) {{ nodes {{ id }} }} }} }} }}"
            );
            let answer = ops.ask(&document, Value::Null).await;
            assert_eq!(answer.errors[0]["extensions"]["code"], "BAD_INPUT", "{document}: {answer:?}");
        }
    }
    assert_eq!(app.services.db.statements() - before, 8 * looked_up, "a page of a wrong size was looked for");
}
