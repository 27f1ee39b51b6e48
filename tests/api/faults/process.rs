//! The server as a process of its own.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use partner_portal::platform::auth::keys;
use serde_json::{Value, json};

use crate::support::app::PASSWORD;

/// A server; killed without warning when it goes out of scope.
pub struct Process {
    child: Child,
    pub address: String,
    pub client: reqwest::Client,
}

/// A key for servers that stand for one another.
pub fn key(folder: &Path) {
    std::fs::write(folder.join("key.pem"), keys::generate_pem().unwrap()).unwrap();
}

impl Process {
    /// Starts one on a database, with the key in a folder; by the words of a shell in front, if any.
    pub fn launch(url: &str, folder: &Path, before: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{before} exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_partner-portal")]);
        command.args(["serve", "--workers", "1", "--listen", &listen, "--database-url", url, "--signing-key-file"]);
        let child = command.arg(folder.join("key.pem")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, address: format!("http://{listen}"), client: reqwest::Client::new() }
    }

    /// The same, once it is ready: within twenty seconds.
    pub async fn start(url: &str, folder: &Path) -> Self {
        let process = Self::launch(url, folder, "");
        process.until_ready(Duration::from_secs(20)).await;
        process
    }

    /// Waits until it is ready.
    pub async fn until_ready(&self, patience: Duration) {
        let started = Instant::now();
        while self.status("/readyz").await != Some(200) {
            assert!(started.elapsed() < patience, "the server does not become ready within {patience:?}");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// The status of an address, if there is an answer.
    pub async fn status(&self, path: &str) -> Option<u16> {
        let asked = self.client.get(format!("{}{path}", self.address)).timeout(Duration::from_secs(6));
        asked.send().await.ok().map(|answer| answer.status().as_u16())
    }

    /// Asks; the answer's status, its header that says when to try again, and its body. None when there was no answer.
    pub async fn ask(&self, token: Option<&str>, document: &str, variables: Value) -> Option<(u16, bool, Value)> {
        let mut request = self.client.post(format!("{}/graphql", self.address)).timeout(Duration::from_secs(15));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.json(&json!({ "query": document, "variables": variables })).send().await.ok()?;
        let again = answer.headers().contains_key("retry-after");
        Some((answer.status().as_u16(), again, answer.json().await.ok()?))
    }

    /// The access token of somebody.
    pub async fn sign_in(&self, email: &str) -> String {
        let document = "mutation($email: String!, $password: String!) {
            signIn(input: { email: $email, password: $password }) { tokens { accessToken } userErrors { code } } }";
        let body = loop {
            let answer = self.ask(None, document, json!({ "email": email, "password": PASSWORD })).await;
            // A machine that is busy with other tests may not hash a password in time: as it says, again.
            if let Some((200, _, body)) = answer {
                break body;
            }
            assert!(matches!(answer, Some((503, true, _))), "{answer:?}");
        };
        let token = body["data"]["signIn"]["tokens"]["accessToken"].as_str();
        token.unwrap_or_else(|| panic!("{email} cannot sign in: {body}")).to_owned()
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL: no warning, no last words.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
