//! Refresh tokens in browsers: a cookie that no script reads, and that no other page can use.

use entity::value::Role;
use partner_portal::platform::http::{Settings, server::App};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    app::{Options, PASSWORD},
};

const OURS: &[(&str, &str)] = &[("x-portal-csrf", "1"), ("origin", "https://portal.example")];
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) {
    tokens { accessToken refreshToken } userErrors { code } } }";
const REFRESH: &str = "mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
    user { email } tokens { accessToken refreshToken } userErrors { code } } }";
const SIGN_OUT: &str = "mutation($input: SignOutInput!) { signOut(input: $input) { signedOut userErrors { code } } }";

/// What a browser got.
struct Got {
    status: u16,
    payload: Value,
    cookie: Option<String>,
}

impl Got {
    fn code(&self) -> &str {
        self.payload["userErrors"][0]["code"].as_str().unwrap_or("")
    }

    /// The cookie as it is sent back.
    fn pair(&self) -> String {
        self.cookie.as_ref().unwrap().split(';').next().unwrap().to_owned()
    }
}

async fn post(app: &TestApp, document: &str, input: Value, headers: &[(&str, &str)]) -> Got {
    let mut request = app.client.post(format!("{}/graphql", app.address));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let variables = if input.is_null() { json!({}) } else { json!({ "input": input }) };
    let body = json!({ "query": document, "variables": variables });
    let response = request.json(&body).send().await.unwrap();
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert!(cookies.len() < 2);
    let cookie = cookies.first().map(|cookie| cookie.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let payload =
        body["data"].as_object().and_then(|data| data.values().next().cloned()).unwrap_or(body["errors"].clone());
    Got { status, payload, cookie }
}

fn with<'a>(headers: &[(&'a str, &'a str)], cookie: &'a str) -> Vec<(&'a str, &'a str)> {
    [headers, &[("cookie", cookie)]].concat()
}

async fn start() -> TestApp {
    let change = |app: App| {
        let settings = Settings {
            cors_origins: vec!["https://portal.example".into(), "http://localhost:3000".into()],
            own_origin: Some("https://api.portal.example".into()),
            ..(*app.settings).clone()
        };
        app.with(settings)
    };
    let app = TestApp::start_with(Options { change, ..Options::default() }).await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    app
}

async fn sign_in(app: &TestApp, email: &str) -> Got {
    let input = json!({ "email": email, "password": PASSWORD, "useCookie": true });
    let got = post(app, SIGN_IN, input, OURS).await;
    assert_eq!(got.code(), "");
    got
}

#[tokio::test]
async fn a_browser_that_asks_gets_the_refresh_token_as_a_cookie_only() {
    let app = start().await;
    let got = sign_in(&app, "ana@vendor.example").await;
    assert!(got.payload["tokens"]["accessToken"].is_string());
    assert_eq!(got.payload["tokens"]["refreshToken"], Value::Null);
    let cookie = got.cookie.clone().unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    assert_eq!((name, value.len()), ("__Host-portal-refresh", 43));
    assert_eq!(attributes, "Max-Age=1209600; Path=/; Secure; HttpOnly; SameSite=Lax");

    // Who does not ask gets no cookie.
    let input = json!({ "email": "ana@vendor.example", "password": PASSWORD });
    let got = post(&app, SIGN_IN, input, OURS).await;
    assert!(got.cookie.is_none() && got.payload["tokens"]["refreshToken"].is_string());
}

#[tokio::test]
async fn the_cookie_refreshes_the_session_and_signs_out() {
    let app = start().await;
    let first = sign_in(&app, "ana@vendor.example").await.pair();
    let crowd = format!("theme=dark; {first}; __Secure-portal-refresh=x; portal-refresh=y");
    let refreshed = post(&app, REFRESH, json!({}), &with(OURS, &crowd)).await;
    assert_eq!((refreshed.code(), &refreshed.payload["user"]["email"]), ("", &json!("ana@vendor.example")));
    assert_eq!(refreshed.payload["tokens"]["refreshToken"], Value::Null);
    let second = refreshed.pair();
    assert_ne!(first, second);

    let mut person = app.anonymous();
    person.token = refreshed.payload["tokens"]["accessToken"].as_str().map(str::to_owned);
    assert_eq!(person.ask("{ viewer { isStaff } }", Value::Null).await.status, 200);
    let done = post(&app, SIGN_OUT, json!({}), &with(OURS, &second)).await;
    assert_eq!(done.payload["signedOut"], true);
    let forgotten = "__Host-portal-refresh=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax";
    assert_eq!(done.cookie.as_deref(), Some(forgotten));
    assert_eq!(person.ask("{ viewer { isStaff } }", Value::Null).await.status, 401, "at once");

    let late = post(&app, REFRESH, json!({}), &with(OURS, &second)).await;
    assert_eq!(
        (late.code(), late.cookie.as_deref()),
        ("INVALID_TOKEN", Some(forgotten)),
        "what does not work is forgotten"
    );
    let nothing = post(&app, REFRESH, json!({}), OURS).await;
    assert_eq!((nothing.code(), nothing.cookie.as_deref()), ("INVALID_TOKEN", None));
    assert_eq!(post(&app, SIGN_OUT, json!({}), OURS).await.payload[0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn no_other_page_uses_the_cookie() {
    let app = start().await;
    let kept = sign_in(&app, "ana@vendor.example").await.pair();
    let before = app.rows(&["sessions", "refresh_tokens", "audit_events"]).await;
    let attacks: &[&[(&str, &str)]] = &[
        &[],
        &[("x-portal-csrf", "1")],
        &[("origin", "https://portal.example")],
        &[("origin", "https://portal.example"), ("x-portal-csrf", "")],
        &[("origin", "https://portal.example"), ("x-portal-csrf", "0")],
        &[("origin", "https://portal.example"), ("x-requested-with", "1")],
        &[("origin", "https://attacker.example"), ("x-portal-csrf", "1")],
        &[("origin", "https://portal.example.attacker.example"), ("x-portal-csrf", "1")],
        &[("origin", "https://evil.portal.example"), ("x-portal-csrf", "1")],
        &[("origin", "http://portal.example"), ("x-portal-csrf", "1")],
        &[("origin", "https://portal.example:8443"), ("x-portal-csrf", "1")],
        &[("origin", "https://PORTAL.example/"), ("x-portal-csrf", "1")],
        &[("origin", "null"), ("x-portal-csrf", "1")],
        &[("origin", "null"), ("x-portal-csrf", "1"), ("sec-fetch-site", "same-origin")],
        &[("origin", ""), ("x-portal-csrf", "1")],
        &[("x-portal-csrf", "1"), ("sec-fetch-site", "cross-site")],
        &[("x-portal-csrf", "1"), ("sec-fetch-site", "same-site")],
        &[("x-portal-csrf", "1"), ("sec-fetch-site", "none")],
        &[("x-portal-csrf", "1"), ("referer", "https://portal.example/")],
        &[("origin", "https://attacker.example"), ("x-portal-csrf", "1"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://portal.example"), ("origin", "https://attacker.example"), ("x-portal-csrf", "1")],
        &[("origin", "https://attacker.example"), ("x-portal-csrf", "1"), ("host", "attacker.example")],
        &[("sec-fetch-site", "same-origin")],
    ];
    for attack in attacks {
        let sign_in = json!({ "email": "ana@vendor.example", "password": PASSWORD, "useCookie": true });
        for (document, input) in [(REFRESH, json!({})), (SIGN_OUT, json!({})), (SIGN_IN, sign_in)] {
            let got = post(&app, document, input, &with(attack, &kept)).await;
            assert_eq!((got.status, got.code(), got.cookie.clone()), (200, "ORIGIN_NOT_ALLOWED", None), "{attack:?}");
        }
    }
    assert_eq!(app.rows(&["sessions", "refresh_tokens", "audit_events"]).await, before);
    // Forms and addresses do not come so far.
    let form = app
        .client
        .post(format!("{}/graphql", app.address))
        .header("cookie", &kept)
        .header("content-type", "text/plain");
    assert_eq!(form.body(json!({ "query": REFRESH }).to_string()).send().await.unwrap().status(), 415);
    assert_eq!(post(&app, REFRESH, json!({}), &with(OURS, &kept)).await.code(), "", "nothing was spent");
}

#[tokio::test]
async fn pages_of_our_own_origin_and_of_allowed_ones_use_the_cookie() {
    let app = start().await;
    let mut kept = sign_in(&app, "ana@vendor.example").await.pair();
    let pages: &[&[(&str, &str)]] = &[
        &[("x-portal-csrf", "1"), ("origin", "https://portal.example"), ("sec-fetch-site", "same-site")],
        &[("x-portal-csrf", "1"), ("origin", "http://localhost:3000"), ("sec-fetch-site", "cross-site")],
        &[("x-portal-csrf", "1"), ("origin", "https://api.portal.example"), ("x-forwarded-proto", "https")],
        &[("x-portal-csrf", "1"), ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")],
        &[("x-portal-csrf", "1"), ("sec-fetch-site", "same-origin")],
    ];
    for page in pages {
        let got = post(&app, REFRESH, json!({}), &with(page, &kept)).await;
        assert_eq!(got.code(), "", "{page:?}");
        assert!(got.cookie.as_ref().unwrap().contains("; Secure; HttpOnly;"), "behind a proxy and on localhost too");
        kept = got.pair();
    }
}

#[tokio::test]
async fn the_cookie_authorises_nothing_else() {
    let app = start().await;
    let kept = sign_in(&app, "ana@vendor.example").await.pair();
    let secret = kept.split_once('=').unwrap().1.to_owned();
    let who = "{ viewer { user { email } } }";
    assert_eq!(post(&app, who, Value::Null, &with(OURS, &kept)).await.payload, Value::Null);
    let everywhere = "mutation($input: SignOutEverywhereInput!) { signOutEverywhere(input: $input) { endedCount } }";
    let got = post(&app, everywhere, json!({}), &with(OURS, &kept)).await;
    assert_eq!(got.payload[0]["extensions"]["code"], "UNAUTHENTICATED");
    let bearer = format!("Bearer {secret}");
    assert_eq!(post(&app, who, Value::Null, &[("authorization", bearer.as_str())]).await.status, 401);
    // Two cookies of the name: nobody knows which is ours.
    let two = format!("{kept}; {kept}");
    assert_eq!(post(&app, REFRESH, json!({}), &with(OURS, &two)).await.code(), "INVALID_TOKEN");
}

#[tokio::test]
async fn the_same_key_of_two_people_gives_neither_the_others_session() {
    let app = start().await;
    app.create_user("bea@vendor.example", None, &[Role::Finance]).await;
    let (ana, bea) =
        (sign_in(&app, "ana@vendor.example").await.pair(), sign_in(&app, "bea@vendor.example").await.pair());
    let input = json!({ "idempotencyKey": "the-same" });
    for (cookie, email) in [(&ana, "ana@vendor.example"), (&bea, "bea@vendor.example")] {
        let got = post(&app, REFRESH, input.clone(), &with(OURS, cookie)).await;
        assert_eq!(got.payload["user"]["email"], email);
    }
    for cookie in [&ana, &bea] {
        assert_eq!(post(&app, SIGN_OUT, input.clone(), &with(OURS, cookie)).await.payload["signedOut"], true);
    }
    assert_eq!(live(&app).await, 0);
}

async fn live(app: &TestApp) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let pool = app.services.db.pool();
    let sql = "select count(*) as n from sessions where ended_at is null";
    let row = pool.query_one_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

#[tokio::test]
async fn a_token_in_the_input_needs_no_page_and_leaves_the_cookie_alone() {
    let app = start().await;
    let kept = sign_in(&app, "ana@vendor.example").await.pair();
    let input = json!({ "email": "ana@vendor.example", "password": PASSWORD });
    let tokens = post(&app, SIGN_IN, input, &[]).await.payload["tokens"].clone();
    let given = json!({ "refreshToken": tokens["refreshToken"] });
    let got = post(&app, REFRESH, given, &with(&[], &kept)).await;
    assert!(got.payload["tokens"]["refreshToken"].is_string() && got.cookie.is_none());

    // From the body to the cookie.
    let given = json!({ "refreshToken": got.payload["tokens"]["refreshToken"], "useCookie": true });
    let moved = post(&app, REFRESH, given, OURS).await;
    assert!(moved.payload["tokens"]["refreshToken"].is_null() && moved.cookie.is_some());

    // Signing out with both ends both.
    let access = format!("Bearer {}", tokens["accessToken"].as_str().unwrap());
    let headers = [with(OURS, &kept), vec![("authorization", access.as_str())]].concat();
    assert_eq!(post(&app, SIGN_OUT, json!({}), &headers).await.payload["signedOut"], true);
    assert_eq!(live(&app).await, 0);
}

#[tokio::test]
async fn browsers_send_the_cookie_from_allowed_origins_only() {
    let app = start().await;
    let ask = async |origin: &str| {
        let url = format!("{}/graphql", app.address);
        let request = app.client.request(reqwest::Method::OPTIONS, url).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "content-type,x-portal-csrf").send().await.unwrap()
    };
    let allowed = ask("https://portal.example").await;
    assert_eq!(allowed.headers()["access-control-allow-origin"], "https://portal.example");
    assert_eq!(allowed.headers()["access-control-allow-credentials"], "true");
    assert!(allowed.headers()["access-control-allow-headers"].to_str().unwrap().contains("x-portal-csrf"));
    for origin in ["https://attacker.example", "null", "https://portal.example.attacker.example"] {
        let other = ask(origin).await;
        for header in
            ["access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-headers"]
        {
            assert!(other.headers().get(header).is_none(), "{origin} is told {header}");
        }
    }
}
