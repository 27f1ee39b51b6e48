//! Which of the candidates are shown: the best, and those that explain the question nearly as well.

use super::{
    compare::{Profile, compare},
    model::{Finding, Thresholds, Verdict},
};

/// A candidate that is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked<T> {
    /// What was handed in with the candidate.
    pub candidate: T,
    /// What comparing it came to.
    pub finding: Finding,
}

/// Compares a subject with candidates and keeps those worth showing, best first: all that are the same; of the rest
/// those that may be, unless another candidate explains the name clearly better. Candidates that are equally good come
/// in the order in which they were handed in.
pub fn rank<T>(
    question: &Profile,
    candidates: impl IntoIterator<Item = (T, Profile)>,
    thresholds: &Thresholds,
) -> Vec<Ranked<T>> {
    let found = candidates.into_iter().map(|(candidate, profile)| {
        let finding = compare(question, &profile, thresholds.probable_from);
        Ranked { candidate, finding }
    });
    let mut found: Vec<_> = found.filter(|ranked| ranked.finding.verdict != Verdict::Distinct).collect();
    found.sort_by_key(|ranked| std::cmp::Reverse((ranked.finding.verdict, ranked.finding.score)));
    let best = found.iter().map(|ranked| ranked.finding.score).max().unwrap_or_default();
    found.retain(|ranked| {
        ranked.finding.verdict == Verdict::Same || best < ranked.finding.score.saturating_add(thresholds.margin)
    });
    found.truncate(thresholds.most);
    found
}
