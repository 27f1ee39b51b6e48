//! Merges the areas' query and mutation roots into one GraphQL schema.

use async_graphql::{Context, ID, Interface, MergedObject, MergedSubscription, Object, Schema, SchemaBuilder};

use crate::{
    accounts::{
        accounts::graphql::{Account, AccountMutation, AccountQuery},
        direct_opportunities::graphql::DirectOpportunityMutation,
        duplicates::graphql::{AccountDuplicate, DuplicateMutation, DuplicateQuery},
        matching::graphql::{
            MatchQuery,
            policy::{MatchPolicyMutation, MatchPolicyQuery},
        },
        merging::graphql::{AccountMerge, MergingQuery, mutations::MergingMutation},
        policy::graphql::{AccountPolicyMutation, AccountPolicyQuery},
        product_lines::graphql::{ProductLine, ProductLineMutation, ProductLineQuery},
        reservations::graphql::ReservationMutation,
    },
    deals::{
        availability::graphql::AvailabilityQuery,
        conflicts::graphql::{DealConflict, DealConflictMutation, DealConflictPartyMutation, DealConflictQuery},
        evidence_files::graphql::{EvidenceFile, EvidenceFileMutation},
        policy::graphql::{DealPolicyMutation, DealPolicyQuery},
        registrations::graphql::{
            DealExplanationQuery, DealRegistration, DealRegistrationMutation, DealRegistrationQuery,
            DealRegistrationSubscription, RegistrationQueueMutation, RegistrationQueueQuery, WaitlistMutation,
        },
    },
    engagement::activity::graphql::Activity,
    lifecycle::graphql::{LifecycleMutation, LifecycleQuery},
    mdf::{
        allocations::graphql::{MdfAllocation, MdfAllocationMutation},
        claims::graphql::{MdfClaim, MdfClaimQuery, mutations::MdfClaimMutation},
        programs::graphql::{MdfProgram, MdfProgramMutation, MdfProgramQuery},
        requests::graphql::{MdfRequest, MdfRequestQuery, mutations::MdfRequestMutation},
    },
    notifications::graphql::{Notification, NotificationMutation, NotificationQuery},
    onboarding::{
        agreements::graphql::{Agreement, AgreementQuery, mutations::AgreementMutation},
        applications::graphql::{ApplicationMutation, ApplicationQuery, PartnerApplication},
        authorisations::graphql::{AuthorisationMutation, PartnerAuthorisation},
        business_plans::graphql::{BusinessPlan, BusinessPlanQuery, mutations::BusinessPlanMutation},
        contacts::graphql::{ContactMutation, PartnerContact},
        partners::graphql::{Partner, PartnerQuery, mutations::PartnerMutation},
        plans::graphql::{OnboardingStep, PlanQuery, mutations::PlanMutation},
        territories::graphql::{Territory, TerritoryMutation, TerritoryQuery},
        tiers::graphql::{TierQuery, TierReview, mutations::TierMutation},
    },
    people::{
        self,
        api_clients::graphql::{ApiClient, ApiClientQuery, mutations::ApiClientMutation},
        audit::graphql::{AuditEvent, AuditQuery},
        invitations::graphql::{Invitation, InvitationQuery},
        own_access::graphql::OwnAccessMutation,
        second_factors::graphql::{SecondFactorMutation, SecondFactorQuery, SecondFactorResetMutation},
        sessions::graphql::Session,
        users::graphql::{User, UserMutation, UserQuery},
    },
    platform::{error::AppResult, graphql::parse},
    privacy::persons::graphql::PersonMutation,
    standing::tiers::graphql::StandingMutation,
    training::{
        self,
        completions::graphql::TrainingCompletion,
        courses::graphql::{Course, CourseQuery},
    },
};

/// The whole API.
pub type PortalSchema = Schema<Query, Mutation, Subscription>;

/// Everything that can be asked.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct Query(
    NodeQuery,
    UserQuery,
    people::sign_on::graphql::SignOnQuery,
    SecondFactorQuery,
    ApiClientQuery,
    AuditQuery,
    InvitationQuery,
    ApplicationQuery,
    PartnerQuery,
    LifecycleQuery,
    TerritoryQuery,
    PlanQuery,
    AgreementQuery,
    BusinessPlanQuery,
    TierQuery,
    CourseQuery,
    AccountQuery,
    AccountPolicyQuery,
    MatchPolicyQuery,
    DuplicateQuery,
    MergingQuery,
    MatchQuery,
    ProductLineQuery,
    DealRegistrationQuery,
    RegistrationQueueQuery,
    AvailabilityQuery,
    DealConflictQuery,
    DealPolicyQuery,
    DealExplanationQuery,
    NotificationQuery,
    MdfProgramQuery,
    MdfRequestQuery,
    MdfClaimQuery,
);

/// Everything that can be done.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct Mutation(
    people::invitations::graphql::mutations::InvitationMutation,
    people::address_changes::graphql::AddressChangeMutation,
    people::password_resets::graphql::PasswordResetMutation,
    people::sessions::graphql::SessionMutation,
    people::sessions::graphql::OwnSessionMutation,
    UserMutation,
    PersonMutation,
    people::sign_on::graphql::SignOnMutation,
    OwnAccessMutation,
    SecondFactorMutation,
    SecondFactorResetMutation,
    ApiClientMutation,
    training::completions::graphql::CompletionMutation,
    training::courses::graphql::CourseMutation,
    ApplicationMutation,
    PartnerMutation,
    ContactMutation,
    AuthorisationMutation,
    TerritoryMutation,
    LifecycleMutation,
    PlanMutation,
    AgreementMutation,
    BusinessPlanMutation,
    TierMutation,
    StandingMutation,
    AccountMutation,
    AccountPolicyMutation,
    MatchPolicyMutation,
    ReservationMutation,
    DirectOpportunityMutation,
    DuplicateMutation,
    MergingMutation,
    ProductLineMutation,
    DealRegistrationMutation,
    DealPolicyMutation,
    RegistrationQueueMutation,
    DealConflictPartyMutation,
    DealConflictMutation,
    EvidenceFileMutation,
    NotificationMutation,
    WaitlistMutation,
    MdfProgramMutation,
    MdfAllocationMutation,
    MdfRequestMutation,
    MdfClaimMutation,
);

/// Everything that can be waited for, over WebSocket.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct Subscription(DealRegistrationSubscription);

/// An object with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id: opaque, and naming the object's kind by its prefix."))]
#[expect(clippy::large_enum_variant, reason = "a request asks for few of them, and each goes straight into the answer")]
pub enum Node {
    /// One thing that happened at a partner.
    Activity(Activity),
    /// A course.
    Course(Course),
    /// What a program of market development funds gave to a partner.
    MdfAllocation(MdfAllocation),
    /// A claim for reimbursement.
    MdfClaim(MdfClaim),
    /// A program of market development funds.
    MdfProgram(MdfProgram),
    /// A request for market development funds.
    MdfRequest(MdfRequest),
    /// A program of an integrator that calls the API.
    ApiClient(ApiClient),
    /// An audit event.
    AuditEvent(AuditEvent),
    /// An invitation to become a user.
    Invitation(Invitation),
    /// A file that proves an item of evidence.
    EvidenceFile(EvidenceFile),
    /// Something that you are told of.
    Notification(Notification),
    /// A step of an onboarding plan.
    OnboardingStep(OnboardingStep),
    /// A text that partners accept.
    Agreement(Agreement),
    /// A joint business plan of a partner and the vendor for a year.
    BusinessPlan(BusinessPlan),
    /// A monthly review of a partner's level.
    TierReview(TierReview),
    /// A company's application to become a partner.
    PartnerApplication(PartnerApplication),
    /// A partner company.
    Partner(Partner),
    /// What a partner may sell where.
    PartnerAuthorisation(PartnerAuthorisation),
    /// Somebody to talk to at a partner.
    PartnerContact(PartnerContact),
    /// A completed course of one person.
    TrainingCompletion(TrainingCompletion),
    /// An end customer.
    Account(Account),
    /// Two accounts that may be the same customer.
    AccountDuplicate(AccountDuplicate),
    /// A merge of two accounts.
    AccountMerge(AccountMerge),
    /// A conflict about deal registrations.
    DealConflict(DealConflict),
    /// A partner's claim to protection on an account, and the sale that it is about.
    DealRegistration(DealRegistration),
    /// A product line of the vendor.
    ProductLine(ProductLine),
    /// One of your sessions.
    Session(Session),
    /// A territory.
    Territory(Territory),
    /// A person.
    User(User),
}

/// Objects by their global ids.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with a global id; null when there is none, or none that you may see.
    async fn node(&self, gql: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Option<AppResult<Node>> {
        load(gql, &id).await.transpose()
    }

    /// The objects with these global ids, in the order of the ids; null in the place of each that does not exist or
    /// that you may not see. At most 100 at once.
    async fn nodes(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The global ids.")] ids: Vec<ID>,
    ) -> AppResult<Vec<Option<Node>>> {
        let ids = parse::at_most(ids, "ids", 100)?;
        let found = futures::future::join_all(ids.iter().map(|id| load(gql, id))).await;
        found.into_iter().collect()
    }
}

async fn load(gql: &Context<'_>, id: &ID) -> AppResult<Option<Node>> {
    macro_rules! kinds {
        ($($kind:ident => $load:expr),* $(,)?) => {$(
            if let Ok(id) = id.parse::<entity::value::$kind>() {
                return Ok($load(gql, id).await?.map(Node::from));
            }
        )*};
    }
    kinds! {
        ActivityId => Activity::load,
        CompletionId => TrainingCompletion::load,
        CourseId => Course::load,
        MdfAllocationId => MdfAllocation::load,
        MdfClaimId => MdfClaim::load,
        MdfProgramId => MdfProgram::load,
        MdfRequestId => MdfRequest::load,
        AgreementId => Agreement::load,
        BusinessPlanId => BusinessPlan::load,
        TierReviewId => TierReview::load,
        ApplicationId => PartnerApplication::load,
        ApiClientId => ApiClient::load,
        AuditEventId => AuditEvent::load,
        InvitationId => Invitation::load,
        EvidenceFileId => EvidenceFile::load,
        NotificationId => Notification::load,
        OnboardingStepId => OnboardingStep::load,
        PartnerId => Partner::load,
        PartnerAuthorisationId => PartnerAuthorisation::load,
        PartnerContactId => PartnerContact::load,
        AccountId => Account::load,
        AccountDuplicateId => AccountDuplicate::load,
        AccountMergeId => AccountMerge::load,
        DealConflictId => DealConflict::load,
        RegistrationId => DealRegistration::load,
        ProductLineId => ProductLine::load,
        SessionId => Session::load,
        TerritoryId => Territory::load,
        UserId => User::load,
    }
    Ok(None)
}

/// The schema without the state that requests bring: enough to print it.
#[must_use]
pub fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default()).disable_suggestions()
}

/// The schema as text, sorted, so that it moves only when the promise to callers does.
#[must_use]
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    builder().finish().sdl_with_options(options)
}
