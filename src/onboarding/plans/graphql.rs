//! Onboarding plans in the API.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{OnboardingStepId, OnboardingStepKind, OnboardingStepState, PartnerId, Timestamp};

use super::{
    model::{self, Complete, Completed, Details, Signature},
    service,
};
use crate::{
    kernel::code::Code,
    onboarding::partners::graphql::Partner,
    payload,
    people::users::graphql::User,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// A step of a partner's plan.
pub struct OnboardingStep(pub model::Step);

/// What can be done with a step of an onboarding plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OnboardingStepAction {
    /// Complete it: `completeOnboardingStep`.
    Complete,
}

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

    /// When it was done; null before.
    async fn completed_at(&self) -> Option<Timestamp> {
        self.0.completed_at
    }

    /// Who did it; null when it completed itself, and when it is somebody whom you may not see.
    async fn completed_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.completed_by?).await.transpose()
    }

    /// The version of the agreement that was signed; null for other steps.
    async fn agreement_version(&self) -> Option<i32> {
        Some(self.0.details.as_ref()?.agreement.as_ref()?.version)
    }

    /// SHA-256 of the agreement's text that was signed, in lower-case hexadecimal; null for other steps.
    async fn agreement_sha256(&self) -> Option<&str> {
        Some(&self.0.details.as_ref()?.agreement.as_ref()?.sha256)
    }

    /// The profile, or the joint business plan, as it was given; null for other steps.
    async fn text(&self) -> Option<&str> {
        self.0.details.as_ref()?.text.as_deref()
    }

    /// Whose plan it belongs to.
    async fn partner(&self, gql: &Context<'_>) -> AppResult<Partner> {
        self.owner(gql).await
    }

    /// What you may do with it now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> AppResult<Vec<OnboardingStepAction>> {
        let partner = self.owner(gql).await?;
        let may = service::may_complete(gql.call(), &self.0, partner.0.state);
        Ok(may.then_some(OnboardingStepAction::Complete).into_iter().collect())
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

/// The text that partners sign.
#[derive(SimpleObject)]
pub struct PartnerAgreement {
    /// Its version.
    version: i32,
    /// The text.
    text: &'static str,
    /// SHA-256 of the text, in lower-case hexadecimal: whoever signs names it.
    sha256: String,
}

/// Which text of the agreement is signed.
#[derive(Clone, InputObject)]
pub struct AgreementSignatureInput {
    /// The version of the text that you have read.
    version: i32,
    /// SHA-256 of the text that you have read, in hexadecimal.
    sha256: String,
}

/// Completes a step of an onboarding plan.
#[derive(Clone, InputObject)]
pub struct CompleteOnboardingStepInput {
    /// The step.
    step_id: ID,
    /// Which text you sign: for `SIGN_AGREEMENT`, which is not complete without it.
    agreement: Option<AgreementSignatureInput>,
    /// The company's profile for `COMPLETE_PROFILE`, the plan for `AGREE_JOINT_BUSINESS_PLAN`; neither is complete
    /// without it. At most 10,000 characters.
    text: Option<String>,
    /// The version of the step that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for CompleteOnboardingStepInput {
    type Command = Complete;
    const OPERATION: &'static str = "completeOnboardingStep";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Complete> {
        let signature = |agreement: AgreementSignatureInput| {
            let sha256 = agreement.sha256.to_ascii_lowercase();
            let well_formed = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
            let signature = Signature { version: agreement.version, sha256 };
            well_formed.then_some(signature).ok_or_else(|| {
                AppError::invalid("agreement.sha256", Code::Malformed, "A SHA-256 has 64 hexadecimal digits.")
            })
        };
        Ok(Complete {
            step_id: parse::id(&self.step_id, "stepId")?,
            given: Details {
                agreement: self.agreement.map(signature).transpose()?,
                text: self.text.map(|text| parse::prose(&text, "text", 10_000)).transpose()?,
            },
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The completed step, and the partner that may have become active with it.
    CompleteOnboardingStepPayload from Completed as completed {
        /// The step.
        step: OnboardingStep = OnboardingStep(completed.step),
        /// The partner.
        partner: Partner = Partner(completed.partner)
    }
}

/// Queries of onboarding plans.
#[derive(Default)]
pub struct PlanQuery;

#[Object]
impl PlanQuery {
    /// The partner agreement in force: what `SIGN_AGREEMENT` asks to sign.
    async fn partner_agreement(&self, gql: &Context<'_>) -> AppResult<PartnerAgreement> {
        gql.call().may(Action::ReadPartners)?;
        let (Signature { version, sha256 }, text) = service::agreement_in_force();
        Ok(PartnerAgreement { version, text, sha256 })
    }
}

/// Mutations of onboarding plans.
#[derive(Default)]
pub struct PlanMutation;

#[Object]
impl PlanMutation {
    /// Completes a step that a person completes: signing the agreement, the profile, the joint business plan. The
    /// other steps complete themselves when the thing happens. With the last required step the partner is active.
    async fn complete_onboarding_step(
        &self,
        gql: &Context<'_>,
        input: CompleteOnboardingStepInput,
    ) -> AppResult<CompleteOnboardingStepPayload> {
        mutate(gql, input, service::complete).await
    }
}
