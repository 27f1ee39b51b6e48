//! The path against the real binary, which is killed without warning and started again after every step: nothing that
//! was answered is lost, and the mutation that was answered last is answered the same when it is sent again.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use entity::value::{Role, Timestamp};
use partner_portal::platform::auth::keys;

use super::{steps, walker::Walker};
use crate::support::TestApp;

/// The server as a process of its own; killed when it goes out of scope.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    async fn start(url: &str, key: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let child = Command::new(env!("CARGO_BIN_EXE_partner-portal"))
            .args(["serve", "--workers", "1", "--listen", &listen, "--database-url", url, "--signing-key-file"])
            .arg(key)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Self { child, address: format!("http://{listen}") };
        for _ in 0..400 {
            let ready = reqwest::get(format!("{}/readyz", process.address)).await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the server does not become ready");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL: no warning, no last words.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn killed_between_any_two_steps_nothing_that_was_answered_is_lost() {
    let app = TestApp::start().await;
    for (address, role) in [
        ("admin@vendor.example", Role::Admin),
        ("ops@vendor.example", Role::ChannelOps),
        ("finance@vendor.example", Role::Finance),
    ] {
        app.create_user(address, None, &[role]).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    std::fs::write(&key, keys::generate_pem().unwrap()).unwrap();

    let mut process = Process::start(&app.database.url, &key).await;
    let mut walker = Walker::new(&process.address, || Timestamp::from(chrono::Utc::now()));
    for who in ["admin", "ops", "finance"] {
        walker.sign_in(who, &format!("{who}@vendor.example")).await;
    }
    for number in 0..steps::STEPS.len() {
        steps::make(&mut walker, number).await;
        drop(process);
        process = Process::start(&app.database.url, &key).await;
        walker.address.clone_from(&process.address);
        walker.everything_holds().await;
        walker.repeats_the_last().await;
    }
    let shown = walker.shown().await;
    for kind in steps::shown_after(steps::STEPS.len() - 1) {
        assert!(shown.iter().any(|found| found == kind), "the score does not show {kind}: {shown:?}");
    }
    drop(process);
    app.check().await;
}
