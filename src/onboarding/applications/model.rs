//! The words of applications.

use entity::value::{
    ApplicationFields, ApplicationId, ApplicationOutcome, ApplicationState, Country, InvitationId, PartnerId,
    PartnerTypes, Regions, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

pub use super::states::ApplicationAction;
use crate::onboarding::partners::model::Partner;

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
    /// Who looks at it.
    pub assigned_to: Option<UserId>,
    /// By when the vendor decides or asks; none while the applicant is asked, and once it has ended.
    pub due_at: Option<Timestamp>,
    /// The business time that the vendor has left once the applicant has answered, in microseconds; none unless the
    /// applicant is asked.
    pub review_left: Option<i64>,
    /// What the applicant was asked last.
    pub asked: Option<Asked>,
    /// What the applicant wrote to it.
    pub answer: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// What they wrote for colleagues.
    pub decision_note: Option<String>,
    /// Why, in words for the applicant.
    pub decision_reason: Option<String>,
    /// The partner that came of it.
    pub partner_id: Option<PartnerId>,
    /// The invitation of its contact.
    pub invitation_id: Option<InvitationId>,
    /// Grows by one with each change.
    pub version: i64,
}

/// What an applicant is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The fields in question: only these can be changed with the answer.
    pub fields: ApplicationFields,
    /// The question, in words.
    pub message: String,
    /// When.
    pub at: Timestamp,
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

/// An application that came in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Submitted {
    /// The application.
    pub application: Application,
    /// The secret of its link: derived when shown, never kept.
    #[serde(skip)]
    pub token: String,
}

/// Somebody gives an application to a person to look at.
#[derive(Clone, Debug)]
pub struct Assign {
    /// The application.
    pub id: ApplicationId,
    /// The person; the caller when absent.
    pub assignee: Option<UserId>,
    /// The version that they read.
    pub expected_version: Option<i64>,
}

/// Somebody asks the applicant for more.
#[derive(Clone, Debug)]
pub struct RequestChanges {
    /// The application.
    pub id: ApplicationId,
    /// The fields in question.
    pub fields: ApplicationFields,
    /// The question, in words.
    pub message: String,
    /// The version that they read.
    pub expected_version: Option<i64>,
}

/// The applicant answers, by the link.
#[derive(Clone)]
pub struct Resubmit {
    /// The secret of the link.
    pub token: String,
    /// What is changed of what the company says of itself.
    pub changes: CompanyChanges,
    /// An answer in words.
    pub answer: Option<String>,
    /// The version that they read.
    pub expected_version: Option<i64>,
}

/// What is changed of what a company says of itself; what is absent stays.
#[derive(Clone, Default)]
pub struct CompanyChanges {
    /// The legal name.
    pub legal_name: Option<String>,
    /// The website, with its registrable domain.
    pub website: Option<(String, String)>,
    /// Where it has its seat.
    pub country: Option<Country>,
    /// What it would do.
    pub types: Option<PartnerTypes>,
    /// Where it works.
    pub regions: Option<Regions>,
    /// The industries that it serves.
    pub industries: Option<Vec<String>>,
    /// The business that it expects.
    pub expected_business: Option<String>,
    /// The name and the address of its contact.
    pub contact: Option<(String, String)>,
}

/// The applicant takes the application back, by the link.
#[derive(Clone)]
pub struct Withdraw {
    /// The secret of the link.
    pub token: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// The version that they read.
    pub expected_version: Option<i64>,
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
    /// Why, in words for the applicant.
    pub reason: Option<String>,
    /// What they write for colleagues.
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
    /// Why, in words for the applicant, or of the applicant who took it back.
    pub reason: Option<String>,
    /// What they wrote for colleagues who decided.
    pub note: Option<String>,
    /// Who decided.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

impl Application {
    /// Whether the vendor is late with it.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.due_at.is_some_and(|due_at| due_at < now)
    }

    /// The next version of it.
    #[must_use]
    pub fn changed(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }

    /// The application once it has ended: nobody is waited for any more.
    #[must_use]
    pub fn ended(&self, ending: Ending) -> Self {
        let Ending { state, outcome, reason, note, by, at } = ending;
        Self {
            state,
            outcome: Some(outcome),
            decided_at: Some(at),
            decided_by: by,
            decision_reason: reason,
            decision_note: note,
            due_at: None,
            review_left: None,
            ..self.changed()
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
    /// Waiting for the vendor (true), or not (false).
    pub waiting: Option<bool>,
    /// Late at an instant, which is that of the question: waiting for the vendor, and due before it.
    pub overdue: Option<bool>,
    /// Whose they are.
    pub assigned: Option<Assigned>,
}

/// Whose an application is to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// This person's.
    To(UserId),
    /// Nobody's yet.
    ToNobody,
}

/// What a list of applications is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationOrder {
    /// When they were handed in.
    Submitted,
    /// When they are due; those that nobody waits for are left out.
    Due,
}
