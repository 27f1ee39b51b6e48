//! `/oauth/token`: by a client library, and by hand where the standard says what is to be refused and how.

use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::TimeDelta;
use entity::value::Role;
use oauth2::{
    AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, Scope, TokenResponse as _, TokenUrl,
    basic::BasicClient,
};
use partner_portal::platform::auth::keys;
use serde_json::{Value, json};

use super::{CLIENT, client_of};
use crate::support::{Answer, TestApp};

const WHO: &str = "{ currentClient { scopes client { id } } }";
const FORM: &str = "application/x-www-form-urlencoded";

/// What the token endpoint answered.
#[derive(Debug)]
struct Told {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Told {
    #[track_caller]
    fn is(&self, status: u16, error: &str) {
        assert_eq!((self.status, self.body["error"].as_str().unwrap_or("none")), (status, error), "{self:?}");
        assert!(self.body.get("access_token").is_none());
        assert_eq!(self.headers["cache-control"], "no-store");
    }

    fn token(&self) -> &str {
        self.body["access_token"].as_str().unwrap_or_else(|| panic!("no token: {self:?}"))
    }
}

async fn post(app: &TestApp, headers: &[(&str, &str)], body: String) -> Told {
    let mut request = app.client.post(format!("{}/oauth/token", app.address)).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Told { status, headers, body: response.json().await.unwrap() }
}

/// Asks with the secret in the form.
async fn ask(app: &TestApp, id: &str, secret: &str, more: &str) -> Told {
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}{more}");
    post(app, &[("content-type", FORM)], body).await
}

#[track_caller]
fn assert_unauthenticated(answer: &Answer) {
    assert_eq!(answer.errors[0]["extensions"]["code"], "UNAUTHENTICATED", "{answer:?}");
    assert_eq!(answer.status, 401);
}

async fn crm(app: &TestApp) -> (String, String) {
    let admin = app.staff(Role::Admin).await;
    let (client, secret) =
        client_of(&admin, json!({ "name": "CRM", "scopes": ["DEALS_READ", "ACCOUNTS_WRITE"] })).await;
    (client["id"].as_str().unwrap().to_owned(), secret)
}

#[tokio::test]
async fn a_client_library_gets_a_token_by_either_method() {
    let app = TestApp::start().await;
    let (id, secret) = crm(&app).await;
    let over_http = |request: HttpRequest| {
        let (parts, body) = request.into_parts();
        let sent = app.client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body).send();
        async move {
            let response = sent.await?;
            let mut told = HttpResponse::default();
            *told.status_mut() = response.status();
            *told.headers_mut() = response.headers().clone();
            *told.body_mut() = response.bytes().await?.to_vec();
            Ok::<_, reqwest::Error>(told)
        }
    };
    for method in [AuthType::BasicAuth, AuthType::RequestBody] {
        let library = BasicClient::new(ClientId::new(id.clone()))
            .set_client_secret(ClientSecret::new(secret.clone()))
            .set_token_uri(TokenUrl::new(format!("{}/oauth/token", app.address)).unwrap())
            .set_auth_type(method);
        let all = library.exchange_client_credentials().request_async(&over_http).await.unwrap();
        assert_eq!(all.expires_in().unwrap().as_secs(), 600);
        let seen = app.bearer(all.access_token().secret()).ask(WHO, Value::Null).await;
        assert_eq!(
            seen.data["currentClient"],
            json!({ "scopes": ["ACCOUNTS_WRITE", "DEALS_READ"], "client": { "id": id } })
        );
        let fewer = library.exchange_client_credentials().add_scope(Scope::new("deals:read".into()));
        let fewer = fewer.request_async(&over_http).await.unwrap();
        assert_eq!(fewer.scopes().unwrap().iter().map(|scope| scope.as_str()).collect::<Vec<_>>(), ["deals:read"]);
        let narrow = app.bearer(fewer.access_token().secret());
        assert_eq!(narrow.ask(WHO, Value::Null).await.data["currentClient"]["scopes"], json!(["DEALS_READ"]));
        let accounts = narrow.ask("{ accounts { nodes { id } } }", Value::Null).await;
        assert_eq!(accounts.errors[0]["extensions"]["code"], "FORBIDDEN", "the token is narrower than the client");
        assert_eq!(narrow.ask("{ dealRegistrations { nodes { id } } }", Value::Null).await.errors, Value::Null);
    }
}

#[tokio::test]
async fn what_the_standard_refuses_is_refused_in_its_words() {
    let app = TestApp::start().await;
    let (id, secret) = crm(&app).await;
    let grant = "grant_type=client_credentials";
    let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let form = ("content-type", FORM);
    let right = basic(&id, &secret);
    let good = post(&app, &[form, ("authorization", &right)], grant.to_owned()).await;
    assert_eq!(
        (good.status, &good.body["token_type"], &good.body["scope"]),
        (200, &json!("Bearer"), &json!("accounts:write deals:read"))
    );
    assert_eq!(
        (&good.headers["cache-control"], &good.headers["pragma"]),
        (&"no-store".parse().unwrap(), &"no-cache".parse().unwrap())
    );

    let unknown = partner_portal::people::api_clients::secret::format(&[7; 32]);
    let other = "cli_00000000000000000000000000000007";
    for (id, secret) in
        [(id.as_str(), unknown.as_str()), (other, &secret), (id.as_str(), "guess"), ("x", &secret), (&id, "")]
    {
        let told = post(&app, &[form, ("authorization", &basic(id, secret))], grant.to_owned()).await;
        told.is(401, "invalid_client");
        assert!(told.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    }
    post(&app, &[form], grant.to_owned()).await.is(401, "invalid_client");
    post(&app, &[form, ("authorization", &format!("Bearer {secret}"))], grant.to_owned())
        .await
        .is(401, "invalid_client");

    let in_both = format!("{grant}&client_secret={secret}");
    for (body, status, error) in [
        (String::new(), 400, "invalid_request"),
        (format!("{grant}&{grant}"), 400, "invalid_request"),
        (in_both, 400, "invalid_request"),
        ("grant_type=password&username=a&password=b".to_owned(), 400, "unsupported_grant_type"),
        ("grant_type=refresh_token&refresh_token=x".to_owned(), 400, "unsupported_grant_type"),
        (format!("{grant}&scope=deals:write"), 400, "invalid_scope"),
        (format!("{grant}&scope=everything"), 400, "invalid_scope"),
        (format!("{grant}&padding={}", "x".repeat(9_000)), 400, "invalid_request"),
    ] {
        post(&app, &[form, ("authorization", &right)], body.clone()).await.is(status, error);
    }
    let json = ("content-type", "application/json");
    post(&app, &[json, ("authorization", &right)], json!({ "grant_type": "client_credentials" }).to_string())
        .await
        .is(400, "invalid_request");
    let get = app.client.get(format!("{}/oauth/token?{grant}", app.address)).send().await.unwrap();
    assert_eq!((get.status().as_u16(), &get.headers()["allow"]), (405, &"POST".parse().unwrap()));
}

#[tokio::test]
async fn a_token_ends_with_its_time_its_secret_and_its_client() {
    let app = TestApp::start().await;
    let (id, secret) = crm(&app).await;
    let told = ask(&app, &id, &secret, "").await;
    let first = app.bearer(told.token());
    app.advance(TimeDelta::seconds(599));
    assert_eq!(first.ask(WHO, Value::Null).await.status, 200);
    app.advance(TimeDelta::seconds(10));
    assert_unauthenticated(&first.ask(WHO, Value::Null).await);

    let admin = app.sign_in("admin@vendor.example").await;
    let added = admin.done("addApiClientSecret", json!({ "id": id }), &format!("secret {CLIENT}")).await;
    let by_first = app.bearer(ask(&app, &id, &secret, "").await.token());
    let by_second = app.bearer(ask(&app, &id, added["secret"].as_str().unwrap(), "").await.token());
    admin.done("revokeApiClientSecret", json!({ "secretId": added["apiClient"]["secrets"][0]["id"] }), CLIENT).await;
    assert_unauthenticated(&by_first.ask(WHO, Value::Null).await);
    assert_eq!(by_second.ask(WHO, Value::Null).await.status, 200);

    admin.done("updateApiClient", json!({ "id": id, "scopes": ["DEALS_READ"] }), CLIENT).await;
    assert_eq!(
        by_second.ask(WHO, Value::Null).await.data["currentClient"]["scopes"],
        json!(["DEALS_READ"]),
        "a token is good for nothing that its client has lost"
    );
    admin.done("updateApiClient", json!({ "id": id, "addressRanges": ["203.0.113.0/24"] }), CLIENT).await;
    assert_unauthenticated(&by_second.ask(WHO, Value::Null).await);
    ask(&app, &id, added["secret"].as_str().unwrap(), "").await.is(401, "invalid_client");
    admin.done("updateApiClient", json!({ "id": id, "addressRanges": [] }), CLIENT).await;
    assert_eq!(by_second.ask(WHO, Value::Null).await.status, 200);
    admin.done("revokeApiClient", json!({ "id": id }), CLIENT).await;
    assert_unauthenticated(&by_second.ask(WHO, Value::Null).await);
}

#[tokio::test]
async fn a_token_never_outlives_the_end_of_its_client() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let brief = json!({ "name": "CRM", "scopes": ["DEALS_READ"], "expiresAt": "2026-03-02T09:01:30Z" });
    let (client, secret) = client_of(&admin, brief).await;
    let told = ask(&app, client["id"].as_str().unwrap(), &secret, "").await;
    assert_eq!(told.body["expires_in"], 90);
    app.advance(TimeDelta::seconds(90));
    assert_unauthenticated(&app.bearer(told.token()).ask(WHO, Value::Null).await);
    ask(&app, client["id"].as_str().unwrap(), &secret, "").await.is(401, "invalid_client");
}

#[tokio::test]
async fn guesses_are_slowed_down_and_the_client_itself_is_not() {
    let app = TestApp::start().await;
    let (id, secret) = crm(&app).await;
    let slowed = AtomicBool::new(false);
    for number in 0..60u8 {
        let guess = partner_portal::people::api_clients::secret::format(&[number; 32]);
        let told = ask(&app, &id, &guess, "").await;
        if told.status == 429 {
            assert!(told.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
            slowed.store(true, Ordering::Relaxed);
            break;
        }
        told.is(401, "invalid_client");
    }
    assert!(slowed.load(Ordering::Relaxed), "sixty guesses in a moment");
    assert_eq!(ask(&app, &id, &secret, "").await.status, 200, "a stranger does not lock the client out");
}

#[tokio::test]
async fn the_token_endpoint_counts_towards_the_clients_rate() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let (client, secret) =
        client_of(&admin, json!({ "name": "CRM", "scopes": ["DEALS_READ"], "requestsPerMinute": 2 })).await;
    let id = client["id"].as_str().unwrap();
    let token = ask(&app, id, &secret, "").await.token().to_owned();
    assert_eq!(app.bearer(&token).ask(WHO, Value::Null).await.status, 200);
    let told = ask(&app, id, &secret, "").await;
    told.is(429, "temporarily_unavailable");
    assert!(told.headers.contains_key("retry-after"));
    assert_eq!(app.bearer(&secret).ask(WHO, Value::Null).await.status, 429);
}

#[tokio::test]
async fn tools_find_the_endpoint() {
    let app = TestApp::start().await;
    let told = app.client.get(format!("{}/.well-known/oauth-authorization-server", app.address)).send().await.unwrap();
    assert_eq!(told.headers()["content-type"], "application/json");
    let body: Value = told.json().await.unwrap();
    assert_eq!(body["issuer"], "https://portal.example");
    assert_eq!(body["token_endpoint"], "https://portal.example/oauth/token");
    assert_eq!(body["grant_types_supported"], json!(["client_credentials"]));
    assert_eq!(body["scopes_supported"].as_array().unwrap().len(), 11);
}

#[tokio::test]
async fn a_token_of_a_person_is_no_token_of_a_client_and_the_other_way_round() {
    let app = TestApp::start().await;
    let (id, secret) = crm(&app).await;
    let token = ask(&app, &id, &secret, "").await.token().to_owned();
    let bearer = app.bearer(&token);
    assert_eq!(bearer.ask("{ viewer { isStaff } }", Value::Null).await.data["viewer"], Value::Null);
    assert_ne!(bearer.ask("mutation { signOut(input: {}) { signedOut } }", Value::Null).await.errors, Value::Null);
    let made = bearer
        .ask("mutation { createApiClient(input: { name: \"x\", scopes: [DEALS_READ] }) { secret } }", Value::Null)
        .await;
    assert_eq!(made.errors[0]["extensions"]["code"], "FORBIDDEN");
}

/// A token of a client with other claims, rightly signed: what a fault of ours in making tokens would bring about.
#[tokio::test]
async fn a_token_that_names_two_clients_or_a_secret_of_another_is_none() {
    let app = TestApp::start().await;
    let (id, secret) = crm(&app).await;
    let admin = app.sign_in("admin@vendor.example").await;
    let other = client_of(&admin, json!({ "name": "Other", "scopes": ["DEALS_READ"] })).await.0;
    let token = ask(&app, &id, &secret, "").await.token().to_owned();
    let (head, rest) = token.split_once('.').unwrap();
    let (claims, _) = rest.split_once('.').unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let key = Ed25519KeyPair::from_pkcs8(&keys::private_der(&app.key).unwrap()).unwrap();
    let signed = |change: &dyn Fn(&mut Value)| {
        let mut claims = claims.clone();
        change(&mut claims);
        let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).as_ref());
        format!("{text}.{signature}")
    };
    assert_eq!(
        app.bearer(&signed(&|_| {})).ask(WHO, Value::Null).await.data["currentClient"]["client"]["id"],
        json!(id)
    );
    for (name, token) in [
        ("another subject", signed(&|claims| claims["sub"] = other["id"].clone())),
        ("another client", signed(&|claims| claims["client_id"] = other["id"].clone())),
        (
            "a secret of another",
            signed(&|claims| (claims["sub"], claims["client_id"]) = (other["id"].clone(), other["id"].clone())),
        ),
    ] {
        let answer = app.bearer(&token).ask(WHO, Value::Null).await;
        assert_eq!(answer.status, 401, "{name}: {answer:?}");
    }
}
