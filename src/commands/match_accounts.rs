//! `partner-portal match`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Deserialize;

use super::{Outcome, block_on, print, problems, sentence, services};
use crate::{
    accounts::{
        accounts,
        matching::rules::{Domain, Labelled, Profile, Quality, Subject, VERSION, evaluate},
    },
    platform::{
        auth::{keys, tokens::Tokens},
        call::Call,
        config::DatabaseArgs,
    },
};

const EXAMPLES: &str = "Example:\n  partner-portal match evaluate decided.csv\n\nThe file is CSV with a header: \
                        left_name, left_website, left_country, right_name, right_website, right_country, same. `same` \
                        is yes or no; everything but the names and `same` may be empty or missing.";

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
    /// Writes accounts into the index that are not in it as this version writes them: once after an upgrade. Other
    /// servers may run meanwhile; a second run finds nothing to do
    Index(DatabaseArgs),
}

/// Does what the command line says.
pub fn run(args: &MatchArgs) -> Outcome {
    match &args.action {
        Action::Evaluate { file } => evaluated(file),
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
        let (mut indexed, mut after) = (0_usize, None);
        loop {
            let (some, last) = accounts::index(&call, after).await.map_err(sentence)?;
            indexed = indexed.saturating_add(some);
            if last.is_none() {
                return print(&format!("{indexed} accounts written into the index"));
            }
            after = last;
        }
    })
}

fn evaluated(file: &Path) -> Outcome {
    let pairs = read(file)?;
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

#[derive(Deserialize)]
struct Row {
    left_name: String,
    #[serde(default)]
    left_website: String,
    #[serde(default)]
    left_country: String,
    right_name: String,
    #[serde(default)]
    right_website: String,
    #[serde(default)]
    right_country: String,
    same: String,
}

/// Reads the pairs; every row that cannot be read is told.
fn read(path: &Path) -> Result<Vec<Labelled>, Vec<String>> {
    let at = |problem: String| format!("{}: {problem}", path.display());
    let mut reader = csv::Reader::from_path(path).map_err(|error| vec![at(error.to_string())])?;
    let (mut pairs, mut problems) = (Vec::new(), Vec::new());
    for (place, row) in reader.deserialize::<Row>().enumerate() {
        match row.map_err(|error| error.to_string()).and_then(|row| pair(&row)) {
            Ok(pair) => pairs.push(pair),
            Err(problem) => problems.push(at(format!("row {}: {problem}", place.saturating_add(1)))),
        }
    }
    if problems.is_empty() { Ok(pairs) } else { Err(problems) }
}

fn pair(row: &Row) -> Result<Labelled, String> {
    let same = match row.same.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" | "same" => true,
        "no" | "false" | "0" | "distinct" => false,
        other => return Err(format!("{other:?} is neither yes nor no")),
    };
    Ok(Labelled {
        left: side(&row.left_name, &row.left_website, &row.left_country)?,
        right: side(&row.right_name, &row.right_website, &row.right_country)?,
        same,
    })
}

fn side(name: &str, website: &str, country: &str) -> Result<Profile, String> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let name = given(name).ok_or("a name is missing")?;
    let domain = given(website).map(|website| Domain::parse(&website).ok_or(format!("{website:?} is no website")));
    let country = given(country).map(|code| code.parse().map_err(|_| format!("{code:?} is no country")));
    Ok(Profile::of(Subject {
        names: vec![name],
        domains: domain.transpose()?.into_iter().collect(),
        country: country.transpose()?,
        ..Subject::default()
    }))
}
