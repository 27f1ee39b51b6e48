//! Onboarding plans in the API.

pub mod mutations;
pub mod policy;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SimpleObject, dataloader::Loader};
use entity::value::{OnboardingStepId, OnboardingStepKind, OnboardingStepState, PartnerId, Timestamp, TypedId};

use self::policy::OnboardingPolicyVersion;
use super::{
    model::{self, Stalled},
    service,
    states::StepAction,
};
use crate::{
    onboarding::partners::graphql::Partner,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            page::{Listed, PageArgs, SortKey},
        },
    },
};

/// A step of a partner's plan.
pub struct OnboardingStep(pub model::Step);

/// A step of a partner's onboarding plan. With all required steps done the partner is active.
#[Object]
impl OnboardingStep {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What it is about.
    async fn step(&self) -> OnboardingStepKind {
        self.0.kind
    }

    /// What is to be done, of a step that staff added; null for the others, whose kind says it.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// Whether the partner becomes active only with it.
    async fn required(&self) -> bool {
        self.0.required
    }

    /// By when it should be done.
    async fn due_at(&self) -> Timestamp {
        self.0.due_at
    }

    /// Whether it is still to be done.
    async fn state(&self) -> OnboardingStepState {
        self.0.state
    }

    /// When it was done or waived; null before.
    async fn completed_at(&self) -> Option<Timestamp> {
        self.0.completed_at
    }

    /// Who did it; null when it completed itself, when it was waived, and when it is somebody whom you may not see.
    async fn completed_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        if self.0.state == OnboardingStepState::Waived {
            return None;
        }
        User::load(gql, self.0.completed_by?).await.transpose()
    }

    /// Who waived it; null when it is not waived, and when it is somebody whom you may not see.
    async fn waived_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        if self.0.state != OnboardingStepState::Waived {
            return None;
        }
        User::load(gql, self.0.completed_by?).await.transpose()
    }

    /// Why staff waived it, insisted on it again, moved its date or added it: the latest reason; null when they did
    /// nothing of it.
    async fn reason(&self) -> Option<&str> {
        self.0.details.as_ref()?.reason.as_deref()
    }

    /// The number of the text that was accepted last; null for other steps.
    async fn agreement_version(&self) -> Option<i32> {
        Some(self.0.details.as_ref()?.agreement.as_ref()?.version)
    }

    /// SHA-256 of the text that was accepted last, in lower-case hexadecimal; null for other steps.
    async fn agreement_sha256(&self) -> Option<&str> {
        Some(&self.0.details.as_ref()?.agreement.as_ref()?.sha256)
    }

    /// The profile, or what was done, as it was told; null for other steps.
    async fn text(&self) -> Option<&str> {
        self.0.details.as_ref()?.text.as_deref()
    }

    /// Whose plan it belongs to.
    async fn partner(&self, gql: &Context<'_>) -> AppResult<Partner> {
        self.owner(gql).await
    }

    /// What you may do with it now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> AppResult<Vec<StepAction>> {
        let partner = self.owner(gql).await?;
        let (call, state) = (gql.call(), partner.0.state);
        let completes = service::may_complete(call, &self.0, state).then_some(StepAction::Complete);
        Ok(completes.into_iter().chain(service::allowed(call, &self.0, state)).collect())
    }

    /// Which of its fields you may change now: none, a step is completed as a whole.
    async fn editable_fields(&self) -> Vec<String> {
        Vec::new()
    }

    /// When something is due next: `dueAt` while the step is pending, null after.
    async fn next_deadline_at(&self) -> Option<Timestamp> {
        (self.0.state == OnboardingStepState::Pending).then_some(self.0.due_at)
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads steps for the caller: by their ids, and all of a partner.
pub struct StepLoader(Call);

impl Loader<OnboardingStepId> for StepLoader {
    type Value = model::Step;
    type Error = AppError;

    async fn load(&self, ids: &[OnboardingStepId]) -> AppResult<HashMap<OnboardingStepId, model::Step>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|step| (step.id, step)).collect())
    }
}

impl Loader<PartnerId> for StepLoader {
    type Value = Vec<model::Step>;
    type Error = AppError;

    async fn load(&self, ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<model::Step>>> {
        let mut plans: HashMap<_, Vec<_>> = HashMap::new();
        for step in service::find_of_partners(&self.0, ids).await? {
            plans.entry(step.partner_id).or_default().push(step);
        }
        Ok(plans)
    }
}

impl OnboardingStep {
    /// The step of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: OnboardingStepId) -> AppResult<Option<Self>> {
        Ok(loaders::loader::<OnboardingStepId, _>(gql, StepLoader).load_one(id).await?.map(Self))
    }

    /// The plan of a partner, loaded together with those of its siblings, in its order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_partner(gql: &Context<'_>, partner_id: PartnerId) -> AppResult<Vec<Self>> {
        let steps = loaders::loader::<PartnerId, _>(gql, StepLoader).load_one(partner_id).await?;
        Ok(steps.unwrap_or_default().into_iter().map(Self).collect())
    }

    async fn owner(&self, gql: &Context<'_>) -> AppResult<Partner> {
        let found = Partner::load(gql, self.0.partner_id).await?;
        found.ok_or_else(|| AppError::internal(format!("{} is of no partner", self.0.id)))
    }
}

/// How far a partner's onboarding plan is.
#[derive(SimpleObject)]
pub struct OnboardingPlan {
    /// The version of the templates that it was made under; later versions do not change it.
    template_version: i32,
    /// When it began.
    begun_at: Timestamp,
    /// When a step was last done or waived; when it began, before.
    last_progress_at: Timestamp,
    /// When the next required step is due; null when none is pending.
    next_due_at: Option<Timestamp>,
    /// When no required step was pending any more; null while one is.
    finished_at: Option<Timestamp>,
}

impl From<model::Plan> for OnboardingPlan {
    fn from(plan: model::Plan) -> Self {
        let model::Plan {
            partner_id: _,
            template_version,
            begun_at,
            last_progress_at,
            next_due_at,
            finished_at,
            version: _,
        } = plan;
        Self { template_version, begun_at, last_progress_at, next_due_at, finished_at }
    }
}

struct PlanLoader(Call);

impl Loader<PartnerId> for PlanLoader {
    type Value = model::Plan;
    type Error = AppError;

    async fn load(&self, ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, model::Plan>> {
        Ok(service::plans_of(&self.0, ids).await?.into_iter().map(|plan| (plan.partner_id, plan)).collect())
    }
}

impl OnboardingPlan {
    /// The plan of a partner, loaded together with those of its siblings; none of a partner that came without one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, partner_id: PartnerId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, PlanLoader).load_one(partner_id).await?.map(Self::from))
    }
}

/// A partner whose onboarding has stalled.
pub struct StalledOnboarding(model::Plan, Vec<Stalled>);

/// A partner whose onboarding has stalled: a required step is overdue, or nothing was done for as many days as the
/// policy allows.
#[Object]
impl StalledOnboarding {
    /// The partner.
    async fn partner(&self, gql: &Context<'_>) -> AppResult<Partner> {
        let found = Partner::load(gql, self.0.partner_id).await?;
        found.ok_or_else(|| AppError::internal(format!("a plan is of no partner: {}", self.0.partner_id)))
    }

    /// Why it counts as stalled.
    async fn reasons(&self) -> &[Stalled] {
        &self.1
    }

    /// How far its plan is.
    async fn plan(&self) -> OnboardingPlan {
        self.0.clone().into()
    }

    /// The required steps that are overdue, in the order of the plan.
    async fn overdue_steps(&self, gql: &Context<'_>) -> AppResult<Vec<OnboardingStep>> {
        let now = gql.call().now();
        let mut steps = OnboardingStep::of_partner(gql, self.0.partner_id).await?;
        steps.retain(|step| step.0.required && step.0.state == OnboardingStepState::Pending && step.0.due_at < now);
        Ok(steps)
    }
}

/// Queries of onboarding plans.
#[derive(Default)]
pub struct PlanQuery;

#[Object]
impl PlanQuery {
    /// The partners whose onboarding has stalled, those without progress for longest first. For the vendor's people who
    /// care for onboarding.
    async fn stalled_onboarding(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<StalledOnboarding>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "stalled", false)?;
        let rows = service::stalled(gql.call(), &page).await?;
        let place = |(plan, _): &(model::Plan, Vec<Stalled>)| {
            (SortKey::Number(plan.last_progress_at.micros()), plan.partner_id.uuid())
        };
        Ok(rows.connection(&page, place, |(plan, reasons)| StalledOnboarding(plan, reasons)))
    }

    /// The policy of onboarding: the templates of plans, and when a plan counts as stalled. For the vendor's people who
    /// care for onboarding.
    async fn onboarding_policy(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which version; the one in force when absent.")] version: Option<i32>,
    ) -> AppResult<OnboardingPolicyVersion> {
        Ok(OnboardingPolicyVersion(service::policy(gql.call(), version).await?))
    }
}
