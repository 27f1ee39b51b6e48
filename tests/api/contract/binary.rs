//! The binary itself: it starts without its database, serves, tells nothing secret, and stops without dropping
//! anybody.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use partner_portal::platform::auth::keys;
use serde_json::{Value, json};

use crate::support::database::TestDatabase;

const BINARY: &str = env!("CARGO_BIN_EXE_partner-portal");

/// A free port, freed again.
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn command(name: &str, folder: &tempfile::TempDir) -> Command {
    let key = folder.path().join("key.pem");
    if !key.exists() {
        std::fs::write(&key, keys::generate_pem().unwrap()).unwrap();
    }
    let mut command = Command::new(BINARY);
    let ours = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PARTNER_PORTAL_"));
    for (name, _) in ours {
        command.env_remove(name);
    }
    command.arg(name).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

struct Served {
    child: Child,
    address: String,
    admin: String,
    _folder: tempfile::TempDir,
}

impl Served {
    async fn start(url: &str) -> Self {
        Self::start_logging(url, "info").await
    }

    async fn start_logging(url: &str, level: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (api, admin) = (port(), port());
        let mut command = command("serve", &folder);
        command.env("PARTNER_PORTAL_DATABASE_URL", url).arg("--signing-key-file").arg(folder.path().join("key.pem"));
        command.args(["--log", level, "--workers", "1", "--listen", &format!("127.0.0.1:{api}")]);
        command.args(["--admin-listen", &format!("127.0.0.1:{admin}")]);
        let child = command.spawn().unwrap();
        let served = Self {
            child,
            address: format!("127.0.0.1:{api}"),
            admin: format!("http://127.0.0.1:{admin}"),
            _folder: folder,
        };
        served.until("/healthz", 200).await;
        served
    }

    async fn status(&self, path: &str) -> Option<u16> {
        reqwest::get(format!("http://{}{path}", self.address)).await.ok().map(|answer| answer.status().as_u16())
    }

    /// Asks again until the answer has this status, for ten seconds.
    async fn until(&self, path: &str, status: u16) {
        let started = Instant::now();
        while self.status(path).await != Some(status) {
            assert!(started.elapsed() < Duration::from_secs(10), "{path} does not become {status}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Served {
    /// Waits for the end; returns the exit code and the log.
    fn into_ended(mut self) -> (Option<i32>, String) {
        let started = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code();
            }
            assert!(started.elapsed() < Duration::from_secs(30), "still running");
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (code, log)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_in_flight_is_answered_before_the_process_ends() {
    let database = TestDatabase::create().await;
    let served = Served::start(&database.url).await;
    served.until("/readyz", 200).await;
    let body = r#"{"query":"query Greeting { __typename }"}"#;
    let mut stream = TcpStream::connect(&served.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let (first, second) = body.split_at(10);
    write!(
        stream,
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\nx-request-id: in-flight-1\r\ncontent-length: {}\r\n\r\n{first}",
        body.len()
    )
    .unwrap();
    // The head has been read once another request on another connection was answered after it.
    served.until("/healthz", 200).await;
    served.terminate();
    let started = Instant::now();
    while TcpStream::connect(&served.address).is_ok() && started.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stream.write_all(second.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (code, log) = served.into_ended();
    assert_eq!(code, Some(0), "{log}");
    let line = log.lines().find(|line| line.contains("in-flight-1")).expect("the request has a line in the log");
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&line["operation"], &line["status"], &line["caller"], &line["path"]),
        (&json!("Greeting"), &json!(200), &json!("anonymous"), &json!("/graphql"))
    );
}

#[tokio::test]
async fn it_starts_without_its_database_and_says_so() {
    let served = Served::start(&format!("postgres://portal:hunter2@127.0.0.1:{}/portal", port())).await;
    assert_eq!(served.status("/readyz").await, Some(503));
    let document =
        "mutation { signIn(input: { email: \"ana@vendor.example\", password: \"hunter3\" }) { user { id } } }";
    let asked = reqwest::Client::new().post(format!("http://{}/graphql", served.address));
    let answer = asked.json(&json!({ "query": document })).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    served.terminate();
    let (code, log) = served.into_ended();
    assert_eq!(code, Some(0));
    for secret in ["hunter2", "hunter3", "ana@vendor.example", "PRIVATE KEY"] {
        assert!(!log.contains(secret), "the log tells {secret}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_one_object_a_line_and_tells_neither_secrets_nor_who_people_are() {
    let database = TestDatabase::create().await;
    let served = Served::start_logging(&database.url, "info,partner_portal=debug").await;
    let folder = tempfile::tempdir().unwrap();
    let password = crate::support::app::PASSWORD;
    let mut create = command("create-admin", &folder);
    create.args(["--email", "ana@vendor.example", "--name", "Ana Lima"]);
    create.env("PARTNER_PORTAL_DATABASE_URL", &database.url).env("PARTNER_PORTAL_ADMIN_PASSWORD", password);
    assert!(create.output().unwrap().status.success());

    let client = reqwest::Client::new();
    let ask = async |token: &str, document: &str| loop {
        let request = client.post(format!("http://{}/graphql", served.address)).json(&json!({ "query": document }));
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let answer = request.header("x-request-id", "\u{9b}31m-forged").send().await.unwrap();
        let (status, body) = (answer.status(), answer.json::<Value>().await.unwrap());
        // A machine that is busy with other tests does not hash a password within the time of a request: as it says, again.
        if status != 503 {
            assert!(status.is_success() || status == 401, "{status}: {body}");
            break body["data"].clone();
        }
    };
    let sign_in = |password: &str| {
        format!(
            "mutation {{ signIn(input: {{ email: \"ana@vendor.example\", password: {password:?} }}) {{
                tokens {{ accessToken refreshToken }} userErrors {{ message }} }} }}"
        )
    };
    let refused = ask("", &sign_in("a guess that is none")).await;
    assert_ne!(refused["signIn"]["userErrors"], json!([]), "{refused}");
    let tokens = ask("", &sign_in(password)).await["signIn"]["tokens"].clone();
    let (access, refresh) = (tokens["accessToken"].as_str().unwrap(), tokens["refreshToken"].as_str().unwrap());
    let renew = |token: &str| {
        format!("mutation {{ refreshSession(input: {{ refreshToken: {token:?} }}) {{ tokens {{ refreshToken }} }} }}")
    };
    let renewed =
        ask("", &renew(refresh)).await["refreshSession"]["tokens"]["refreshToken"].as_str().unwrap().to_owned();
    let made = "mutation { createApiClient(input: { name: \"Quill\", scopes: [DEALS_READ] }) { secret userErrors { message } } }";
    let made = ask(access, made).await;
    let secret = made["createApiClient"]["secret"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    ask(&secret, "query Deals { dealRegistrations { nodes { id } } }").await;
    ask(&format!("{secret}x"), "{ __typename }").await;
    let invite =
        "mutation { inviteUser(input: { email: \"nora@vendor.example\", name: \"Nora Quill\", roles: [FINANCE] }) {
        invitation { id } userErrors { message } } }";
    assert_ne!(ask(access, invite).await["inviteUser"]["invitation"], Value::Null);
    // A theft is told, and not what was stolen.
    ask("", &renew(&renewed)).await;
    assert_eq!(ask("", &renew(refresh)).await["refreshSession"]["tokens"], Value::Null);
    let forged = format!("http://{}/%0a%7b%22level%22%3a%22INFO%22%7d", served.address);
    assert_eq!(client.get(forged).send().await.unwrap().status(), 404);

    served.terminate();
    let (_, log) = served.into_ended();
    assert!(log.lines().count() > 8, "{log}");
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no object: {line:?}"));
        assert!(event["timestamp"].is_string() && event["level"].is_string(), "{line}");
    }
    let answered = log.lines().filter(|line| line.contains("\"operation\":\"Deals\"") && line.contains("cli_")).count();
    assert_eq!(answered, 1, "each request has its line, with the id of who asked: {log}");
    for untold in [
        password,
        "a guess that is none",
        access,
        refresh,
        &renewed,
        &secret,
        "ana@vendor.example",
        "nora@vendor.example",
        "Ana Lima",
        "Quill",
        "PRIVATE KEY",
        "$argon2",
        "\u{9b}",
    ] {
        assert!(!log.contains(untold), "the log tells {untold:?}: {log}");
    }
}

#[tokio::test]
async fn it_becomes_ready_when_the_migrations_have_run() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("new.sqlite3").display());
    let served = Served::start(&url).await;
    assert_eq!(served.status("/readyz").await, Some(503));
    let up = command("migrate", &folder).args(["up", "--database-url", &url]).output().unwrap();
    assert!(up.status.success(), "{up:?}");
    served.until("/readyz", 200).await;
    // Numbers are for operators only.
    assert_eq!(served.status("/metrics").await, Some(404));
    let numbers = reqwest::get(format!("{}/metrics", served.admin)).await.unwrap().text().await.unwrap();
    assert!(numbers.contains("http_requests_total{method=\"GET\",path=\"/readyz\",status=\"503\"}"), "{numbers}");
}

#[tokio::test]
async fn every_problem_of_the_configuration_is_told_at_once_and_nothing_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command("serve", &folder);
    command.env("PARTNER_PORTAL_LISTNE", "x").env("PARTNER_PORTAL_WORKERS", "many");
    command.env("PARTNER_PORTAL_DATABASE_URL", "mysql://portal:hunter2@db/portal");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told.lines().count(), 4, "{told}");
    for setting in ["LISTNE", "WORKERS", "DATABASE_URL", "SIGNING_KEYS"] {
        assert!(told.contains(&format!("PARTNER_PORTAL_{setting}: ")), "{told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
}

#[tokio::test]
async fn the_first_administrator_is_created_once() {
    let database = TestDatabase::create().await;
    let folder = tempfile::tempdir().unwrap();
    let create = |email: &str, password: &str| {
        let mut command = command("create-admin", &folder);
        command.args(["--email", email, "--name", "Ana Lima"]);
        command.env("PARTNER_PORTAL_DATABASE_URL", &database.url).env("PARTNER_PORTAL_ADMIN_PASSWORD", password);
        command.output().unwrap()
    };
    let weak = create("ana@vendor.example", "password1234");
    assert_eq!(weak.status.code(), Some(1));
    let first = create("ana@vendor.example", crate::support::app::PASSWORD);
    assert!(first.status.success(), "{first:?}");
    let second = create("bea@vendor.example", crate::support::app::PASSWORD);
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8(second.stderr).unwrap().contains("an administrator already"));
    let said = String::from_utf8(first.stdout).unwrap();
    assert!(!said.contains(crate::support::app::PASSWORD));
}

#[test]
fn the_schema_is_printed_without_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let output = command("export-schema", &folder).output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), partner_portal::schema::sdl().trim_end());
    for name in ["serve", "migrate", "create-admin"] {
        let help = command(name, &folder).arg("--help").output().unwrap();
        assert!(String::from_utf8(help.stdout).unwrap().contains("Example"), "{name}");
    }
}
