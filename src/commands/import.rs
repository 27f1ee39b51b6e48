//! `partner-portal import`.

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
    sync::Mutex,
};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Outcome, block_on, print, problems, sentence, services};
use crate::{
    import::crm::{self, Failure, files::Unreadable},
    platform::{
        auth::{keys, tokens::Tokens},
        config::{DatabaseArgs, LogArgs},
        db::{Db, connect},
    },
};

const EXAMPLES: &str = "Example:\n  partner-portal migrate up --database-url sqlite:portal.sqlite3\n  partner-portal \
                        import crm ./export --database-url sqlite:portal.sqlite3 --rejects rejects.csv";

const CRM_HELP: &str = "The folder holds accounts.csv, products.csv, sales_teams.csv and sales_pipeline.csv. Sales \
                        agents become partners with one seller each, regional offices territories, products product \
                        lines, opportunities deals. What is imported goes through the rules of the API, in time \
                        order; what they refuse, or cannot be read, is in the file of rejects.\n\nAn import that was \
                        interrupted, by a power cut too, is simply run again. A second run changes nothing.";

/// How many steps lie between two lines where there is no terminal.
const LINE_EVERY: usize = 2_000;

/// Brings in what other systems know.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ImportArgs {
    #[command(subcommand)]
    source: Source,
}

#[derive(Subcommand)]
enum Source {
    /// The export folder of a CRM: accounts, products, sales agents, opportunities
    #[command(after_help = EXAMPLES, long_about = CRM_HELP)]
    Crm(CrmArgs),
}

#[derive(Args)]
struct CrmArgs {
    /// The folder
    folder: PathBuf,
    /// Where to list the rows that are not imported, with a code and a sentence each
    #[arg(long, value_name = "FILE", default_value = "crm-rejects.csv")]
    rejects: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    log: LogArgs,
}

/// Imports, and says how it came out.
pub fn run(args: &ImportArgs) -> Outcome {
    let Source::Crm(args) = &args.source;
    let mut problems = problems();
    let (log, database) = (args.log.read(&mut problems), args.database.read(&mut problems));
    let (log, database) = problems.finish(log.zip(database))?;
    log.begin().map_err(|problem| vec![problem])?;
    block_on(async { crm(args, database.open_for_import().await.map_err(sentence)?).await })
}

async fn crm(args: &CrmArgs, db: Db) -> Outcome {
    // Nobody signs in here: a key that is forgotten at once will do.
    let key = keys::generate_pem().and_then(|pem| Tokens::from_pem(&pem, "import"));
    let services = services(db, key.map_err(|problem| vec![problem])?)?;
    let bar = if io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    bar.set_style(style());
    let said = Mutex::new(0);
    let report = crm::run(&services, &args.folder, &|done, total| tell(&bar, &said, done, total)).await;
    bar.finish_and_clear();
    let report = report.map_err(failed)?;
    connect::settle(&services.db).await.map_err(|error| vec![error.to_string()])?;
    report.write_rejects(&args.rejects).map_err(unreadable)?;
    if !report.adds_up() {
        return Err(vec![format!("the counts do not add up: {report:?}")]);
    }
    print(report.lines().trim_end())?;
    print(&format!("{} rows that are not imported are listed in {}", report.rejects.len(), args.rejects.display()))
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {pos}/{len} steps, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A bar on a terminal, a line now and then elsewhere.
fn tell(bar: &ProgressBar, said: &Mutex<usize>, done: usize, total: usize) {
    bar.set_length(u64::try_from(total).unwrap_or(u64::MAX));
    bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    let mut said = said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if bar.is_hidden() && (done >= said.saturating_add(LINE_EVERY) || (done == total && done > *said)) {
        *said = done;
        // The import goes on although nobody listens.
        let _told = print(&format!("{done} of {total} steps"));
    }
}

fn failed(failure: Failure) -> Vec<String> {
    match failure {
        Failure::Unreadable(file) => unreadable(file),
        Failure::Stopped(error) => {
            let mut lines = sentence(error);
            lines.push("the import stopped; run it again, and it goes on from there".to_owned());
            lines
        }
    }
}

fn unreadable(Unreadable { path, cause }: Unreadable) -> Vec<String> {
    vec![format!("{}: {cause}", path.display())]
}
