//! Applications in the API.

pub mod inputs;
pub mod lists;
pub mod review;
pub mod status;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SimpleObject, dataloader::Loader};
use entity::value::{
    ApplicationField, ApplicationId, ApplicationOutcome, ApplicationState, Country, PartnerType, Region, Timestamp,
    TypedId,
};

use super::{
    model::{self, ApplicationAction, FitPart, FitRecommendation},
    service,
};
use crate::{
    onboarding::partners::graphql::Partner,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            mutation::mutate,
            page::{Listed, PageArgs, SortKey},
        },
    },
};
use inputs::{
    ApprovePartnerApplicationInput, ApprovePartnerApplicationPayload, RejectPartnerApplicationInput,
    RejectPartnerApplicationPayload, SubmitPartnerApplicationInput, SubmitPartnerApplicationPayload,
};
use lists::{PartnerApplicationFilter, PartnerApplicationOrder};
use review::{
    AssignPartnerApplicationInput, AssignPartnerApplicationPayload, RequestPartnerApplicationChangesInput,
    RequestPartnerApplicationChangesPayload,
};
use status::{
    ApplicationStatus, ResubmitPartnerApplicationInput, ResubmitPartnerApplicationPayload,
    WithdrawPartnerApplicationInput, WithdrawPartnerApplicationPayload,
};

/// A company's application.
pub struct PartnerApplication(pub Box<model::Application>);

impl From<model::Application> for PartnerApplication {
    fn from(application: model::Application) -> Self {
        Self(Box::new(application))
    }
}

/// A company's application to become a partner.
#[Object]
impl PartnerApplication {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Where it is on its way.
    async fn state(&self) -> ApplicationState {
        self.0.state
    }

    /// Why it ended as it did; null before.
    async fn outcome(&self) -> Option<ApplicationOutcome> {
        self.0.outcome
    }

    /// The company's legal name.
    async fn legal_name(&self) -> &str {
        &self.0.company.legal_name
    }

    /// The company's website.
    async fn website(&self) -> &str {
        &self.0.company.website
    }

    /// The website's registrable domain, in ASCII: by it duplicates are found.
    async fn domain(&self) -> &str {
        &self.0.company.domain
    }

    /// Where the company has its seat.
    async fn country(&self) -> Country {
        self.0.company.country
    }

    /// What the company would do with the vendor's products.
    async fn partner_types(&self) -> Vec<PartnerType> {
        self.0.company.types.iter().collect()
    }

    /// Where the company works.
    async fn regions(&self) -> Vec<Region> {
        self.0.company.regions.iter().collect()
    }

    /// The industries that the company serves, in its own words.
    async fn industries(&self) -> &[String] {
        &self.0.company.industries
    }

    /// The business that the company expects, in its own words.
    async fn expected_business(&self) -> &str {
        &self.0.company.expected_business
    }

    /// The name of the contact, who is invited when the application is approved.
    async fn contact_name(&self) -> &str {
        &self.0.company.contact_name
    }

    /// The e-mail address of the contact.
    async fn contact_email(&self) -> &str {
        &self.0.company.contact_email
    }

    /// When it was handed in.
    async fn submitted_at(&self) -> Timestamp {
        self.0.submitted_at
    }

    /// When it was decided; null before.
    async fn decided_at(&self) -> Option<Timestamp> {
        self.0.decided_at
    }

    /// Who decided; null before.
    async fn decided_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.decided_by?).await.transpose()
    }

    /// What they wrote who decided. Staff only.
    async fn decision_note(&self, gql: &Context<'_>) -> Option<&str> {
        service::may_read(gql.call()).then_some(self.0.decision_note.as_deref())?
    }

    /// How well the company fits the ideal partner profile. It recommends; people decide. Staff only.
    async fn fit(&self, gql: &Context<'_>) -> Option<ApplicationFit> {
        service::may_read(gql.call()).then(|| ApplicationFit::from(self.0.fit.clone()))
    }

    /// The other applications with the same registrable domain, oldest first, the first 20 at most. Staff only: null
    /// for the applicant, who is answered alike whether there are any.
    async fn duplicate_applications(&self, gql: &Context<'_>) -> Option<AppResult<Vec<PartnerApplication>>> {
        if !service::may_read(gql.call()) {
            return None;
        }
        let others = self.same_domain(gql).await.map(|found| {
            found.applications.into_iter().filter(|other| other.id != self.0.id).map(PartnerApplication::from).collect()
        });
        Some(others)
    }

    /// The partner that has the same registrable domain without having come of this application; null when there is
    /// none. Staff only.
    async fn duplicate_of_partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        let found = self.same_domain(gql).await.map(|found| found.partner);
        let other = |partner: &crate::onboarding::partners::model::Partner| Some(partner.id) != self.0.partner_id;
        Some(found.transpose()?.map(|partner| other(&partner).then_some(Partner(partner))).transpose()?)
    }

    /// The partner that came of it; null unless it was approved.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id?).await.transpose()
    }

    /// What you may do with it now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> Vec<ApplicationAction> {
        service::allowed(gql.call(), &self.0)
    }

    /// Which of its fields you may change now: none. The applicant changes what is in question, by the link.
    async fn editable_fields(&self) -> Vec<String> {
        Vec::new()
    }

    /// By when the vendor decides or asks: three business days by default, and the clock stands still while the
    /// applicant is asked. Null while it does, and once it is decided.
    async fn next_deadline_at(&self) -> Option<Timestamp> {
        self.0.due_at
    }

    /// Whether the vendor is late with it.
    async fn is_overdue(&self, gql: &Context<'_>) -> bool {
        self.0.is_overdue(gql.call().now())
    }

    /// Who looks at it; null when nobody does yet. Staff only.
    async fn assigned_to(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.assigned_to?).await.transpose()
    }

    /// What the applicant was asked about last; empty when they were not.
    async fn requested_fields(&self) -> Vec<ApplicationField> {
        self.0.asked.iter().flat_map(|asked| asked.fields.iter()).collect()
    }

    /// What the applicant was asked last, in words; null when they were not.
    async fn requested_message(&self) -> Option<&str> {
        self.0.asked.as_ref().map(|asked| asked.message.as_str())
    }

    /// What the applicant answered to it, in words; null when they did not.
    async fn applicant_answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }

    /// Why it was rejected, as the applicant reads it, or why they took it back; null when nothing was said.
    async fn decision_reason(&self) -> Option<&str> {
        self.0.decision_reason.as_deref()
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// How well a company fits the ideal partner profile.
#[derive(SimpleObject)]
pub struct ApplicationFit {
    /// The version of the profile.
    policy_version: i32,
    /// The mean of the parts, 0 to 100.
    overall: i32,
    /// What it recommends.
    recommendation: FitRecommendation,
    /// The four sides, each with its reasons.
    parts: Vec<FitPart>,
}

impl From<model::Fit> for ApplicationFit {
    fn from(fit: model::Fit) -> Self {
        let model::Fit { policy_version, overall, recommendation, parts } = fit;
        Self { policy_version, overall, recommendation, parts }
    }
}

/// What has the same registrable domain.
#[derive(Clone, Default)]
pub struct SameDomain {
    applications: Vec<model::Application>,
    partner: Option<crate::onboarding::partners::model::Partner>,
}

/// Loads applications for the caller: by their ids, and by their domains.
pub struct ApplicationLoader(Call);

impl Loader<ApplicationId> for ApplicationLoader {
    type Value = model::Application;
    type Error = AppError;

    async fn load(&self, ids: &[ApplicationId]) -> AppResult<HashMap<ApplicationId, model::Application>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|found| (found.id, found)).collect())
    }
}

impl Loader<String> for ApplicationLoader {
    type Value = SameDomain;
    type Error = AppError;

    async fn load(&self, domains: &[String]) -> AppResult<HashMap<String, SameDomain>> {
        let mut found: HashMap<String, SameDomain> = HashMap::new();
        let (applications, partners) = service::find_of_domains(&self.0, domains).await?;
        for application in applications {
            found.entry(application.company.domain.clone()).or_default().applications.push(application);
        }
        for partner in partners {
            let same = found.entry(partner.domain.clone()).or_default();
            same.partner = Some(partner);
        }
        Ok(found)
    }
}

impl PartnerApplication {
    /// The application of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: ApplicationId) -> AppResult<Option<Self>> {
        Ok(loaders::loader::<ApplicationId, _>(gql, ApplicationLoader).load_one(id).await?.map(Self::from))
    }

    async fn same_domain(&self, gql: &Context<'_>) -> AppResult<SameDomain> {
        let loader = loaders::loader::<String, _>(gql, ApplicationLoader);
        Ok(loader.load_one(self.0.company.domain.clone()).await?.unwrap_or_default())
    }
}

/// Queries of applications.
#[derive(Default)]
pub struct ApplicationQuery;

#[Object]
impl ApplicationQuery {
    /// Where an application is, for the applicant: by the token of the link that was mailed and shown once. Nobody needs
    /// an account. Null for an unknown token; who tries many waits.
    async fn application_status(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The token of the link.")] token: String,
    ) -> Option<AppResult<ApplicationStatus>> {
        service::status(gql.call(), &token).await.map(|found| found.map(ApplicationStatus)).transpose()
    }

    /// Applications, newest first; the queue is `filter: { waiting: true }`, oldest or most urgent first by `orderBy`.
    /// Staff only.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn partner_applications(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<PartnerApplicationFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<PartnerApplicationOrder>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<PartnerApplication>> {
        let (name, order, descending) = order_by.unwrap_or_default().parse();
        let page = PageArgs { first, after, last, before }.parse(gql, name, descending)?;
        let rows = service::list(gql.call(), &filter.unwrap_or_default().parse()?, order, &page).await?;
        let place = |found: &model::Application| match (order, found.due_at) {
            (model::ApplicationOrder::Due, Some(due_at)) => (SortKey::Number(due_at.micros()), found.id.uuid()),
            _ => (SortKey::None, found.id.uuid()),
        };
        Ok(rows.connection(&page, place, PartnerApplication::from))
    }
}

/// Mutations of applications.
#[derive(Default)]
pub struct ApplicationMutation;

#[Object]
impl ApplicationMutation {
    /// Applies to become a partner. Anyone may, without an account.
    async fn submit_partner_application(
        &self,
        gql: &Context<'_>,
        input: SubmitPartnerApplicationInput,
    ) -> AppResult<SubmitPartnerApplicationPayload> {
        mutate(gql, input, service::submit).await
    }

    /// Gives an application to somebody who decides: it is in review from then on.
    async fn assign_partner_application(
        &self,
        gql: &Context<'_>,
        input: AssignPartnerApplicationInput,
    ) -> AppResult<AssignPartnerApplicationPayload> {
        mutate(gql, input, service::assign).await
    }

    /// Asks the applicant for more: which fields, and what. A mail with the link tells them, and the vendor's time stands
    /// still until they answer.
    async fn request_partner_application_changes(
        &self,
        gql: &Context<'_>,
        input: RequestPartnerApplicationChangesInput,
    ) -> AppResult<RequestPartnerApplicationChangesPayload> {
        mutate(gql, input, service::request_changes).await
    }

    /// The applicant answers, by the token of the link: only what is in question can be changed.
    async fn resubmit_partner_application(
        &self,
        gql: &Context<'_>,
        input: ResubmitPartnerApplicationInput,
    ) -> AppResult<ResubmitPartnerApplicationPayload> {
        mutate(gql, input, service::resubmit).await
    }

    /// The applicant takes the application back, by the token of the link.
    async fn withdraw_partner_application(
        &self,
        gql: &Context<'_>,
        input: WithdrawPartnerApplicationInput,
    ) -> AppResult<WithdrawPartnerApplicationPayload> {
        mutate(gql, input, service::withdraw).await
    }

    /// Approves an application: creates the partner and its onboarding plan, and invites the contact to administer it.
    async fn approve_partner_application(
        &self,
        gql: &Context<'_>,
        input: ApprovePartnerApplicationInput,
    ) -> AppResult<ApprovePartnerApplicationPayload> {
        mutate(gql, input, service::approve).await
    }

    /// Rejects an application, with the reason.
    async fn reject_partner_application(
        &self,
        gql: &Context<'_>,
        input: RejectPartnerApplicationInput,
    ) -> AppResult<RejectPartnerApplicationPayload> {
        mutate(gql, input, service::reject).await
    }
}
