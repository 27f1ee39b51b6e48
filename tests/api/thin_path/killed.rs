//! The path against the real binary, which is killed without warning and started again after every step: nothing that
//! was answered is lost, and the mutation that was answered last is answered the same when it is sent again.

use entity::value::{Role, Timestamp};

use super::{steps, walker::Walker};
use crate::{
    faults::process::{self, Process},
    support::TestApp,
};

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
    process::key(folder.path());

    let mut process = Process::start(&app.database.url, folder.path()).await;
    let mut walker = Walker::new(&process.address, || Timestamp::from(chrono::Utc::now()));
    for who in ["admin", "ops", "finance"] {
        walker.sign_in(who, &format!("{who}@vendor.example")).await;
    }
    for number in 0..steps::STEPS.len() {
        steps::make(&mut walker, number).await;
        drop(process);
        process = Process::start(&app.database.url, folder.path()).await;
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
