//! What becomes of a row, on small made-up exports.

use partner_portal::import::crm::Failure;

use super::{Export, import, rejected, table, try_import};
use crate::support::TestApp;

const OPPORTUNITIES: &str = "sales_pipeline.csv";

#[tokio::test]
async fn each_row_that_cannot_be_imported_says_why() {
    let app = TestApp::start().await;
    let export = Export::of(&[
        "A1,Anna Snelling,GTXPro,Acme Corporation,Engaging,10/20/2016,,",
        ",Anna Snelling,GTX Pro,Acme Corporation,Engaging,10/20/2016,,",
        "A1,Anna Snelling,GTX Pro,Acme Corporation,Engaging,10/20/2016,,",
        "A4,Anna Snelling,GTX Pro,,Engaging,10/20/2016,,",
        "A5,Anna Snelling,GTX Pro,Nobody,Engaging,10/20/2016,,",
        "A6,Nobody,GTX Pro,Betatech,Engaging,10/20/2016,,",
        "A7,Anna Snelling,GTX,Betatech,Engaging,10/20/2016,,",
        "A8,Anna Snelling,GTX Pro,Betatech,Dreaming,10/20/2016,,",
        "A9,Anna Snelling,GTX Pro,Betatech,Engaging,,,",
        "B1,Anna Snelling,GTX Pro,Betatech,Won,10/20/2016,,10",
        "B2,Anna Snelling,GTX Pro,Betatech,Won,10/20/2016,10/19/2016,10",
        "B3,Anna Snelling,GTX Pro,Betatech,Won,20/10/2016,10/19/2016,10",
        "B4,Anna Snelling,GTX Pro,Betatech,Won,10/20/2016,10/21/2016,ten",
        "B5,Anna Snelling",
        "B6,Anna Snelling,GTX Pro,Betatech,Engaging,10/20/2126,,",
        "B7,Mei-Mei Johns,GTX Pro,Acme Corporation,Engaging,10/21/2016,,",
        "B8,Anna Snelling,GTX Pro,Acme Corporation,Engaging,10/21/2016,,",
    ]);
    let report = import(&app, export.path()).await;
    let wanted = [
        (3, "ID_MISSING"),
        (4, "ID_REPEATED"),
        (5, "ACCOUNT_MISSING"),
        (6, "ACCOUNT_UNKNOWN"),
        (7, "AGENT_UNKNOWN"),
        (8, "PRODUCT_UNKNOWN"),
        (9, "STAGE_UNKNOWN"),
        (10, "DATE_MISSING"),
        (11, "DATE_MISSING"),
        (12, "DATES_REVERSED"),
        (13, "DATE_MALFORMED"),
        (14, "VALUE_MALFORMED"),
        (15, "ROW_MALFORMED"),
        (16, "DATE_IN_FUTURE"),
        (17, "PROTECTED_BY_ANOTHER_PARTNER"),
        (18, "OWN_DUPLICATE"),
    ];
    assert_eq!(rejected(&report), wanted.map(|(row, code)| (OPPORTUNITIES, row, code)));
    assert_eq!((report.opportunities, report.imported.values().sum::<usize>()), (17, 1));
    assert!(report.rejects.iter().all(|reject| !reject.sentence.is_empty()));
    let again = import(&app, export.path()).await;
    assert_eq!((again.changes, rejected(&again)), (0, rejected(&report)));
}

#[tokio::test]
async fn surroundings_that_cannot_be_imported_take_their_opportunities_with_them() {
    let app = TestApp::start().await;
    app.partner("vicki-laflamme.invalid").await;
    let export = Export::of(&[
        "A1,Anna Snelling,GTX Pro,Nemo,Engaging,10/20/2016,,",
        "A2,Vicki Laflamme,GTX Pro,Betatech,Engaging,10/20/2016,,",
    ]);
    export.write(
        "accounts.csv",
        "account,sector,office_location,subsidiary_of\nNemo,retail,Atlantis,\n,retail,Kenya,\nBetatech,retail,Korea,Nemo\n",
    );
    let report = import(&app, export.path()).await;
    assert_eq!(
        rejected(&report),
        [
            ("accounts.csv", 2, "COUNTRY_UNKNOWN"),
            ("accounts.csv", 3, "NAME_MISSING"),
            (OPPORTUNITIES, 2, "ACCOUNT_NOT_IMPORTED"),
            (OPPORTUNITIES, 3, "AGENT_NOT_IMPORTED"),
            ("sales_teams.csv", 4, "DOMAIN_TAKEN"),
        ]
    );
    let wanted = ["country \"Korea\" read as KR", "parent \"Nemo\" is no account that could be imported: left out"];
    assert_eq!(report.warnings.keys().map(String::as_str).collect::<Vec<_>>(), wanted);
    let again = import(&app, export.path()).await;
    assert_eq!((again.changes, rejected(&again)), (0, rejected(&report)));
}

#[tokio::test]
async fn accounts_are_repaired_and_know_their_parents() {
    let app = TestApp::start().await;
    // Subsidiaries come before their parents in the file too.
    let export = Export::of(&[]);
    export.write(
        "accounts.csv",
        "account,sector,office_location,subsidiary_of\nDaughter,retail,Kenya,Mother\nMother,technolgy,Philipines,\n",
    );
    import(&app, export.path()).await;
    let accounts = table(
        &app,
        &["a.name", "a.industry", "a.country", "p.name"],
        "from accounts a left join accounts p on p.id = a.parent_id order by a.name",
    );
    assert_eq!(accounts.await, ["Daughter | retail | KE | Mother", "Mother | technology | PH | -"]);
}

#[tokio::test]
async fn a_customer_and_a_product_line_that_exist_are_used_as_they_are() {
    let app = TestApp::start().await;
    import(&app, Export::of(&[]).path()).await;
    use sea_orm::ConnectionTrait as _;
    app.services.db.pool().execute_unprepared("delete from import_rows where kind <> 'partner'").await.unwrap();
    app.services.db.pool().execute_unprepared("delete from idempotency_keys").await.unwrap();
    let before = app.rows(&["accounts", "product_lines"]).await;
    let export = Export::of(&["A1,Anna Snelling,GTX Pro,Betatech,Engaging,10/20/2016,,"]);
    let report = import(&app, export.path()).await;
    assert_eq!(report.imported.values().sum::<usize>(), 1);
    assert_eq!(app.rows(&["accounts", "product_lines"]).await, before);
}

#[tokio::test]
async fn deals_go_through_the_stages_of_the_crm() {
    let app = TestApp::start().await;
    let export = Export::of(&[
        "A1,Anna Snelling,GTX Pro,Acme Corporation,Won,10/20/2016,11/1/2016,1054",
        "A2,Anna Snelling,MG Special,Acme Corporation,Lost,10/20/2016,11/1/2016,0",
        "A3,Anna Snelling,GTX Pro,Betatech,Engaging,10/20/2016,,",
        "A4,Anna Snelling,MG Special,Betatech,Prospecting,,,",
        // Its protection is over when it is won.
        "A5,Vicki Laflamme,GTX Pro,Acme Corporation,Won,12/1/2016,6/1/2017,0",
    ]);
    let report = import(&app, export.path()).await;
    assert_eq!(
        report.imported.iter().map(|(state, n)| format!("{state} {n}")).collect::<Vec<_>>(),
        ["CONVERTED 1", "EXPIRED 2", "RELEASED 1", "SUBMITTED 1"]
    );
    let deals = table(
        &app,
        &["deal_stage", "amount_minor", "won_amount_minor", "expected_close_on", "closed_on"],
        "from deal_registrations order by submitted_at, amount_minor, deal_stage",
    );
    assert_eq!(
        deals.await,
        [
            "LOST | 5500 | - | 2016-11-01 | 2016-11-01",
            "WON | 105400 | 105400 | 2016-11-01 | 2016-11-01",
            "QUALIFIED | 482100 | - | 2017-01-18 | -",
            "WON | 1 | 1 | 2017-06-01 | 2017-06-01",
            "QUALIFIED | 5500 | - | 2026-05-31 | -",
        ]
    );
}

#[tokio::test]
async fn what_changed_in_the_crm_is_carried_on_as_far_as_it_lies_ahead() {
    let app = TestApp::start().await;
    let export = Export::of(&[
        "A1,Anna Snelling,GTX Pro,Acme Corporation,Engaging,1/20/2026,,",
        "A2,Mei-Mei Johns,GTX Pro,Acme Corporation,Engaging,1/21/2026,,",
        "A3,Vicki Laflamme,MG Special,Betatech,Prospecting,,,",
        "A4,Vicki Laflamme,GTX Pro,,Engaging,1/21/2026,,",
    ]);
    let first = import(&app, export.path()).await;
    assert_eq!(
        rejected(&first),
        [(OPPORTUNITIES, 3, "PROTECTED_BY_ANOTHER_PARTNER"), (OPPORTUNITIES, 5, "ACCOUNT_MISSING")]
    );
    export.opportunities(&[
        "A1,Anna Snelling,GTX Pro,Acme Corporation,Won,1/20/2026,2/1/2026,5000",
        "A2,Mei-Mei Johns,MG Special,Acme Corporation,Engaging,1/21/2026,,",
        "A3,Vicki Laflamme,MG Special,Betatech,Engaging,2/20/2026,,",
        "A4,Vicki Laflamme,GTX Pro,Betatech,Engaging,1/21/2026,,",
    ]);
    let second = import(&app, export.path()).await;
    assert_eq!((second.changes, rejected(&second)), (4, vec![]));
    assert_eq!(
        second.imported.iter().map(|(state, n)| format!("{state} {n}")).collect::<Vec<_>>(),
        ["CONVERTED 1", "PROTECTED 3"]
    );
    assert_eq!(import(&app, export.path()).await.changes, 0);
    export.opportunities(&["A1,Anna Snelling,GTX Pro,Acme Corporation,Won,1/20/2026,2/1/2026,7000"]);
    let third = import(&app, export.path()).await;
    assert_eq!(third.changes, 0);
    assert!(third.warnings.keys().any(|warning| warning.starts_with("opportunity changed")), "{:?}", third.warnings);
}

#[tokio::test]
async fn a_folder_that_is_no_export_changes_nothing() {
    let app = TestApp::start().await;
    let before = app.rows(&["partners", "accounts", "import_rows"]).await;
    for (file, text) in
        [("accounts.csv", None), ("sales_pipeline.csv", None), ("products.csv", Some("name\nGTX Pro\n"))]
    {
        let export = Export::of(&["A1,Anna Snelling,GTX Pro,Acme Corporation,Engaging,10/20/2016,,"]);
        match text {
            Some(text) => export.write(file, text),
            None => std::fs::remove_file(export.path().join(file)).unwrap(),
        }
        let failure = try_import(&app, export.path()).await.unwrap_err();
        let Failure::Unreadable(unreadable) = failure else { panic!("{failure:?}") };
        assert!(unreadable.path.ends_with(file), "{unreadable:?}");
    }
    assert_eq!(app.rows(&["partners", "accounts", "import_rows"]).await, before);
}
