//! How long matching one account takes in a large index: `scripts/bench-matching speed`.
//!
//! Fills a database with companies that do not exist, asks for some that may be there already as people type them, first
//! among a few, then among all, and prints how long a question took. Ends with 1 when a target is missed.

use std::{process::ExitCode, time::Instant};

use clap::Args;
use migration::{Migrator, MigratorTrait as _};
use partner_portal::{
    accounts::matching::{
        self,
        model::MatchPolicy,
        rules::{Domain, Subject, Verdict},
    },
    platform::db::{Db, connect},
};

use crate::{load, names, names::Company};

/// Measures matching in a large index.
#[derive(Args)]
pub struct Speed {
    /// An empty database: `sqlite:PATH?mode=rwc` or `postgres://…`
    #[arg(long)]
    database: String,
    /// How many accounts there are in the end
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u64,
    /// How many there are at first
    #[arg(long, default_value_t = 10_000)]
    few: u64,
    /// How many questions are asked each time
    #[arg(long, default_value_t = 3_000)]
    questions: u64,
}

/// A company as it is compared.
pub fn subject(company: &Company) -> Subject {
    Subject {
        names: vec![company.name.clone()],
        domains: company.domain.as_deref().and_then(Domain::parse).into_iter().collect(),
        country: company.country.parse().ok(),
        ..Subject::default()
    }
}

/// What some questions took, in milliseconds, sorted.
struct Taken(Vec<f64>);

impl Taken {
    fn at(&self, share: f64) -> f64 {
        #[expect(
            clippy::as_conversions,
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a list"
        )]
        let place = (self.0.len().saturating_sub(1) as f64 * share).round() as usize;
        self.0.get(place).copied().unwrap_or_default()
    }
}

async fn measure(db: &Db, known: u64, questions: u64) -> Taken {
    let policy = MatchPolicy::default();
    let (mut same, mut probable) = (0, 0);
    let mut taken = Vec::new();
    // The first questions warm the caches and prepare the statements.
    for number in 0..questions + questions / 5 {
        let asked = subject(&names::question(number, known));
        let begun = Instant::now();
        let found = matching::find_by(db.pool(), &policy, asked).await.expect("an answer");
        if number >= questions / 5 {
            taken.push(begun.elapsed().as_secs_f64() * 1e3);
            match found.first().map(|first| first.finding.verdict) {
                Some(Verdict::Same) => same += 1,
                Some(_) => probable += 1,
                None => {}
            }
        }
    }
    taken.sort_by(f64::total_cmp);
    let taken = Taken(taken);
    println!(
        "| {known} | {:.2} | {:.2} | {:.2} | {:.2} | {same} | {probable} |",
        taken.at(0.5),
        taken.at(0.95),
        taken.at(0.99),
        taken.at(1.0),
    );
    taken
}

#[tokio::main(flavor = "current_thread")]
pub async fn run(arguments: Speed) -> ExitCode {
    let Speed { database, accounts, few, questions } = arguments;
    let empty = connect::open(&database, 1).await.expect("a database");
    Migrator::up(empty.pool(), None).await.expect("an empty database");
    empty.pool().clone().close().await.expect("it closes");
    let db = Db::new(connect::open(&database, 2).await.map(|db| db.pool().clone()).expect("a database"));
    load::load(&database, 0..few).await;
    println!("| accounts | median ms | p95 | p99 | most | SAME | PROBABLE |\n|---|---|---|---|---|---|---|");
    let small = measure(&db, few, questions).await;
    load::load(&database, few..accounts).await;
    let large = measure(&db, accounts, questions).await;
    let times = large.at(0.5) / small.at(0.5);
    println!("{times:.2} times as long among {accounts} as among {few} at the median");
    let kept = large.at(0.5) < 10.0 && large.at(0.99) < 50.0 && times <= 3.0;
    println!("targets (10 ms, 50 ms, 3 times): {}", if kept { "kept" } else { "MISSED" });
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
