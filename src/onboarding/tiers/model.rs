//! The words of tiers.

use async_graphql::Enum;
use entity::value::{Currency, Day, PartnerId, Tier, TierReviewId, TierReviewState, Timestamp, UserId};
use serde::{Deserialize, Serialize};

pub use super::states::ReviewAction;
use crate::kernel::figure::Figure;

/// What a partner's level is judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TierFigures {
    /// The instant that they are of.
    pub as_of: Timestamp,
    /// The currency of the revenue.
    pub currency: Currency,
    /// Revenue of the registered deals that were won in the twelve months before, in minor units.
    pub revenue: Figure,
    /// Live certifications.
    pub certifications: Figure,
    /// The engagement score, in hundredths of a point.
    pub engagement: i64,
}

/// What a level asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[graphql(name = "TierRequirementKind")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RequirementKind {
    /// Revenue of the registered deals that were won in the twelve months before, in minor units of the program's
    /// currency.
    Revenue,
    /// Live certifications: passed courses that expire and have not, each once per person.
    Certifications,
    /// The engagement score, in hundredths of a point.
    EngagementScore,
}

/// A requirement next to what a partner has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    /// What is asked for.
    pub kind: RequirementKind,
    /// What the partner has.
    pub have: i64,
    /// What is needed.
    pub need: i64,
}

impl Requirement {
    /// What is missing: none when it is met.
    #[must_use]
    pub const fn missing(&self) -> i64 {
        let missing = self.need.saturating_sub(self.have);
        if missing > 0 { missing } else { 0 }
    }

    /// Whether it is met.
    #[must_use]
    pub const fn is_met(&self) -> bool {
        self.have >= self.need
    }
}

/// A monthly review of a partner's level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Its id.
    pub id: TierReviewId,
    /// Whose level was reviewed.
    pub partner_id: PartnerId,
    /// The month that it is of: `2026-03`.
    pub month: String,
    /// The day that its figures are of.
    pub as_on: Day,
    /// When it was made.
    pub reviewed_at: Timestamp,
    /// The level that the partner had.
    pub tier: Tier,
    /// The level that its figures were good for.
    pub earned_tier: Tier,
    /// The level that is proposed.
    pub proposed_tier: Option<Tier>,
    /// What came of it.
    pub state: TierReviewState,
    /// The version of the policy that it was made under.
    pub policy_version: i32,
    /// The figures.
    pub figures: TierFigures,
    /// Who decided about the proposal.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
    /// Grows by one with each change.
    pub version: i64,
}

impl Review {
    /// Whether the partner was under the line of its level.
    #[must_use]
    pub fn is_under(&self) -> bool {
        self.earned_tier < self.tier
    }

    /// The review once its proposal has come to an end.
    #[must_use]
    pub fn ended(&self, state: TierReviewState, by: Option<UserId>, reason: Option<String>, now: Timestamp) -> Self {
        Self {
            state,
            decided_by: by,
            decided_at: Some(now),
            reason,
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}

/// Somebody decides about a proposal.
#[derive(Clone, Debug)]
pub struct Decide {
    /// The review.
    pub id: TierReviewId,
    /// How they decide.
    pub action: ReviewAction,
    /// Why; given whenever a proposal is dismissed.
    pub reason: Option<String>,
    /// The version that was read.
    pub expected_version: Option<i64>,
}

/// Which reviews a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Debug, Default)]
pub struct ReviewFilter {
    /// Of this partner.
    pub partner_id: Option<PartnerId>,
    /// In one of these states.
    pub states: Vec<TierReviewState>,
    /// Of this month.
    pub month: Option<String>,
}
