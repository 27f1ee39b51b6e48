//! GraphQL over HTTP: which requests are answered, how, and what never happens (hazards, rows 3, 4, 10, 13 to 15).

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{EmptySubscription, Request, Response, Schema};
use entity::value::Role;
use futures::future::BoxFuture;
use partner_portal::platform::{
    error::{AppError, AppResult},
    http::{Execute, Settings, server::App},
};
use serde_json::{Value, json};

use crate::support::{TestApp, app::Options};

const QUERY: &str = r#"{"query":"{ __typename }"}"#;

async fn post(app: &TestApp, content_type: Option<&str>, body: &str) -> reqwest::Response {
    let mut request = app.client.post(format!("{}/graphql", app.address)).body(body.to_owned());
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    request.send().await.unwrap()
}

async fn get(app: &TestApp, query: &str) -> reqwest::Response {
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    app.client.get(format!("{}/graphql?query={query}", app.address)).send().await.unwrap()
}

#[tokio::test]
async fn a_page_of_another_site_cannot_send_what_we_execute() {
    let app = TestApp::start().await;
    for sent in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/json; charset=utf-16"),
        Some("text/plain; application/json"),
    ] {
        let answer = post(&app, sent, QUERY).await;
        assert_eq!(answer.status(), 415, "{sent:?}");
    }
    for sent in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""] {
        assert_eq!(post(&app, Some(sent), QUERY).await.status(), 200, "{sent}");
    }
    let request = app.client.post(format!("{}/graphql", app.address)).header("content-type", "application/json");
    let packed = request.header("content-encoding", "gzip").body(QUERY).send().await.unwrap();
    assert_eq!(packed.status(), 415, "what is packed could unpack to anything");
}

#[tokio::test]
async fn queries_go_by_get_and_mutations_do_not() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let mutation = format!(
        "mutation {{ signIn(input: {{ email: \"ana@vendor.example\", password: {:?} }}) {{ user {{ id }} }} }}",
        crate::support::app::PASSWORD
    );
    let refused = get(&app, &mutation).await;
    assert_eq!(refused.status(), 405);
    assert_eq!(refused.headers()["allow"], "GET, POST, OPTIONS");
    assert_eq!(app.rows(&["sessions"]).await, [("sessions".to_owned(), 0)]);
    assert_eq!(get(&app, "subscription { a }").await.status(), 405);
    assert_eq!(get(&app, "{ __typename }").await.status(), 200);
    // Of two readers each could take another one.
    for twice in ["query=%7B__typename%7D&query=%7B__typename%7D", "query=%7B__typename%7D&variables=&variables=%7B%7D"]
    {
        let answer = app.client.get(format!("{}/graphql?{twice}", app.address)).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{twice}");
    }
    for method in [reqwest::Method::PUT, reqwest::Method::DELETE, reqwest::Method::PATCH] {
        let answer = app.client.request(method, format!("{}/graphql", app.address)).body(QUERY).send().await.unwrap();
        assert_eq!(answer.status(), 405);
    }
}

#[tokio::test]
async fn a_body_is_one_object_of_at_most_a_mebibyte() {
    let app = TestApp::start().await;
    let json = Some("application/json");
    for body in [
        format!("[{QUERY}]"),
        format!("[{QUERY},{QUERY}]"),
        r#"["{ __typename }"]"#.to_owned(),
        "{}".to_owned(),
        String::new(),
        "3".to_owned(),
    ] {
        assert_eq!(post(&app, json, &body).await.status(), 400, "{body}");
    }
    let padded = |size: usize| format!("{QUERY}{}", " ".repeat(size - QUERY.len()));
    assert_eq!(post(&app, json, &padded(1024 * 1024)).await.status(), 200);
    let refused = post(&app, json, &padded(1024 * 1024 + 1)).await;
    assert_eq!(refused.status(), 413);
    assert_eq!(refused.headers()["connection"], "close");
}

/// Sends a head and a first chunk, and then nothing; returns what came back until the connection was closed.
fn a_slow_chunked_body(app: &TestApp, content_type: &str, first: &str) -> (String, Duration) {
    let mut stream = TcpStream::connect(app.address.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
    let started = Instant::now();
    write!(
        stream,
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n",
        first.len()
    )
    .unwrap();
    let mut answer = Vec::new();
    let _closed = stream.read_to_end(&mut answer).expect("the connection was closed");
    (String::from_utf8_lossy(&answer).into_owned(), started.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let hasty = Options {
        change: |app| {
            let settings = Settings { body_time: Duration::from_millis(200), ..(*app.settings).clone() };
            app.with(settings)
        },
        ..Options::default()
    };
    let app = TestApp::start_with(hasty).await;
    let (answer, took) = a_slow_chunked_body(&app, "application/json", "{");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(took < Duration::from_secs(4), "open for {took:?}");
    // Answered early, without reading: the connection ends all the same.
    let (answer, took) = a_slow_chunked_body(&app, "text/plain", "{");
    assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
    assert!(took < Duration::from_secs(4), "open for {took:?}");
}

#[tokio::test]
async fn the_answer_comes_in_the_form_that_is_accepted() {
    let app = TestApp::start().await;
    let ask = async |accept: &str, query: &str| {
        let request = app.client.post(format!("{}/graphql", app.address)).header("accept", accept);
        request.json(&json!({ "query": query })).send().await.unwrap()
    };
    let answer = ask("application/graphql-response+json", "{ nothing }").await;
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.headers()["content-type"], "application/graphql-response+json; charset=utf-8");
    let body: Value = answer.json().await.unwrap();
    assert!(body.get("data").is_none());
    assert_eq!(body["errors"][0]["extensions"]["code"], "INVALID_DOCUMENT");
    let answer = ask("application/json", "{ nothing }").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(ask("text/csv", "{ __typename }").await.status(), 406);
}

#[tokio::test]
async fn every_answer_has_the_request_id_and_the_headers_that_browsers_heed() {
    let app = TestApp::start().await;
    let url = format!("{}/graphql", app.address);
    for (given, kept) in [("0198c1f2-trace", true), ("<script>alert(1)</script>", false), ("x", false)] {
        let answer =
            app.client.post(&url).header("x-request-id", given).json(&json!({ "query": "{" })).send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(id == given, kept);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["requestId"], id);
    }
    let nowhere = app.client.get(format!("{}/elsewhere", app.address)).send().await.unwrap();
    assert_eq!(nowhere.status(), 404);
    assert!(nowhere.headers().contains_key("x-request-id"));
}

#[tokio::test]
async fn pages_for_trying_the_api_are_there_where_they_are_configured_and_nowhere_else() {
    let open = Options {
        change: |app| {
            let settings = Settings { graphiql: true, ..(*app.settings).clone() };
            app.with(settings)
        },
        ..Options::default()
    };
    for (app, status) in [(TestApp::start().await, 404), (TestApp::start_with(open).await, 200)] {
        for path in ["/", "/graphiql", "/page.js", "/page.css", "/examples.json"] {
            let answer = app.client.get(format!("{}{path}", app.address)).send().await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            let policy = answer.headers()["content-security-policy"].to_str().unwrap();
            assert!(
                policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
        }
        let people = app.client.get(format!("{}/demo-people.json", app.address)).send().await.unwrap();
        assert_eq!(people.json::<Value>().await.unwrap(), json!([]), "nobody but in the demo");
        // A browser that opens the endpoint itself.
        let asked = app.client.get(format!("{}/graphql", app.address)).header("accept", "text/html,*/*;q=0.8");
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.url().path() == "/", status == 200, "{answer:?}");
    }
}

#[tokio::test]
async fn only_pages_of_allowed_origins_may_read_answers() {
    let allowing = Options {
        change: |app| {
            let settings = Settings { cors_origins: vec!["https://portal.example".into()], ..(*app.settings).clone() };
            app.with(settings)
        },
        ..Options::default()
    };
    let app = TestApp::start_with(allowing).await;
    let url = format!("{}/graphql", app.address);
    for (origin, allowed) in [("https://portal.example", true), ("https://evil.example", false), ("null", false)] {
        let preflight =
            app.client.request(reqwest::Method::OPTIONS, &url).header("origin", origin).send().await.unwrap();
        let answer = app
            .client
            .post(&url)
            .header("origin", origin)
            .json(&json!({ "query": "{ __typename }" }))
            .send()
            .await
            .unwrap();
        for headers in [preflight.headers(), answer.headers()] {
            assert_eq!(headers.get("access-control-allow-origin").is_some_and(|value| value == origin), allowed);
            // The refresh cookie, where a browser keeps one.
            assert_eq!(headers.get("access-control-allow-credentials").is_some_and(|value| value == "true"), allowed);
        }
    }
}

#[tokio::test]
async fn a_bad_token_is_401_and_costs_no_statement() {
    let app = TestApp::start().await;
    let url = format!("{}/graphql", app.address);
    for header in ["Bearer nonsense", "Bearer ", "Basic YTpi", "nonsense"] {
        let answer = app
            .client
            .post(&url)
            .header("authorization", header)
            .json(&json!({ "query": "{ __typename }" }))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 401, "{header}");
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
    assert_eq!(app.services.db.statements(), 0);
}

#[tokio::test]
async fn the_key_in_the_header_is_for_one_mutation() {
    let app = TestApp::start().await;
    let key = [("idempotency-key", "k-1")];
    let sign_in = |times: usize| {
        let one = "signOut(input: {}) { signedOut }";
        format!("mutation {{ {} }}", (0..times).map(|n| format!("a{n}: {one} ")).collect::<String>())
    };
    for document in ["{ __typename }", "mutation { __typename }", &sign_in(2)] {
        let answer = app.anonymous().ask_with(document, Value::Null, &key).await;
        assert_eq!(answer.status, 400, "{document}");
        assert_eq!(answer.errors[0]["extensions"]["code"], "BAD_REQUEST");
    }
    assert_eq!(app.anonymous().ask_with(&sign_in(1), Value::Null, &key).await.status, 200);
}

#[tokio::test]
async fn without_a_free_connection_the_answer_is_503_after_two_seconds() {
    let app = TestApp::start_with(Options { connections: 1, ..Options::default() }).await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let held = app.services.db.begin_snapshot().await.unwrap();
    let started = Instant::now();
    let url = format!("{}/graphql", app.address);
    let document = "mutation { signIn(input: { email: \"ana@vendor.example\", password: \"x\" }) { user { id } } }";
    let answer = app.client.post(&url).json(&json!({ "query": document })).send().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(4), "took {:?}", started.elapsed());
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    assert!(!body.to_string().to_lowercase().contains("pool"), "{body}");
    let ready = app.client.get(format!("{}/readyz", app.address)).send().await.unwrap();
    assert_eq!(ready.status(), 503);
    assert_eq!(app.client.get(format!("{}/healthz", app.address)).send().await.unwrap().status(), 200);
    drop(held);
}

#[tokio::test]
async fn a_migrated_database_is_ready() {
    let app = TestApp::start().await;
    let ready = app.client.get(format!("{}/readyz", app.address)).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    assert_eq!(ready.json::<Value>().await.unwrap(), json!({ "status": "ready" }));
}

/// A schema that goes wrong in every way that resolvers can.
#[derive(Default)]
pub struct Wrong;

#[async_graphql::Object]
impl Wrong {
    async fn panics(&self) -> i32 {
        if true { panic!("the text of a panic") } else { 0 }
    }

    async fn never(&self) -> i32 {
        std::future::pending().await
    }

    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        1
    }

    async fn quick(&self) -> i32 {
        2
    }

    async fn fails(&self) -> Option<AppResult<i32>> {
        Some(Err(AppError::internal("a cause with a secret")))
    }

    async fn limited(&self) -> Option<AppResult<i32>> {
        Some(Err(AppError::RateLimited { retry_after: 7 }))
    }
}

pub struct WrongSchema(Schema<Wrong, Wrong, EmptySubscription>);

impl Default for WrongSchema {
    fn default() -> Self {
        Self(Schema::new(Wrong, Wrong, EmptySubscription))
    }
}

impl Execute for WrongSchema {
    fn execute(&self, request: Request, _known: bool) -> BoxFuture<'_, Response> {
        Box::pin(self.0.execute(request))
    }
}

async fn going_wrong() -> TestApp {
    let change = |app: App| {
        let executor = Arc::new(WrongSchema::default());
        let settings = Settings { request_time: Duration::from_millis(300), ..(*app.settings).clone() };
        App { executor, ..app }.with(settings)
    };
    TestApp::start_with(Options { change, ..Options::default() }).await
}

#[tokio::test]
async fn a_resolver_that_panics_is_answered_without_its_text() {
    let app = going_wrong().await;
    for document in ["{ quick panics }", "mutation { quick panics }"] {
        let answer = app.anonymous().ask(document, Value::Null).await;
        assert_eq!(answer.status, 500);
        assert_eq!(answer.errors[0]["extensions"]["code"], "INTERNAL");
        assert!(answer.errors[0]["extensions"]["requestId"].is_string());
        assert!(!answer.body.to_string().contains("the text of a panic"));
    }
    assert_eq!(app.anonymous().ask("{ quick }", Value::Null).await.data, json!({ "quick": 2 }));
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let app = going_wrong().await;
    let started = Instant::now();
    let answer = app.anonymous().ask("{ never }", Value::Null).await;
    assert!(started.elapsed() < Duration::from_secs(10), "took {:?}", started.elapsed());
    assert_eq!((answer.status, &answer.errors[0]["extensions"]["code"]), (503, &json!("UNAVAILABLE")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_no_place_to_wait_is_sent_away_at_once_and_liveness_stays() {
    let change = |app: App| {
        let executor = Arc::new(WrongSchema::default());
        let settings = Settings {
            at_once: 1,
            waiting: 1,
            turn_time: Duration::from_millis(100),
            request_time: Duration::from_secs(2),
            ..(*app.settings).clone()
        };
        App { executor, ..app }.with(settings)
    };
    let app = TestApp::start_with(Options { change, ..Options::default() }).await;
    let somebody = app.anonymous();
    let busy = somebody.ask("{ never }", Value::Null);
    let others = async {
        let turns = app.turns.clone();
        while turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let (first, second) = tokio::join!(somebody.send("{ quick }"), somebody.send("{ quick }"));
        for answer in [first, second] {
            assert_eq!(answer.status().as_u16(), 503);
            assert!(answer.headers().contains_key("retry-after"));
            let body: Value = answer.json().await.unwrap();
            assert_eq!(body["errors"][0]["extensions"]["code"], "UNAVAILABLE");
        }
        let alive = app.client.get(format!("{}/healthz", app.address)).send().await.unwrap();
        assert_eq!(alive.status().as_u16(), 200);
        assert_eq!(turns.available_permits(), 0, "the first one is still worked on");
    };
    let (given_up, ()) = tokio::join!(busy, others);
    assert_eq!(given_up.status, 503);
    assert_eq!(somebody.ask("{ quick }", Value::Null).await.data, json!({ "quick": 2 }), "the place is free again");
}

#[tokio::test]
async fn who_gets_no_turn_in_time_is_sent_away() {
    let change = |app: App| {
        let settings = Settings {
            at_once: 1,
            turn_time: Duration::from_millis(200),
            request_time: Duration::from_secs(2),
            ..(*app.settings).clone()
        };
        App { executor: Arc::new(WrongSchema::default()), ..app }.with(settings)
    };
    let app = TestApp::start_with(Options { change, ..Options::default() }).await;
    let other = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let started = Instant::now();
        let asked = app.client.post(format!("{}/graphql", app.address)).json(&json!({ "query": "{ quick }" }));
        let answer = asked.send().await.unwrap();
        assert!(started.elapsed() < Duration::from_millis(1_200), "took {:?}", started.elapsed());
        assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"1".parse().unwrap()));
        assert_eq!(app.client.get(format!("{}/healthz", app.address)).send().await.unwrap().status(), 200);
    };
    let asking = app.anonymous();
    let (held, ()) = tokio::join!(asking.ask("{ never }", Value::Null), other);
    assert_eq!(held.status, 503);
    assert_eq!(app.anonymous().ask("{ quick }", Value::Null).await.data, json!({ "quick": 2 }), "its turn has come");
}

#[tokio::test]
async fn a_failing_field_leaves_its_siblings_and_keys_keep_their_order() {
    let app = going_wrong().await;
    let answer = app.client.post(format!("{}/graphql", app.address));
    let answer = answer.json(&json!({ "query": "{ slow fails quick }" })).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    assert!(text.contains(r#""data":{"slow":1,"fails":null,"quick":2},"extensions":{"cost":{"#), "{text}");
    assert!(!text.contains("secret"), "{text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["errors"][0]["path"], json!(["fails"]));
}

#[tokio::test]
async fn too_many_attempts_are_429_with_the_time_to_wait() {
    let app = going_wrong().await;
    let answer = app.client.post(format!("{}/graphql", app.address));
    let answer = answer.json(&json!({ "query": "{ limited }" })).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "7");
    let mixed = app.anonymous().ask("{ limited quick }", Value::Null).await;
    assert_eq!((mixed.status, &mixed.data["quick"]), (200, &json!(2)));
}
