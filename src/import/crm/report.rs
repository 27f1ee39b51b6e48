//! What an import says when it has ended: counts that add up, warnings, and the file of what was not imported.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use super::files::{OPPORTUNITIES, Reject, Unreadable};

/// What the rules made of an opportunity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It was protected.
    Protected,
    /// It would have waited for the place: the evidence is sufficient, and the policy has a waiting list.
    Waitlisted,
    /// A person would have decided a conflict.
    Contested,
    /// It was refused.
    Refused,
    /// Nobody has decided it.
    Undecided,
    /// The rules were not asked: what it is about could not be imported.
    NotJudged,
}

impl Verdict {
    /// As the report says it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Waitlisted => "wait-listed",
            Self::Contested => "contested",
            Self::Refused => "refused",
            Self::Undecided => "undecided",
            Self::NotJudged => "not judged",
        }
    }
}

/// How an import came out.
#[derive(Debug, Default)]
pub struct Report {
    /// How many opportunities the file has.
    pub opportunities: usize,
    /// Opportunities in the portal, by the state of their registration now.
    pub imported: BTreeMap<String, usize>,
    /// Opportunities that are not, by code.
    pub rejected: BTreeMap<String, usize>,
    /// How many of `imported` met a rule at a later step, by its code.
    pub stopped: BTreeMap<String, usize>,
    /// Every opportunity once: what the rules made of it, and why.
    pub verdicts: BTreeMap<(Verdict, String), usize>,
    /// Partners, accounts and product lines: how many are in the portal, by kind.
    pub surroundings: BTreeMap<&'static str, usize>,
    /// What was repaired or left out, and how often.
    pub warnings: BTreeMap<String, usize>,
    /// Every row of every file that is not in the portal, by file and row.
    pub rejects: Vec<Reject>,
    /// How many rows this run changed something for.
    pub changes: usize,
}

impl Report {
    /// Something was repaired or left out.
    pub fn warn(&mut self, warning: String) {
        let count = self.warnings.entry(warning).or_default();
        *count = count.saturating_add(1);
    }

    /// A row is not in the portal.
    pub fn reject(&mut self, reject: Reject) {
        if reject.file == OPPORTUNITIES {
            let count = self.rejected.entry(reject.code.clone()).or_default();
            *count = count.saturating_add(1);
        }
        self.rejects.push(reject);
    }

    /// What the rules made of an opportunity, and why.
    pub fn judge(&mut self, verdict: Verdict, why: &str) {
        let count = self.verdicts.entry((verdict, why.to_owned())).or_default();
        *count = count.saturating_add(1);
    }

    /// Whether every opportunity is counted once.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let counted: usize = self.imported.values().chain(self.rejected.values()).sum();
        let judged: usize = self.verdicts.values().sum();
        counted == self.opportunities && judged == self.opportunities
    }

    /// The counts, a line each.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut text = String::new();
        // Writing to a text cannot fail.
        let mut line = |line: String| {
            let _written = writeln!(text, "{line}");
        };
        for (kind, count) in &self.surroundings {
            line(format!("{count:>7} {kind}"));
        }
        let imported: usize = self.imported.values().sum();
        let rejected: usize = self.rejected.values().sum();
        line(format!("{:>7} opportunities", self.opportunities));
        line(format!("{imported:>7}   imported"));
        for (state, count) in &self.imported {
            line(format!("{count:>7}     {state}"));
        }
        line(format!("{rejected:>7}   not imported"));
        for (code, count) in &self.rejected {
            line(format!("{count:>7}     {code}"));
        }
        for (code, count) in &self.stopped {
            line(format!("{count:>7} imported as far as the rules allowed: {code}"));
        }
        let mut verdicts: BTreeMap<Verdict, Vec<(&str, usize)>> = BTreeMap::new();
        for ((verdict, why), count) in &self.verdicts {
            verdicts.entry(*verdict).or_default().push((why, *count));
        }
        line("what the rules made of them:".to_owned());
        for (verdict, whys) in verdicts {
            let all: usize = whys.iter().map(|(_, count)| count).sum();
            line(format!("{all:>7}   {}", verdict.words()));
            for (why, count) in whys.iter().filter(|(why, _)| !why.is_empty()) {
                line(format!("{count:>7}     {why}"));
            }
        }
        for (warning, count) in &self.warnings {
            line(format!("warning: {count} × {warning}"));
        }
        line(format!("{} changes", self.changes));
        text
    }

    /// Writes the file of what was not imported.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_rejects(&self, path: &Path) -> Result<(), Unreadable> {
        let failed = |error: csv::Error| Unreadable { path: path.to_owned(), cause: error.to_string() };
        let mut writer = csv::Writer::from_path(path).map_err(failed)?;
        writer.write_record(["file", "row", "id", "code", "sentence"]).map_err(failed)?;
        let mut rejects: Vec<_> = self.rejects.iter().collect();
        rejects.sort_by_key(|reject| (reject.file, reject.row));
        for Reject { file, row, id, code, sentence } in rejects {
            let row = row.to_string();
            writer.write_record([*file, row.as_str(), id, code, sentence]).map_err(failed)?;
        }
        writer.flush().map_err(|error| failed(error.into()))
    }
}
