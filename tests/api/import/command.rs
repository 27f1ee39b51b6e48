//! The command itself: the binary, its output and how it ends.

use std::process::{Command, Output};

use super::Export;
use crate::support::TestApp;

fn run(app: &TestApp, export: &Export, folder: &str) -> (Output, String) {
    let rejects = export.path().join("rejects.csv");
    let output = Command::new(env!("CARGO_BIN_EXE_partner-portal"))
        .args(["import", "crm"])
        .arg(export.path().join(folder))
        .args(["--database-url", &app.database.url, "--rejects"])
        .arg(&rejects)
        .output()
        .unwrap();
    (output, std::fs::read_to_string(rejects).unwrap_or_default())
}

#[tokio::test]
async fn the_command_prints_counts_that_add_up_and_its_second_run_changes_nothing() {
    let app = TestApp::start().await;
    let export = Export::of(&[
        "A1,Anna Snelling,GTX Pro,Acme Corporation,Won,10/20/2016,11/1/2016,1054",
        "A2,Anna Snelling,GTX Pro,,Engaging,10/20/2016,,",
    ]);
    for changes in ["8 changes", "0 changes"] {
        let (output, rejects) = run(&app, &export, "");
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stderr));
        for line in ["2 opportunities", "1     CONVERTED", "1     ACCOUNT_MISSING", changes] {
            assert!(said.lines().any(|said| said.trim_start() == line), "{line} is not in\n{said}");
        }
        let lines: Vec<_> = rejects.lines().collect();
        assert_eq!(lines[0], "file,row,id,code,sentence");
        assert!(lines[1].starts_with("sales_pipeline.csv,3,A2,ACCOUNT_MISSING,"), "{rejects}");
    }
    let (output, _) = run(&app, &export, "nowhere");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("accounts.csv"), "{said}");
}
