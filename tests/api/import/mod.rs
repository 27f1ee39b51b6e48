mod command;
mod interrupted;
mod real_export;
mod rows;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use partner_portal::{
    import::crm::{self, Failure, report::Report},
    platform::{call::Services, db::connect, events::Reactions, rates::Rates},
};
use sea_orm::{ConnectionTrait, Statement};

use crate::support::TestApp;

/// A made-up export folder.
pub struct Export {
    pub folder: tempfile::TempDir,
}

pub const ACCOUNTS: &str = "account,sector,year_established,revenue,employees,office_location,subsidiary_of
Acme Corporation,technolgy,1996,1100.04,2822,United States,
Betatech,medical,1986,647.18,1185,Philipines,Acme Corporation
";
pub const PRODUCTS: &str = "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n";
pub const AGENTS: &str = "sales_agent,manager,regional_office\nAnna Snelling,Dustin Brinkmann,Central
Mei-Mei Johns,Melvin Marxen,Central\nVicki Laflamme,Celia Rouche,West\n";

impl Export {
    /// The usual surroundings, and these opportunities.
    pub fn of(opportunities: &[&str]) -> Self {
        let export = Self { folder: tempfile::tempdir().unwrap() };
        export.write("accounts.csv", ACCOUNTS);
        export.write("products.csv", PRODUCTS);
        export.write("sales_teams.csv", AGENTS);
        export.opportunities(opportunities);
        export
    }

    pub fn opportunities(&self, rows: &[&str]) {
        let heading = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value";
        self.write("sales_pipeline.csv", &format!("{heading}\n{}\n", rows.join("\n")));
    }

    pub fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// The services of the app, on a pool for imports, with other reactions if wanted.
pub async fn services(app: &TestApp, reactions: Option<Arc<dyn Reactions>>) -> Services {
    let own = &app.services;
    let db = connect::open_for_import(&app.database.url).await.unwrap();
    Services {
        sign_on: None,
        files: own.files.clone(),
        news: own.news.clone(),
        db,
        clock: own.clock.clone(),
        ids: own.ids.clone(),
        passwords: own.passwords.clone(),
        tokens: own.tokens.clone(),
        remembered: own.remembered.clone(),
        rates: Rates::default(),
        reactions: reactions.unwrap_or_else(|| own.reactions.clone()),
    }
}

pub async fn try_import(app: &TestApp, folder: &Path) -> Result<Report, Failure> {
    crm::run(&services(app, None).await, folder, &|_, _| {}).await
}

pub async fn import(app: &TestApp, folder: &Path) -> Report {
    let report = try_import(app, folder).await.unwrap();
    assert!(report.adds_up(), "{report:#?}");
    report
}

/// The rows of a query, each its columns as text with a bar between.
pub async fn table(app: &TestApp, columns: &[&str], rest: &str) -> Vec<String> {
    let pool = app.services.db.pool();
    let cells: Vec<_> = columns.iter().map(|column| format!("coalesce(cast({column} as text), '-')")).collect();
    let sql = format!("select {} as line {rest}", cells.join(" || ' | ' || "));
    let rows = pool.query_all_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}

/// The codes and row numbers of what was rejected.
pub fn rejected(report: &Report) -> Vec<(&str, usize, &str)> {
    let mut rejected: Vec<_> =
        report.rejects.iter().map(|reject| (reject.file, reject.row, reject.code.as_str())).collect();
    rejected.sort_unstable();
    rejected
}

/// Whatever was replayed: at no instant do two partners hold an (account, product line).
pub async fn assert_one_holder(app: &TestApp) {
    let overlapping = table(
        app,
        &["one.registration_id", "other.registration_id"],
        "from protections one join protections other
            on other.account_id = one.account_id and other.product_line_id = one.product_line_id
            and other.id > one.id
            and other.starts_at < coalesce(one.ended_at, one.ends_at) and other.starts_at < one.ends_at
            and one.starts_at < coalesce(other.ended_at, other.ends_at) and one.starts_at < other.ends_at",
    )
    .await;
    assert_eq!(overlapping.len(), 0, "two protections of one place at one instant");
    let active = table(
        app,
        &["account_id"],
        "from protections where ended_at is null group by account_id, product_line_id having count(*) > 1",
    );
    assert_eq!(active.await.len(), 0);
}

pub fn real_export() -> PathBuf {
    let folder = std::env::var("TEST_CRM_DIR").unwrap_or_else(|_| "../shared/data/crm".to_owned());
    let folder = PathBuf::from(folder);
    assert!(
        folder.join("sales_pipeline.csv").exists(),
        "the public CRM export is not in {}: say in TEST_CRM_DIR where accounts.csv, products.csv, sales_teams.csv and \
         sales_pipeline.csv are",
        folder.display()
    );
    folder
}
