//! What operations cost, and what a caller may ask for in a minute (hazards, row 6).

use std::sync::Arc;

use chrono::TimeDelta;
use entity::value::Role;
use partner_portal::platform::http::{
    Settings,
    budget::{Allowance, Allowances},
    server::App,
};
use serde_json::{Value, json};

use crate::support::{TestApp, app::Options};

fn sparing(app: App) -> App {
    let people = Allowance { operation: 500, minute: 1_000 };
    let allowances = Allowances {
        people,
        clients: Allowance { operation: 5_000, minute: 50_000 },
        strangers: Allowance { minute: 600, ..people },
    };
    let settings = Settings { allowances, ..(*app.settings).clone() };
    app.with(settings)
}

async fn start() -> TestApp {
    TestApp::start_with(Options { change: sparing, ..Options::default() }).await
}

#[tokio::test]
async fn nested_pages_multiply_and_are_refused_before_the_database_is_asked() {
    let app = TestApp::start().await;
    let staff = app.staff(Role::ChannelOps).await;
    let before = app.services.db.statements();
    let nested = |first: u32| {
        format!(
            "{{ partners(first: {first}) {{ nodes {{ dealRegistrations(first: {first}) {{ nodes {{ account {{
               dealRegistrations(first: {first}) {{ nodes {{ id }} }} }} }} }} }} }} }}"
        )
    };
    let by_variable = "query($n: Int) { partners(first: $n) { nodes { dealRegistrations(first: $n) { nodes { partner {
        dealRegistrations(first: $n) { nodes { id } } } } } } } }";
    for (document, variables) in [
        (nested(100).replace("account", "partner"), Value::Null),
        (by_variable.to_owned(), json!({ "n": 100 })),
        (by_variable.replace("$n: Int", "$n: Int = 100"), json!({})),
        (by_variable.to_owned(), json!({ "n": 1 << 30 })),
    ] {
        let answer = staff.ask(&document, variables).await;
        assert_eq!(
            (answer.status, &answer.errors[0]["extensions"]["code"]),
            (400, &json!("LIMIT_EXCEEDED")),
            "{document}"
        );
        assert_eq!(answer.cost, Value::Null);
        let message = answer.errors[0]["message"].as_str().unwrap();
        assert!(message.contains("`first`"), "{message}");
    }
    assert_eq!(app.services.db.statements(), before, "the database was asked");
    let answer = staff.ask(by_variable, json!({ "n": 5 })).await;
    assert_eq!(answer.errors, Value::Null);
}

#[tokio::test]
async fn what_arguments_hold_counts_wherever_a_variable_is_used() {
    let app = TestApp::start().await;
    let document = |uses: usize| {
        let lists: String = (0..uses)
            .map(|n| format!("a{n}: partners(first: 1, filter: {{ states: $s }}) {{ nodes {{ id }} }} "))
            .collect();
        format!("query($s: [PartnerState!]) {{ {lists} }}")
    };
    let states = json!({ "s": vec!["ACTIVE"; 1_000] });
    let before = app.services.db.statements();
    let answer = app.anonymous().ask(&document(60), states.clone()).await;
    assert_eq!((answer.status, &answer.errors[0]["extensions"]["code"]), (400, &json!("LIMIT_EXCEEDED")));
    assert!(answer.errors[0]["message"].as_str().unwrap().contains("values in its arguments"), "{answer:?}");
    assert_eq!(app.services.db.statements(), before);
    let answer = app.anonymous().ask(&document(40), states).await;
    assert_eq!(answer.errors[0]["extensions"]["code"], "UNAUTHENTICATED", "{answer:?}");
}

#[tokio::test]
async fn every_answer_tells_what_it_cost_and_what_is_left() {
    let app = start().await;
    let staff = app.staff(Role::ChannelOps).await;
    let page = "{ partners(first: 50) { nodes { id name } totalCount } }";
    let first = staff.ask(page, Value::Null).await;
    assert_eq!(first.cost, json!({ "requested": 112, "limit": 500, "remaining": 888, "perMinute": 1_000 }));
    let second = staff.ask("{ viewer { isStaff } }", Value::Null).await;
    assert_eq!(second.cost, json!({ "requested": 2, "limit": 500, "remaining": 886, "perMinute": 1_000 }));
    // An API client might ask for as much at once; a person may not.
    let large = "{ partners(first: 100) { nodes { id name tier state version createdAt } } }";
    let refused = staff.ask(large, Value::Null).await;
    assert_eq!((refused.status, &refused.errors[0]["extensions"]["code"]), (400, &json!("LIMIT_EXCEEDED")));
    let invalid = staff.ask("{ nothing }", Value::Null).await;
    assert_eq!((invalid.cost, invalid.body.get("extensions")), (Value::Null, None));
}

#[tokio::test]
async fn who_has_asked_for_too_much_waits_and_nobody_else_does() {
    let app = start().await;
    let (ana, ben) = (app.staff(Role::ChannelOps).await, app.staff(Role::Admin).await);
    let page = "{ partners(first: 100) { nodes { id name territory { name } } } }";
    for _ in 0..2 {
        assert_eq!(ana.ask(page, Value::Null).await.errors, Value::Null);
    }
    let refused = ana.ask(page, Value::Null).await;
    assert_eq!((refused.status, &refused.errors[0]["extensions"]["code"]), (429, &json!("RATE_LIMITED")));
    let wait = refused.errors[0]["extensions"]["retryAfterSeconds"].as_i64().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(ben.ask(page, Value::Null).await.errors, Value::Null);
    app.advance(TimeDelta::seconds(wait));
    assert_eq!(ana.ask(page, Value::Null).await.errors, Value::Null);
}

#[tokio::test]
async fn strangers_of_one_address_share_a_budget() {
    let app = start().await;
    let ids: Vec<String> = (0..90).map(|number| format!("x{number}")).collect();
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }";
    let ask = async || app.anonymous().ask(document, json!({ "ids": ids })).await;
    for _ in 0..3 {
        assert_eq!(ask().await.errors, Value::Null);
    }
    let refused = ask().await;
    assert_eq!(refused.status, 429);
    assert!(app.services.db.statements() < 10);
    // Who has a token is somebody, wherever they ask from.
    app.advance(TimeDelta::minutes(1));
    assert!(app.staff(Role::Admin).await.token.is_some());
}

#[tokio::test]
async fn every_field_of_the_schema_that_is_a_list_is_reckoned() {
    use partner_portal::{platform::graphql::shape::Shape, schema};
    let shape = Shape::of_sdl(&schema::sdl()).unwrap();
    for connection in ["partners", "accounts", "dealRegistrations", "auditEvents"] {
        let field = shape.field("Query", connection).unwrap_or_else(|| panic!("{connection} is unknown"));
        assert_eq!(format!("{:?}", field.size), "Page(20)", "{connection}");
    }
    let app = TestApp::start().await;
    assert!(Arc::strong_count(&app.services) > 0);
    let known = app.anonymous().ask("{ partners { nodes { id } } }", Value::Null).await;
    assert_eq!(known.cost["requested"], 22, "the served schema is not the one that is reckoned with: {known:?}");
}
