//! What the measuring programs share: the product as a process of its own, on a new embedded database, with people.
#![allow(dead_code)]

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use entity::value::Role;
use migration::{Migrator, MigratorTrait as _};
use partner_portal::{
    commands,
    people::users::{self, model::NewUser},
    platform::{
        auth::{keys, policy::Action, tokens::Tokens},
        call::Call,
        db::connect,
    },
};
use serde_json::{Value, json};

/// Everybody's password.
pub const PASSWORD: &str = "an unlikely pair of otters";

/// A server; stopped when it goes out of scope, and its database with it.
pub struct Server {
    child: Child,
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }
}

impl Server {
    /// Starts one with so many people, by the words in front, if any (`taskset -c 0`).
    pub async fn start(binary: &Path, before: &[&str], people: usize, more: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("portal.sqlite3").display());
        let key = keys::generate_pem().unwrap();
        fill(&url, &key, people).await;
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let mut words = before.iter().map(std::ffi::OsString::from).chain([binary.into()]);
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .args(["serve", "--trusted-proxies", "127.0.0.1", "--listen", &address])
            .args(more)
            .env("PARTNER_PORTAL_DATABASE_URL", &url)
            .env("PARTNER_PORTAL_SIGNING_KEY", &key)
            // Few people ask for everything here.
            .env("PARTNER_PORTAL_COST_PER_MINUTE", "1000000000000")
            .env("PARTNER_PORTAL_LOG", "off")
            .stdout(Stdio::null());
        let server = Self { child: command.spawn().unwrap(), address, _folder: folder };
        let client = reqwest::Client::new();
        while client.get(format!("http://{}/readyz", server.address)).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }

    /// A line of its status, in MiB.
    pub fn memory(&self, line: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let found = status.lines().find_map(|found| found.strip_prefix(line)).unwrap();
        found.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse::<f64>().unwrap() / 1024.0
    }
}

async fn fill(url: &str, key: &str, people: usize) {
    // Over one connection: another one would not know the tables that a migration has made anew.
    let db = connect::open(url, 1).await.unwrap();
    Migrator::up(db.pool(), None).await.unwrap();
    db.pool().clone().close().await.unwrap();
    let db = connect::open(url, 2).await.unwrap();
    let services = commands::services(db, Tokens::from_pem(key, "http://localhost").unwrap()).unwrap();
    let call = Call::system(Arc::clone(&services), "bench");
    let password_hash = services.passwords.hash(PASSWORD.to_owned(), services.ids.as_ref()).await.unwrap();
    for number in 0..people {
        let new = NewUser {
            partner_id: None,
            email: format!("person{number}@vendor.example"),
            email_key: format!("person{number}@vendor.example"),
            name: format!("Person {number}"),
            roles: [Role::Admin].into_iter().collect(),
            password_hash: password_hash.clone(),
        };
        call.in_transaction(async |txn| users::create(txn, &call, Action::UseSession, new).await).await.unwrap();
    }
    services.db.pool().clone().close().await.unwrap();
}

/// One of them signs in, from an address of its own: the status, and the access token.
pub async fn sign_in(client: &reqwest::Client, address: &str, number: usize) -> (u16, Option<String>) {
    let asked = json!({
        "query": "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } userErrors { code } } }",
        "variables": { "input": { "email": format!("person{number}@vendor.example"), "password": PASSWORD } },
    });
    let from = format!("10.{}.{}.1", number / 250, number % 250);
    let request = client.post(format!("http://{address}/graphql")).header("x-forwarded-for", from).json(&asked);
    let Ok(answer) = request.send().await else { return (0, None) };
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap_or_default();
    (status, body["data"]["signIn"]["tokens"]["accessToken"].as_str().map(str::to_owned))
}

/// What a part of the figures stays below; they are sorted.
pub fn part(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() as f64 * part) as usize).min(sorted.len() - 1)]
}
