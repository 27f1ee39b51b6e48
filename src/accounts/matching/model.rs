//! The words of finding accounts.

use entity::value::AccountId;
use serde::{Deserialize, Serialize};

use super::rules::{Finding, Thresholds};
use crate::platform::policies::Policy;

/// An account that is, or may be, who was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matched {
    /// The account.
    pub account_id: AccountId,
    /// What comparing it came to.
    pub finding: Finding,
}

/// The policy of matching: figures that staff change at run time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct MatchPolicy {
    /// From which score on similar names are worth a person's look, from 1 to 94.
    pub probable_from: u8,
    /// Candidates whose score is so much below the best one's are not shown.
    pub margin: u8,
    /// So many candidates are shown at most.
    pub most_candidates: u16,
    /// So often a partner may ask in a day (of UTC) whether an account is available.
    pub availability_checks_a_day: u32,
}

impl Default for MatchPolicy {
    fn default() -> Self {
        let Thresholds { probable_from, margin, .. } = Thresholds::default();
        Self { probable_from, margin, most_candidates: 20, availability_checks_a_day: 50 }
    }
}

impl MatchPolicy {
    /// What the rules ask for; within their bounds, whatever a document says.
    #[must_use]
    pub fn thresholds(&self) -> Thresholds {
        Thresholds {
            probable_from: self.probable_from.clamp(1, 94),
            margin: self.margin.max(1),
            most: usize::from(self.most_candidates.clamp(1, 100)),
        }
    }
}

impl Policy for MatchPolicy {
    const KIND: &'static str = "account_matching";
}

/// The policy is changed; what is absent stays.
#[derive(Clone, Debug)]
pub struct SetMatchPolicy {
    /// From which score on similar names are worth a person's look.
    pub probable_from: Option<u8>,
    /// How far below the best one's score candidates are shown.
    pub margin: Option<u8>,
    /// How many candidates are shown at most.
    pub most_candidates: Option<u16>,
    /// How often a partner may ask in a day whether an account is available.
    pub availability_checks_a_day: Option<u32>,
    /// The version that the caller has seen.
    pub expected_version: Option<i32>,
}
