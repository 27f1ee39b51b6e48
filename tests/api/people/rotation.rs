//! Keys change while servers run, and nobody is signed out.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use entity::value::Role;
use partner_portal::platform::{
    auth::{key_ring::DERIVING_FILE, keys},
    config::read_again,
};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    app::{Options, PASSWORD},
    database::TestDatabase,
};

const WHO: &str = "{ viewer { user { id } } }";

/// The names of the published keys, and how long the answer may be kept.
async fn published(app: &TestApp) -> (Vec<String>, String) {
    let url = format!("{}/.well-known/jwks.json", app.address);
    let response = app.client.get(url).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/jwk-set+json");
    let kept = response.headers()["cache-control"].to_str().unwrap().to_owned();
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap();
    for key in body["keys"].as_array().unwrap() {
        assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&json!("OKP"), &json!("Ed25519"), &json!("sig")));
        assert!(key.get("d").is_none(), "the private half stays here");
    }
    (body["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect(), kept)
}

fn kid(token: &str) -> String {
    let head = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&head).unwrap()["kid"].as_str().unwrap().to_owned()
}

async fn is_known(app: &TestApp, token: &str) -> bool {
    let mut person = app.anonymous();
    person.token = Some(token.to_owned());
    person.ask(WHO, Value::Null).await.status == 200
}

async fn refresh(app: &TestApp, refresh_token: &Value) -> Value {
    let input = json!({ "refreshToken": refresh_token });
    app.anonymous().done("refreshSession", input, "tokens { accessToken refreshToken }").await["tokens"].clone()
}

fn write(folder: &Path, name: &str, pem: &str) {
    std::fs::write(folder.join(name), pem).unwrap();
}

#[tokio::test]
async fn a_key_is_published_everywhere_before_it_signs_and_old_tokens_work_until_they_expire() {
    let one = TestApp::start().await;
    let other = one.beside(Options::default()).await;
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "key.pem", &one.key);
    write(folder.path(), DERIVING_FILE, &one.key);
    one.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let input = json!({ "email": "ana@vendor.example", "password": PASSWORD });
    let first = one.anonymous().done("signIn", input, "tokens { accessToken refreshToken }").await["tokens"].clone();
    let first_access = first["accessToken"].as_str().unwrap();

    // At nine: a key that signs from ten on. One server reads it, the other has not yet.
    write(folder.path(), "20260302T100000Z.pem", &keys::generate_pem().unwrap());
    assert_eq!(read_again(folder.path(), &one.services.tokens), Ok(true));
    let (kids, kept) = published(&one).await;
    assert_eq!((kids.len(), kept.as_str()), (2, "public, max-age=300"));
    let second = refresh(&one, &first["refreshToken"]).await;
    assert_eq!(kid(second["accessToken"].as_str().unwrap()), kids[0], "announced, not yet signing");
    assert!(is_known(&other, second["accessToken"].as_str().unwrap()).await);
    read_again(folder.path(), &other.services.tokens).unwrap();
    assert_eq!(published(&other).await.0, kids, "the same on every server");

    // Just before ten, and at ten.
    one.advance(TimeDelta::minutes(59));
    let third = refresh(&one, &second["refreshToken"]).await;
    one.advance(TimeDelta::minutes(1));
    let fourth = refresh(&one, &third["refreshToken"]).await;
    let (old, new) = (third["accessToken"].as_str().unwrap(), fourth["accessToken"].as_str().unwrap());
    assert_eq!((kid(old), kid(new)), (kids[0].clone(), kids[1].clone()));
    for app in [&one, &other] {
        assert!(is_known(app, new).await && is_known(app, old).await, "both keys verify");
        assert!(!is_known(app, first_access).await, "it expired long ago");
    }

    // The last token of the old key has expired: it verifies nothing and is published no longer, though its file is there.
    one.advance(TimeDelta::minutes(11));
    assert_eq!(published(&one).await.0, kids[1..]);
    assert_eq!(published(&other).await.0, kids[1..]);

    // Its file goes, and secrets that are out stay what they are: a lost answer is given again.
    std::fs::remove_file(folder.path().join("key.pem")).unwrap();
    let fifth = refresh(&one, &fourth["refreshToken"]).await;
    read_again(folder.path(), &one.services.tokens).unwrap();
    let again = refresh(&one, &fourth["refreshToken"]).await;
    assert_eq!(again["refreshToken"], fifth["refreshToken"]);
}

#[tokio::test]
async fn a_key_that_is_taken_away_stops_its_tokens_at_once() {
    let app = TestApp::start_with(Options { trust: Duration::from_secs(3), ..Options::default() }).await;
    let folder = tempfile::tempdir().unwrap();
    let person = app.staff(Role::Admin).await;
    let token = person.token.clone().unwrap();
    assert!(is_known(&app, &token).await);
    write(folder.path(), "20990101T000000Z.pem", &keys::generate_pem().unwrap());
    read_again(folder.path(), &app.services.tokens).unwrap();
    assert!(!is_known(&app, &token).await, "although its signature was verified a moment ago");
    assert!(
        is_known(&app, &app.sign_in("admin@vendor.example").await.token.unwrap()).await,
        "the only key signs at once"
    );
}

/// A running server of the binary, stopped at the end.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn binary(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-portal"));
    let ours = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PARTNER_PORTAL_"));
    for (name, _) in ours {
        command.env_remove(name);
    }
    command.env("PARTNER_PORTAL_SIGNING_KEYS", folder).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// How many keys a server publishes, as soon as it is `wanted`, for at most `most`.
async fn until_published(address: &str, wanted: usize, most: Duration) -> bool {
    let started = Instant::now();
    while started.elapsed() < most {
        if let Ok(answer) = reqwest::get(format!("http://{address}/.well-known/jwks.json")).await {
            let body: Value = answer.json().await.unwrap();
            if body["keys"].as_array().unwrap().len() == wanted {
                return true;
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_takes_a_new_key_at_once_when_it_is_told_to() {
    let database = TestDatabase::create().await;
    let folder = tempfile::tempdir().unwrap();
    let generate = || binary(folder.path()).args(["keys", "generate", "--folder"]).arg(folder.path()).status().unwrap();
    assert!(generate().success());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut serve = binary(folder.path());
    serve.args(["serve", "--workers", "1", "--listen", &address, "--database-url", &database.url]);
    let server = Running(serve.spawn().unwrap());
    assert!(until_published(&address, 1, Duration::from_secs(10)).await);
    assert!(generate().success());
    let told = Command::new("kill").args(["-HUP", &server.0.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(until_published(&address, 2, Duration::from_secs(5)).await, "sooner than it would have looked by itself");
}
