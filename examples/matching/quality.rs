//! How well names are matched, on lists of real companies: `scripts/bench-matching quality DIR`.
//!
//! DIR has `legal_names.csv` (`cik,legal_name`) and `common_names.csv` (`cik,common_name,…`). Each everyday name is asked
//! for among the legal ones, by the keys and rules of the product; the right answer is the row with the same `cik`.
//! Then each legal name is asked for among the others: none should be the same but true duplicates. Ends with 1 when a
//! target is missed.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::Args;
use partner_portal::accounts::matching::rules::{
    Key, MOST_OF_A_KEY, Profile, Ranked, Subject, Thresholds, Verdict, choose, keys, rank, sought,
};

/// Measures how well the matcher works on lists of names.
#[derive(Args)]
pub struct Quality {
    /// The folder of the lists
    folder: PathBuf,
    /// Prints what is wrong or missing, name by name
    #[arg(long)]
    show: bool,
}

struct Company {
    cik: String,
    name: String,
    profile: Profile,
}

fn read(path: &Path) -> Vec<Company> {
    let mut rows = csv::Reader::from_path(path).expect("the list is readable");
    let company = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.expect("a row of the list");
        let text = |place| row.get(place).unwrap_or_default().to_owned();
        let profile = Profile::of(Subject { names: vec![text(1)], ..Subject::default() });
        Company { cik: text(0), name: text(1), profile }
    };
    rows.records().map(company).collect()
}

/// The legal names, and the index of their keys as the database holds it.
struct Index {
    known: Vec<Company>,
    of_keys: HashMap<Key, Vec<usize>>,
}

impl Index {
    fn of(known: Vec<Company>) -> Self {
        let mut of_keys: HashMap<Key, Vec<usize>> = HashMap::new();
        for (place, company) in known.iter().enumerate() {
            for key in keys(&company.profile) {
                of_keys.entry(key).or_default().push(place);
            }
        }
        Self { known, of_keys }
    }

    fn find(&self, question: &Profile, without: Option<usize>) -> Vec<Ranked<usize>> {
        let sought = sought(question);
        let listed = |key: &Key| {
            let all = self.of_keys.get(key)?.iter().copied().filter(|place| Some(*place) != without);
            Some((*key, all.take(MOST_OF_A_KEY + 1).collect()))
        };
        let of_keys: HashMap<Key, Vec<usize>> = sought.strong.iter().chain(&sought.weak).filter_map(listed).collect();
        let candidates = choose(&sought, &of_keys).into_iter();
        let candidates = candidates.filter_map(|place| Some((place, self.known.get(place)?.profile.clone())));
        rank(question, candidates, &Thresholds::default())
    }

    fn name(&self, place: usize) -> &str {
        self.known.get(place).map_or("", |company| &company.name)
    }

    fn is(&self, place: usize, cik: &str) -> bool {
        self.known.get(place).is_some_and(|company| company.cik == cik)
    }
}

pub fn run(arguments: Quality) -> ExitCode {
    let Quality { folder, show } = arguments;
    let index = Index::of(read(&folder.join("legal_names.csv")));
    let common = read(&folder.join("common_names.csv"));
    println!("{} everyday names among {} legal ones", common.len(), index.known.len());
    let kept = everyday(&index, &common, show) & alone(&index, show);
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Default)]
struct Counted {
    right: u32,
    wrong: u32,
}

impl Counted {
    fn count(&mut self, right: bool) {
        *(if right { &mut self.right } else { &mut self.wrong }) += 1;
    }

    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong).max(1))
    }

    fn recall(&self, of: usize) -> f64 {
        f64::from(self.right) / f64::from(u32::try_from(of.max(1)).unwrap_or(u32::MAX))
    }
}

fn everyday(index: &Index, common: &[Company], show: bool) -> bool {
    let (mut same, mut best, mut shown) = (Counted::default(), Counted::default(), Counted::default());
    let begun = Instant::now();
    for company in common {
        let found = index.find(&company.profile, None);
        for candidate in &found {
            let right = index.is(candidate.candidate, &company.cik);
            shown.count(right);
            if candidate.finding.verdict == Verdict::Same {
                same.count(right);
            }
            if show && !right {
                let name = index.name(candidate.candidate);
                println!(
                    "  wrong: {:?} {} {:?} for {:?}",
                    candidate.finding.verdict, candidate.finding.score, name, company.name
                );
            }
        }
        best.count(found.first().is_some_and(|first| index.is(first.candidate, &company.cik)));
        if show && !found.iter().any(|candidate| index.is(candidate.candidate, &company.cik)) {
            println!("  missed: {:?}", company.name);
        }
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(common.len()).unwrap_or(1));
    let of = common.len();
    println!("{each:.0} µs a question in memory");
    println!("| | precision | recall | target |\n|---|---|---|---|");
    println!("| SAME alone | {:.3} | {:.3} | 1.000, 0.75 |", same.precision(), same.recall(of));
    println!("| the best candidate | {:.3} | {:.3} | right for 0.98 |", best.precision(), best.recall(of));
    println!("| SAME and PROBABLE | {:.3} | {:.3} | 0.95, 0.98 |", shown.precision(), shown.recall(of));
    same.wrong == 0
        && same.recall(of) >= 0.75
        && best.recall(of) >= 0.98
        && shown.precision() >= 0.95
        && shown.recall(of) >= 0.98
}

/// Each legal name among the others.
fn alone(index: &Index, show: bool) -> bool {
    let (mut same, mut probable) = (0_u32, 0_u32);
    let mut why: BTreeMap<&str, u32> = BTreeMap::new();
    for (place, company) in index.known.iter().enumerate() {
        let found = index.find(&company.profile, Some(place));
        for twin in found.iter().filter(|it| it.finding.verdict == Verdict::Same && it.candidate > place) {
            same += 1;
            println!("SAME: {:?} and {:?}", company.name, index.name(twin.candidate));
        }
        let Some(first) = found.first().filter(|first| first.finding.verdict == Verdict::Probable) else { continue };
        probable += 1;
        let reason = first.finding.evidence.first().map_or("", |evidence| evidence.reason.code());
        *why.entry(reason).or_default() += 1;
        if show {
            println!(
                "  probable: {} {reason} {:?} and {:?}",
                first.finding.score,
                company.name,
                index.name(first.candidate)
            );
        }
    }
    let all = f64::from(u32::try_from(index.known.len().max(1)).unwrap_or(u32::MAX));
    println!("Each legal name among the others: {same} pairs SAME (target: none but true duplicates);");
    println!("{probable} names ({:.2} %) get a PROBABLE: {why:?}", f64::from(probable) / all * 100.0);
    same == 0
}
