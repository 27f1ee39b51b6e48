//! `partner-portal match`.

mod pairs;

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};

use super::{Outcome, block_on, print, problems, sentence, services};
use crate::{
    accounts::{
        accounts, duplicates,
        matching::rules::{Quality, VERSION, evaluate},
    },
    platform::{
        auth::{keys, tokens::Tokens},
        call::Call,
        config::DatabaseArgs,
    },
};

const EXAMPLES: &str = "Example:\n  partner-portal match decided > decided.csv\n  partner-portal match evaluate \
                        decided.csv\n\nThe file is CSV with a header: left_name, left_website, left_country, \
                        left_registry_id, the same with right_, and same. `same` is yes or no; everything but the \
                        names and `same` may be empty or missing. Several names, websites or registry ids of a side \
                        stand with | between them; a registry id is LEI, DUNS or VAT, a colon and the number.";

/// So many decided pairs are read at once.
const READ_AT_ONCE: u64 = 500;

/// The matcher of accounts.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct MatchArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Prints precision and recall at each threshold, on pairs that people decided; changes nothing
    #[command(after_help = EXAMPLES)]
    Evaluate {
        /// The decided pairs
        file: PathBuf,
    },
    /// Prints the pairs of accounts that people decided, merged or found to be two, as both were then: the file that
    /// `evaluate` reads. What was merged and parted again is open, and not among them
    Decided(DatabaseArgs),
    /// Writes accounts into the index that are not in it as this version writes them: once after an upgrade. Other
    /// servers may run meanwhile; a second run finds nothing to do
    Index(DatabaseArgs),
}

/// Does what the command line says.
pub fn run(args: &MatchArgs) -> Outcome {
    match &args.action {
        Action::Evaluate { file } => evaluated(file),
        Action::Decided(database) => decided(database),
        Action::Index(database) => index(database),
    }
}

fn index(database: &DatabaseArgs) -> Outcome {
    let mut problems = problems();
    let database = database.read(&mut problems);
    let database = problems.finish(database)?;
    block_on(async {
        let db = database.open().await.map_err(sentence)?;
        // Nobody signs in here: a key that is forgotten at once will do.
        let key = keys::generate_pem().and_then(|pem| Tokens::from_pem(&pem, "match"));
        let call = Call::system(services(db, key.map_err(|problem| vec![problem])?)?, "match index");
        let indexed = accounts::index_all(&call).await.map_err(sentence)?;
        print(&format!("{indexed} accounts written into the index"))
    })
}

fn decided(database: &DatabaseArgs) -> Outcome {
    let mut problems = problems();
    let database = database.read(&mut problems);
    let database = problems.finish(database)?;
    let told = |error: csv::Error| vec![error.to_string()];
    block_on(async {
        let db = database.open().await.map_err(sentence)?;
        let mut csv = csv::Writer::from_writer(io::stdout().lock());
        let mut after = None;
        loop {
            let some = duplicates::labelled(db.pool(), after, READ_AT_ONCE).await.map_err(sentence)?;
            for pair in &some {
                let [left, right] = [&pair.first, &pair.second].map(accounts::as_compared);
                pairs::write(&mut csv, &left, &right, pair.same).map_err(told)?;
            }
            match some.last() {
                Some(last) => after = Some(last.id),
                None => return csv.flush().map_err(|error| vec![error.to_string()]),
            }
        }
    })
}

fn evaluated(file: &Path) -> Outcome {
    let pairs = pairs::read(file)?;
    let same = pairs.iter().filter(|pair| pair.same).count();
    print(&format!("{} pairs, {same} of them one customer; matcher {VERSION}", pairs.len()))?;
    print("| found from | precision | recall | right | wrong | missed |\n|---|---|---|---|---|---|")?;
    evaluate(&pairs).iter().try_for_each(|quality| print(&line(quality)))
}

fn line(quality: &Quality) -> String {
    let from = quality.from.map_or_else(|| "SAME".to_owned(), |from| from.to_string());
    let share = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"));
    let Quality { right, wrong, missed, .. } = quality;
    format!("| {from} | {} | {} | {right} | {wrong} | {missed} |", share(quality.precision()), share(quality.recall()))
}
