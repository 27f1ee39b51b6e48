//! How well the matcher agrees with people, on pairs that people decided.

use super::{
    compare::{Profile, compare},
    model::Verdict,
};

/// A pair that somebody decided.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// One side.
    pub left: Profile,
    /// The other side.
    pub right: Profile,
    /// Whether they are one customer.
    pub same: bool,
}

/// How well a threshold separates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Pairs with this score or more count as found; none for those that are `SAME` alone.
    pub from: Option<u8>,
    /// Found, and one customer.
    pub right: usize,
    /// Found, and two customers.
    pub wrong: usize,
    /// Not found, and one customer.
    pub missed: usize,
}

impl Quality {
    /// Which share of what was found is right; none when nothing was found.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.right, self.right.saturating_add(self.wrong))
    }

    /// Which share of what is right was found; none when nothing is.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.right, self.right.saturating_add(self.missed))
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    let number = |count: usize| u32::try_from(count).ok().map(f64::from);
    (whole > 0).then_some(())?;
    Some(number(part)? / number(whole)?)
}

/// The quality of `SAME` alone, then of each threshold from the highest to the lowest.
#[must_use]
pub fn evaluate(pairs: &[Labelled]) -> Vec<Quality> {
    // With the lowest threshold every score is kept as it is.
    let found: Vec<_> = pairs.iter().map(|pair| (compare(&pair.left, &pair.right, 1), pair.same)).collect();
    let quality = |from: Option<u8>| {
        let mut quality = Quality { from, right: 0, wrong: 0, missed: 0 };
        for (finding, same) in &found {
            let is_found = match from {
                None => finding.verdict == Verdict::Same,
                Some(from) => finding.verdict != Verdict::Distinct && finding.score >= from,
            };
            match (is_found, same) {
                (true, true) => quality.right += 1,
                (true, false) => quality.wrong += 1,
                (false, true) => quality.missed += 1,
                (false, false) => {}
            }
        }
        quality
    };
    let thresholds = (10..=20).rev().map(|step: u8| Some(step.saturating_mul(5)));
    std::iter::once(None).chain(thresholds).map(quality).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::Subject, *};

    fn pair(left: &str, right: &str, same: bool) -> Labelled {
        let profile = |name: &str| Profile::of(Subject { names: vec![name.to_owned()], ..Subject::default() });
        Labelled { left: profile(left), right: profile(right), same }
    }

    #[test]
    fn each_threshold_has_its_precision_and_recall() {
        let pairs = [
            pair("Velmora", "VELMORA Inc", true),
            pair("Velmora", "Velmora Communications", true),
            pair("Velmora Group", "Velmora Ltd", false),
            pair("Velmora", "Talvey", false),
            pair("Brelli", "Orvan", true),
        ];
        let found = evaluate(&pairs);
        let same = found.first().copied().unwrap();
        assert_eq!((same.from, same.right, same.wrong, same.missed), (None, 1, 0, 2));
        assert_eq!(same.precision(), Some(1.0));
        let lowest = found.last().copied().unwrap();
        assert_eq!((lowest.from, lowest.right, lowest.wrong, lowest.missed), (Some(50), 2, 1, 1));
        assert!(found.iter().skip(1).map(|it| it.right + it.wrong).is_sorted(), "a lower threshold finds no less");
        let none = evaluate(&[]);
        assert!(none.iter().all(|it| it.precision().is_none() && it.recall().is_none()));
    }
}
