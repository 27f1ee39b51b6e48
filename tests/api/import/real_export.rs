//! The whole of a public CRM export that nobody here wrote: once on each engine.

use std::fs;

use serde_json::json;

use super::{assert_one_holder, import, real_export, table};
use crate::support::TestApp;
use partner_portal::import::crm::report::Verdict;

#[tokio::test]
async fn every_row_of_the_real_export_is_imported_or_listed_and_a_second_run_changes_nothing() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let files = (folder.path().join("first.csv"), folder.path().join("second.csv"));

    let first = import(&app, &real_export()).await;
    first.write_rejects(&files.0).unwrap();
    eprintln!("{}", first.lines());
    assert_eq!(first.opportunities, 8_800);
    assert_eq!(first.surroundings.values().copied().collect::<Vec<_>>(), [85, 30 + 5, 7]);
    assert_eq!(first.rejected["ACCOUNT_MISSING"], 1_425);
    let known = ["ACCOUNT_MISSING", "HOLDS_USED_UP", "OWN_DUPLICATE", "PROTECTED_BY_ANOTHER_PARTNER"];
    assert!(first.rejected.keys().all(|code| known.contains(&code.as_str())), "{:?}", first.rejected);
    for state in ["CONVERTED", "EXPIRED", "RELEASED"] {
        assert!(first.imported[state] > 100, "{state}: {:?}", first.imported);
    }
    let refused: usize = first.rejected.values().sum();
    let imported: usize = first.imported.values().sum();
    assert_eq!(imported + refused, 8_800);
    // Every opportunity once: what the rules made of it, and why. Whoever meets a protection would have waited.
    assert!(first.adds_up());
    let verdict = |wanted: Verdict| -> usize {
        first.verdicts.iter().filter(|((verdict, _), _)| *verdict == wanted).map(|(_, count)| count).sum()
    };
    assert_eq!(first.verdicts.values().sum::<usize>(), 8_800);
    assert_eq!(verdict(Verdict::NotJudged), 1_425);
    assert!(verdict(Verdict::Protected) > 100 && verdict(Verdict::Waitlisted) > 100, "{:?}", first.verdicts);
    let refused_by: Vec<_> = first.verdicts.keys().filter(|(verdict, _)| *verdict == Verdict::Refused).collect();
    assert!(refused_by.iter().all(|(_, why)| !why.is_empty()), "{refused_by:?}");
    assert_eq!(app.rows(&["deal_registrations"]).await[0].1, i64::try_from(imported).unwrap());
    assert!(first.warnings.contains_key("sector \"technolgy\" read as \"technology\""), "{:?}", first.warnings);
    assert_one_holder(&app).await;
    // What was won and lost in the CRM is won and lost here, at the day and value that it says.
    let gtx = table(
        &app,
        &["won_amount_minor", "closed_on"],
        "from deal_registrations where closed_on = '2017-03-01' and won_amount_minor = 105400",
    );
    assert_eq!(gtx.await, ["105400 | 2017-03-01"]);

    let tables = ["deal_registrations", "protections", "accounts", "partners", "users", "audit_events", "import_rows"];
    let before = app.rows(&tables).await;
    let second = import(&app, &real_export()).await;
    second.write_rejects(&files.1).unwrap();
    assert_eq!(second.changes, 0);
    assert_eq!(app.rows(&tables).await, before);
    assert_eq!((second.imported, second.rejected), (first.imported.clone(), first.rejected.clone()));
    assert_eq!(second.verdicts, first.verdicts);
    assert_eq!(fs::read(&files.0).unwrap(), fs::read(&files.1).unwrap());

    let mut reader = csv::Reader::from_path(&files.0).unwrap();
    assert_eq!(reader.headers().unwrap(), vec!["file", "row", "id", "code", "sentence"]);
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), refused);
    assert!(rows.iter().all(|row| row.iter().all(|cell| !cell.is_empty())));

    let ops = app.staff(entity::value::Role::ChannelOps).await;
    let answer =
        ops.ask("{ partners(first: 50) { nodes { name territory { name } users { name } } } }", json!({})).await;
    let partners = answer.data["partners"]["nodes"].as_array().unwrap().clone();
    assert_eq!(partners.len(), 35);
    let anna = partners.iter().find(|partner| partner["name"] == "Anna Snelling").unwrap();
    assert_eq!(
        anna,
        &json!({ "name": "Anna Snelling", "territory": { "name": "Central" }, "users": [{ "name": "Anna Snelling" }] })
    );
}
