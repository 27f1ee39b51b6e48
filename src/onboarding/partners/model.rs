//! The words of partners.

use entity::value::{
    Country, PartnerId, PartnerState, PartnerStateReason, PartnerTypes, Regions, Tier, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use super::states::{EDGES, Move};
use crate::kernel::graph;

/// A partner company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// Its legal name.
    pub name: String,
    /// Its website.
    pub website: String,
    /// The website's registrable domain: no two partners have the same.
    pub domain: String,
    /// Where it has its seat.
    pub country: Country,
    /// What it does with the vendor's products.
    pub types: PartnerTypes,
    /// Where it is in its life with the vendor.
    pub state: PartnerState,
    /// Its level.
    pub tier: Tier,
    /// When it was approved.
    pub created_at: Timestamp,
    /// When it had done all required onboarding steps.
    pub activated_at: Option<Timestamp>,
    /// Where it works.
    pub regions: Regions,
    /// The industries that it serves, in its own words.
    pub industries: Vec<String>,
    /// What it says of itself.
    pub description: Option<String>,
    /// The channel manager who looks after it.
    pub manager_id: Option<UserId>,
    /// Why it was suspended, reinstated or terminated last.
    pub state_reason: Option<PartnerStateReason>,
    /// Why, in words for the partner.
    pub state_message: Option<String>,
    /// When that was.
    pub state_changed_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: i64,
}

/// A partner about to be created.
#[derive(Clone, Debug)]
pub struct NewPartner {
    /// Its legal name.
    pub name: String,
    /// Its website.
    pub website: String,
    /// The website's registrable domain.
    pub domain: String,
    /// Where it has its seat.
    pub country: Country,
    /// What it does with the vendor's products.
    pub types: PartnerTypes,
    /// Where it works.
    pub regions: Regions,
    /// The industries that it serves, in its own words.
    pub industries: Vec<String>,
    /// Where it begins: onboarding, unless it is taken over from another system.
    pub state: PartnerState,
}

/// What other areas' decisions need to know of a partner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartnerFacts {
    /// The partner.
    pub id: PartnerId,
    /// Its legal name.
    pub name: String,
    /// Where it is in its life with the vendor.
    pub state: PartnerState,
    /// Its level.
    pub tier: Tier,
    /// What it does with the vendor's products.
    pub types: PartnerTypes,
    /// Where it has its seat.
    pub country: Country,
    /// When it was approved.
    pub created_at: Timestamp,
}

impl From<Partner> for PartnerFacts {
    fn from(partner: Partner) -> Self {
        let Partner { id, name, state, tier, types, country, created_at, .. } = partner;
        Self { id, name, state, tier, types, country, created_at }
    }
}

impl Partner {
    /// The partner once all required onboarding steps are done; none when it is not onboarding any more.
    #[must_use]
    pub fn activated(&self, now: Timestamp) -> Option<Self> {
        graph::allows(EDGES, &self.state, &Move::Activate).then(|| Self {
            state: PartnerState::Active,
            activated_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }
}

impl Partner {
    /// The partner once staff have moved it to another state.
    #[must_use]
    pub fn in_state(
        &self,
        state: PartnerState,
        reason: PartnerStateReason,
        message: Option<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            state,
            state_reason: Some(reason),
            state_message: message,
            state_changed_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}

/// What can be begun for a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum PartnerAction {
    /// Complete a step of its plan: `completeOnboardingStep`. The steps say which.
    CompleteOnboardingStep,
    /// Register a deal: `registerDeal`.
    RegisterDeal,
    /// Ask for market development funds: `requestMdf`.
    RequestMdf,
    /// Suspend it: `suspendPartner`.
    Suspend,
    /// Reinstate it: `reinstatePartner`.
    Reinstate,
    /// Terminate it: `terminatePartner`.
    Terminate,
    /// Change its profile and its contacts: `updatePartnerProfile`, `addPartnerContact`.
    UpdateProfile,
}

impl Partner {
    /// Whether its profile is complete: it says of itself what it does, where, and for which industries.
    #[must_use]
    pub fn has_profile(&self) -> bool {
        self.description.is_some() && !self.regions.is_empty() && !self.industries.is_empty()
    }
}

impl PartnerAction {
    /// Whether it starts something new, which waits while an agreement's date of grace has passed unaccepted.
    #[must_use]
    pub const fn is_new_business(self) -> bool {
        matches!(self, Self::RegisterDeal | Self::RequestMdf)
    }
}

/// Which partners a list shows.
#[derive(Clone, Debug, Default)]
pub struct PartnerFilter {
    /// In one of these states.
    pub states: Vec<PartnerState>,
    /// At one of these levels.
    pub tiers: Vec<Tier>,
    /// Of at least one of these types.
    pub types: Vec<entity::value::PartnerType>,
    /// With a seat in one of these countries.
    pub countries: Vec<Country>,
    /// With this text in the name or the domain, case folded.
    pub text: Option<String>,
    /// In this channel manager's portfolio.
    pub manager_id: Option<UserId>,
}

/// The profile of a partner is changed; what is absent stays.
#[derive(Clone, Debug)]
pub struct UpdateProfile {
    /// The partner; the caller's own when absent.
    pub id: Option<PartnerId>,
    /// What it says of itself; none to say nothing.
    pub description: Option<Option<String>>,
    /// Where it works.
    pub regions: Option<Regions>,
    /// The industries that it serves.
    pub industries: Option<Vec<String>>,
    /// What it does with the vendor's products: staff only.
    pub types: Option<PartnerTypes>,
    /// The version that the caller read.
    pub expected_version: Option<i64>,
}

/// Somebody else looks after a partner.
#[derive(Clone, Copy, Debug)]
pub struct AssignManager {
    /// The partner.
    pub id: PartnerId,
    /// The channel manager; nobody when absent.
    pub manager_id: Option<UserId>,
    /// The version that the caller read.
    pub expected_version: Option<i64>,
}

/// What a list of partners is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartnerOrder {
    /// By creation.
    Created,
    /// By name.
    Name,
}

/// The key by which names are sorted and searched: composed, without case.
#[must_use]
pub fn name_key(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    name.nfkc().collect::<String>().to_lowercase()
}
