//! The words of applications.

use entity::value::{
    ApplicationId, ApplicationOutcome, ApplicationState, Country, InvitationId, PartnerId, PartnerTypes, Regions,
    Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use crate::onboarding::partners::model::Partner;

/// By when an application should be decided, in days after it was handed in.
pub const DECIDE_WITHIN_DAYS: i64 = 5;

/// A company's application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// Where it is on its way.
    pub state: ApplicationState,
    /// Why it ended as it did.
    pub outcome: Option<ApplicationOutcome>,
    /// What the company says of itself.
    #[serde(flatten)]
    pub company: Company,
    /// How well it fits the ideal partner profile.
    pub fit: Fit,
    /// When it was handed in.
    pub submitted_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// What they wrote.
    pub decision_note: Option<String>,
    /// The partner that came of it.
    pub partner_id: Option<PartnerId>,
    /// The invitation of its contact.
    pub invitation_id: Option<InvitationId>,
    /// Grows by one with each change.
    pub version: i64,
}

/// What a company says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Company {
    /// Its legal name.
    pub legal_name: String,
    /// Its website.
    pub website: String,
    /// The website's registrable domain.
    pub domain: String,
    /// Where it has its seat.
    pub country: Country,
    /// What it would do with the vendor's products.
    pub types: PartnerTypes,
    /// Where it works.
    pub regions: Regions,
    /// The industries that it serves.
    pub industries: Vec<String>,
    /// The business that it expects.
    pub expected_business: String,
    /// The name of its contact.
    pub contact_name: String,
    /// The address of its contact.
    pub contact_email: String,
}

/// How well a company fits the ideal partner profile. It recommends; people decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// The version of the profile.
    pub policy_version: i32,
    /// The mean of the parts, 0 to 100.
    pub overall: i32,
    /// What it recommends.
    pub recommendation: FitRecommendation,
    /// The parts.
    pub parts: Vec<FitPart>,
}

/// One side of the fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, async_graphql::SimpleObject)]
#[graphql(name = "ApplicationFitPart")]
pub struct FitPart {
    /// Which side.
    pub aspect: FitAspect,
    /// 0 to 100.
    pub score: i32,
    /// Why: what added to the score, and what is missing.
    pub reasons: Vec<String>,
}

/// The sides of the fit with the ideal partner profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "ApplicationFitAspect")]
pub enum FitAspect {
    /// What customers would gain from the company.
    CustomerValue,
    /// How much of the market it reaches.
    MarketReach,
    /// How well its business goes with the vendor's.
    CommercialAlignment,
    /// Whether it is ready to begin.
    OrganisationalReadiness,
}

/// What the fit recommends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "ApplicationFitRecommendation")]
pub enum FitRecommendation {
    /// Approve it.
    Approve,
    /// Look closely.
    LookClosely,
    /// Reject it.
    Reject,
}

/// What can be done with an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "PartnerApplicationAction")]
pub enum ApplicationAction {
    /// Approve it: `approvePartnerApplication`.
    Approve,
    /// Reject it: `rejectPartnerApplication`.
    Reject,
}

/// An application about to be created.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// What the company says of itself.
    pub company: Company,
    /// How well it fits.
    pub fit: Fit,
}

/// Somebody approves an application.
#[derive(Clone, Debug)]
pub struct Approve {
    /// The application.
    pub id: ApplicationId,
    /// What they write.
    pub note: Option<String>,
    /// The version that they read.
    pub expected_version: Option<i64>,
}

/// Somebody rejects an application.
#[derive(Clone, Debug)]
pub struct Reject {
    /// The application.
    pub id: ApplicationId,
    /// Why.
    pub outcome: ApplicationOutcome,
    /// What they write.
    pub note: Option<String>,
    /// The version that they read.
    pub expected_version: Option<i64>,
}

/// An application was approved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Approved {
    /// The application.
    pub application: Application,
    /// The partner that came of it.
    pub partner: Partner,
    /// The invitation of its contact.
    pub invitation_id: InvitationId,
    /// The invitation's secret: derived when shown, never kept.
    #[serde(skip)]
    pub invitation_token: String,
}

/// How an application ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The state.
    pub state: ApplicationState,
    /// Why.
    pub outcome: ApplicationOutcome,
    /// What they wrote who decided.
    pub note: Option<String>,
    /// Who decided.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

impl Application {
    /// Whether nothing was decided yet.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(
            self.state,
            ApplicationState::Submitted | ApplicationState::InReview | ApplicationState::ActionRequired
        )
    }

    /// The application once it has ended.
    #[must_use]
    pub fn ended(&self, ending: Ending) -> Self {
        let Ending { state, outcome, note, by, at } = ending;
        Self {
            state,
            outcome: Some(outcome),
            decided_at: Some(at),
            decided_by: by,
            decision_note: note,
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}

/// Which applications a list shows.
#[derive(Clone, Debug, Default)]
pub struct ApplicationFilter {
    /// In one of these states.
    pub states: Vec<ApplicationState>,
    /// With a seat in one of these countries.
    pub countries: Vec<Country>,
    /// With this text in the name or the domain, case folded.
    pub text: Option<String>,
}
