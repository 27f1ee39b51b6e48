//! The policy of deals: figures that ops change at run time, with the shipped default of `domain.md §4`.

pub mod automatic;
pub mod cases;
pub mod life;

use automatic::AutomaticPolicy;
use cases::CasePolicy;
use entity::value::Tier;
use life::LifePolicy;
use serde::{Deserialize, Serialize};

use super::conflicts::ConflictPolicy;
use crate::platform::policies::Policy;

/// The policy of deals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct DealPolicy {
    /// What evidence is worth.
    pub evidence: EvidencePolicy,
    /// How long protection lasts, in days, by tier, where it is to be other than the policy of tiers says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protection_days: Option<ProtectionDays>,
    /// Within how many business days a registration is decided.
    pub review_business_days: u32,
    /// What each kind of conflict leads to.
    pub conflicts: ConflictPolicy,
    /// Whether a partner needs an authorisation for what it registers, even one that was never given any.
    pub authorisation_required: bool,
    /// How long claims live.
    pub life: LifePolicy,
    /// What is approved without a person.
    pub automatic: AutomaticPolicy,
    /// For how many days somebody on a waiting list has an offer.
    pub offer_days: i64,
    /// By when conflict cases are decided and appealed.
    pub cases: CasePolicy,
}

/// What evidence is worth, in points; all parts together are 100.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct EvidencePolicy {
    /// The customer's identity was verified.
    pub customer_identity: i32,
    /// A named decision maker.
    pub decision_maker: i32,
    /// Each dated interaction with proof.
    pub interaction: i32,
    /// All dated interactions together, at most.
    pub interactions_at_most: i32,
    /// The need is described.
    pub need_described: i32,
    /// Product, amount and date are given.
    pub deal_described: i32,
    /// A demonstration or site survey.
    pub demonstration: i32,
    /// The customer's confirmation.
    pub customer_confirmation: i32,
    /// From how many points on evidence is sufficient, given at least one dated interaction.
    pub sufficient: i32,
}

/// Days of protection by tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ProtectionDays {
    /// At the entry level.
    pub registered: i64,
    /// At the second level.
    pub silver: i64,
    /// At the third level.
    pub gold: i64,
    /// At the highest level.
    pub platinum: i64,
}

impl Default for DealPolicy {
    fn default() -> Self {
        Self {
            evidence: EvidencePolicy::default(),
            protection_days: None,
            review_business_days: 2,
            conflicts: ConflictPolicy::default(),
            authorisation_required: false,
            life: LifePolicy::default(),
            automatic: AutomaticPolicy::default(),
            offer_days: 5,
            cases: CasePolicy::default(),
        }
    }
}

impl Default for EvidencePolicy {
    fn default() -> Self {
        Self {
            customer_identity: 15,
            decision_maker: 15,
            interaction: 10,
            interactions_at_most: 30,
            need_described: 10,
            deal_described: 10,
            demonstration: 10,
            customer_confirmation: 10,
            sufficient: 60,
        }
    }
}

impl Default for ProtectionDays {
    fn default() -> Self {
        Self { registered: 60, silver: 90, gold: 120, platinum: 180 }
    }
}

impl ProtectionDays {
    /// The days of a tier; at least one, whatever a document says.
    #[must_use]
    pub fn of(&self, tier: Tier) -> i64 {
        let days = match tier {
            Tier::Registered => self.registered,
            Tier::Silver => self.silver,
            Tier::Gold => self.gold,
            Tier::Platinum => self.platinum,
        };
        days.max(1)
    }
}

impl Policy for DealPolicy {
    const KIND: &'static str = "deals";
}
