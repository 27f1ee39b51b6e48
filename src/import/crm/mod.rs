//! `import crm`: a CRM's export of accounts, products, sales agents and opportunities.
//!
//! Sales agents become partner companies with one seller each, regional offices territories, products product lines,
//! and opportunities deals. They are replayed in time order, with a clock moved by hand, through the services that the
//! API uses: what a rule refuses is not in the portal but in the file of rejects, with the rule's code and sentence.
//!
//! What became of each row is kept (`import_rows`), and each step of a row has an idempotency key: an import that was
//! interrupted is simply run again, and a second run changes nothing.

pub mod files;
pub mod repairs;
mod replay;
pub mod report;
mod surroundings;

use std::{path::Path, sync::Arc};

use entity::value::{AccountId, ImportOutcome, PartnerId, Timestamp};
use futures::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use sha2::{Digest as _, Sha256};

use self::{
    files::{OPPORTUNITIES, Reject, Unreadable},
    report::{Report, Verdict},
};
use super::rows::{self, Fate, Kept, Known};
use crate::{
    kernel::{
        code::Code,
        decision::Step,
        event::DomainEvent,
        merging::{Merging, Survey, Union},
    },
    platform::{
        call::{Call, Services},
        clock::HandMovedClock,
        error::{AppError, AppResult, Problem},
        events::Reactions,
        idempotency::Key,
        rates::Rates,
    },
};

/// Under which name the rows are kept.
const SOURCE: &str = "crm";
/// The mutation's name of every idempotency key.
const OPERATION: &str = "importCrm";
/// How many fates are written at once, unless one of them is a refusal.
const AT_ONCE: usize = 200;

/// Why an import could not be ended.
#[derive(Debug)]
pub enum Failure {
    /// A file cannot be read; nothing was changed.
    Unreadable(Unreadable),
    /// The database could not be written. Run the import again: it goes on where it stopped.
    Stopped(AppError),
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::Stopped(error)
    }
}

/// Told how many of how many steps are done.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Imports an export folder. `services` are those of the portal; their clock says when the import takes place.
///
/// # Errors
/// When a file cannot be read, or the database cannot be written.
pub async fn run(services: &Services, folder: &Path, progress: Progress<'_>) -> Result<Report, Failure> {
    let export = files::read(folder).map_err(Failure::Unreadable)?;
    let mut importer = Importer::begin(services).await?;
    importer.report.opportunities = export
        .opportunities
        .len()
        .saturating_add(export.rejects.iter().filter(|reject| reject.file == files::OPPORTUNITIES).count());
    let founded = export.opportunities.iter().filter_map(|opportunity| opportunity.engaged_on).min();
    importer.set_clock(founded.map_or(importer.started, start_of));
    let surroundings = surroundings::import(&mut importer, &export).await?;
    for reject in &export.rejects {
        if reject.file == OPPORTUNITIES {
            importer.report.judge(Verdict::NotJudged, &reject.code);
        }
        importer.report.reject(reject.clone());
    }
    replay::replay(&mut importer, &export, &surroundings, progress).await?;
    importer.flush().await?;
    Ok(importer.report)
}

/// An import under way.
struct Importer {
    clock: Arc<HandMovedClock>,
    call: Call,
    started: Timestamp,
    known: Known,
    unwritten: Vec<Kept>,
    report: Report,
}

/// What happened long ago is no news: nobody is told of it.
struct Quietly(Arc<dyn Reactions>);

impl Reactions for Quietly {
    fn react<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        event: DomainEvent,
    ) -> BoxFuture<'a, AppResult<()>> {
        match event {
            DomainEvent::RegistrationChanged(_) => Box::pin(std::future::ready(Ok(()))),
            other => self.0.react(txn, call, other),
        }
    }

    fn place_changed<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        account_id: AccountId,
    ) -> BoxFuture<'a, AppResult<()>> {
        self.0.place_changed(txn, call, account_id)
    }

    fn rights_changed<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        partner_id: PartnerId,
    ) -> BoxFuture<'a, AppResult<()>> {
        self.0.rights_changed(txn, call, partner_id)
    }

    fn follow<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        merging: Merging,
    ) -> BoxFuture<'a, AppResult<()>> {
        self.0.follow(txn, call, merging)
    }

    fn survey<'a>(
        &'a self,
        txn: &'a DatabaseTransaction,
        call: &'a Call,
        union: Union,
        hold: bool,
    ) -> BoxFuture<'a, AppResult<Survey>> {
        self.0.survey(txn, call, union, hold)
    }
}

impl Importer {
    async fn begin(services: &Services) -> AppResult<Self> {
        let started = services.clock.now();
        let clock = Arc::new(HandMovedClock::at(started));
        let own = Services {
            files: services.files.clone(),
            news: services.news.clone(),
            db: services.db.clone(),
            clock: clock.clone(),
            ids: Arc::clone(&services.ids),
            passwords: services.passwords.clone(),
            tokens: services.tokens.clone(),
            remembered: services.remembered.clone(),
            sign_on: None,
            rates: Rates::default(),
            reactions: Arc::new(Quietly(Arc::clone(&services.reactions))),
        };
        let call = Call::system(Arc::new(own), "import crm");
        let known = rows::find_all(call.db().pool(), SOURCE).await?;
        Ok(Self { clock, call, started, known, unwritten: Vec::new(), report: Report::default() })
    }

    /// Moves the clock, never past the present.
    fn set_clock(&self, at: Timestamp) {
        self.clock.set(at.min(self.started));
    }

    /// A call that does one step of a row at most once, however often it is made.
    fn once(&self, kind: &str, external_id: &str, step: &str) -> Call {
        let key = format!("{SOURCE}:{kind}:{external_id}:{step}");
        let input_hash = Sha256::digest(&key).to_vec();
        self.call.with_key(Some(Key { key, operation: OPERATION, input_hash }))
    }

    /// What became of a row before, and whether its cells are still the same.
    fn fate(&self, kind: &str, external_id: &str, hash: &[u8]) -> Option<(bool, Fate)> {
        let (before, fate) = self.known.get(&(kind.to_owned(), external_id.to_owned()))?;
        Some((before == hash, fate.clone()))
    }

    /// Remembers what became of a row. A refusal is written at once: after the next step the rules might come out
    /// otherwise, and the same import interrupted and run again must come out the same.
    async fn keep(&mut self, kept: Kept) -> AppResult<()> {
        let refused = kept.fate.outcome == ImportOutcome::Refused;
        self.report.changes = self.report.changes.saturating_add(1);
        self.unwritten.push(kept);
        if refused || self.unwritten.len() >= AT_ONCE { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> AppResult<()> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        let unwritten = std::mem::take(&mut self.unwritten);
        self.call.in_transaction(async |txn| rows::save(txn, SOURCE, self.started, &unwritten).await).await
    }

    fn reject(&mut self, file: &'static str, row: usize, id: &str, (code, sentence): (String, String)) {
        self.report.reject(Reject { file, row, id: id.to_owned(), code, sentence });
    }
}

/// A refusal in the words of those who decide: the rule on the receipt, where there is one.
fn why(problems: &[Problem]) -> (String, String) {
    let Some(problem) = problems.first() else { return ("REFUSED".to_owned(), "A rule refused it.".to_owned()) };
    // What refused is the last thing that was found, before the word that a partner is told.
    let told = |code: Option<Code>| code == Some(Code::AccountNotAvailable);
    let refused = |step: &&Step| !step.passed && !told(step.code);
    let rule = problem.receipt.as_ref().and_then(|receipt| receipt.steps.iter().rev().find(refused));
    match rule.and_then(|step| Some((step.code?, step.sentence.clone()))) {
        Some((code, sentence)) => (word(code), sentence),
        None => (word(problem.code), problem.message.clone()),
    }
}

fn word(code: Code) -> String {
    let word = serde_json::to_value(code).ok().and_then(|word| word.as_str().map(str::to_owned));
    word.unwrap_or_else(|| "REFUSED".to_owned())
}

/// Noon UTC of a day: a day in the vendor's time zone, whichever it is, as far as twelve hours go.
fn noon_of(day: chrono::NaiveDate) -> Timestamp {
    start_of(day).plus(chrono::TimeDelta::hours(12))
}

fn start_of(day: chrono::NaiveDate) -> Timestamp {
    Timestamp::from(day.and_time(chrono::NaiveTime::MIN).and_utc())
}

/// A name as a part of an address: lower-case letters, digits, and dashes between them.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_parts_of_addresses() {
        assert_eq!(slug("Mei-Mei Johns"), "mei-mei-johns");
        assert_eq!(slug("  O'Neil & Sons "), "o-neil-sons");
    }
}
