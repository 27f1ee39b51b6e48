//! The words of partners.

use entity::value::{Country, PartnerId, PartnerState, PartnerTypes, Tier, Timestamp};
use serde::{Deserialize, Serialize};

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
        (self.state == PartnerState::Onboarding).then(|| Self {
            state: PartnerState::Active,
            activated_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
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
