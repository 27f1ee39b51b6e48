//! Mutations of onboarding plans.

use async_graphql::{Context, ID, InputObject, Object};
use entity::value::Timestamp;

use super::{
    OnboardingStep,
    policy::{SetOnboardingPolicyInput, SetOnboardingPolicyPayload},
};
use crate::{
    kernel::code::Code,
    onboarding::{
        partners::graphql::Partner,
        plans::{
            model::{AddStep, ChangeStep, Complete, Completed, Details, Signature},
            service,
            states::StepAction,
        },
    },
    payload,
    platform::{
        error::{AppError, AppResult},
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Which text of an agreement is signed.
#[derive(Clone, InputObject)]
pub struct AgreementSignatureInput {
    /// The number of the text that you have read: `textVersion`.
    version: i32,
    /// SHA-256 of the text that you have read, in hexadecimal.
    sha256: String,
}

/// A SHA-256 in lower-case hexadecimal.
///
/// # Errors
/// `MALFORMED`, naming the field.
pub fn sha256(text: &str, field: &str) -> AppResult<String> {
    let sha256 = text.to_ascii_lowercase();
    let well_formed = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    well_formed
        .then_some(sha256)
        .ok_or_else(|| AppError::invalid(field, Code::Malformed, "A SHA-256 has 64 hexadecimal digits."))
}

/// Completes a step of an onboarding plan.
#[derive(Clone, InputObject)]
pub struct CompleteOnboardingStepInput {
    /// The step.
    step_id: ID,
    /// Which text you sign: for `SIGN_AGREEMENT`, which is not complete without it. With several texts to be accepted
    /// the step is done with the last of them.
    agreement: Option<AgreementSignatureInput>,
    /// The company's profile for `COMPLETE_PROFILE`, which is not complete without it; what was done for `OTHER`. At
    /// most 10,000 characters.
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
            let sha256 = sha256(&agreement.sha256, "agreement.sha256")?;
            Ok::<_, AppError>(Signature { version: agreement.version, sha256 })
        };
        Ok(Complete {
            step_id: parse::id(&self.step_id, "stepId")?,
            given: Details {
                agreement: self.agreement.map(signature).transpose()?,
                text: self.text.map(|text| parse::prose(&text, "text", 10_000)).transpose()?,
                reason: None,
            },
            expected_version: self.expected_version,
        })
    }
}

/// How long a reason may be, in characters.
const LONGEST_REASON: usize = 1000;

/// Waives a step of an onboarding plan.
#[derive(Clone, InputObject)]
pub struct WaiveOnboardingStepInput {
    /// The step.
    step_id: ID,
    /// Why it is not insisted on; the partner reads it. At most 1,000 characters.
    reason: String,
    /// The version of the step that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

/// Insists on a waived step of an onboarding plan after all.
#[derive(Clone, InputObject)]
pub struct UnwaiveOnboardingStepInput {
    /// The step.
    step_id: ID,
    /// Why it is insisted on; the partner reads it. At most 1,000 characters.
    reason: String,
    /// The version of the step that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

/// Gives a step of an onboarding plan another due date.
#[derive(Clone, InputObject)]
pub struct RescheduleOnboardingStepInput {
    /// The step.
    step_id: ID,
    /// The new due date, in the future, at most 730 days from now.
    due_at: Timestamp,
    /// Why it is moved; the partner reads it. At most 1,000 characters.
    reason: String,
    /// The version of the step that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

macro_rules! change_of_a_step {
    ($input:ident, $operation:literal, $change:expr, |$it:ident| $due_at:expr) => {
        impl MutationInput for $input {
            type Command = ChangeStep;
            const OPERATION: &'static str = $operation;

            fn idempotency_key(&self) -> Option<&str> {
                self.idempotency_key.as_deref()
            }

            fn parse(self) -> AppResult<ChangeStep> {
                let $it = &self;
                Ok(ChangeStep {
                    due_at: $due_at,
                    step_id: parse::id(&self.step_id, "stepId")?,
                    change: $change,
                    reason: parse::prose(&self.reason, "reason", LONGEST_REASON)?,
                    expected_version: self.expected_version,
                })
            }
        }
    };
}
change_of_a_step!(WaiveOnboardingStepInput, "waiveOnboardingStep", StepAction::Waive, |_it| None);
change_of_a_step!(UnwaiveOnboardingStepInput, "unwaiveOnboardingStep", StepAction::Unwaive, |_it| None);
change_of_a_step!(RescheduleOnboardingStepInput, "rescheduleOnboardingStep", StepAction::Reschedule, |it| Some(
    it.due_at
));

/// Adds a step to a partner's onboarding plan.
#[derive(Clone, InputObject)]
pub struct AddOnboardingStepInput {
    /// Whose plan.
    partner_id: ID,
    /// What is to be done. At most 200 characters.
    title: String,
    /// Whether the partner becomes active only with it.
    required: bool,
    /// By when it should be done: in the future, at most 730 days from now.
    due_at: Timestamp,
    /// Why it is asked for; the partner reads it. At most 1,000 characters.
    reason: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for AddOnboardingStepInput {
    type Command = AddStep;
    const OPERATION: &'static str = "addOnboardingStep";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<AddStep> {
        Ok(AddStep {
            partner_id: parse::id(&self.partner_id, "partnerId")?,
            title: parse::line(&self.title, "title", 200)?,
            required: self.required,
            due_at: self.due_at,
            reason: parse::prose(&self.reason, "reason", LONGEST_REASON)?,
        })
    }
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        payload! {
            $(#[$doc])*
            $name from Completed as completed {
                /// The step.
                step: OnboardingStep = OnboardingStep(completed.step),
                /// The partner.
                partner: Partner = Partner(completed.partner)
            }
        }
    )*};
}

payloads! {
    /// The completed step, and the partner that may have become active with it.
    CompleteOnboardingStepPayload;
    /// The waived step, and the partner that may have become active with it.
    WaiveOnboardingStepPayload;
    /// The step that is insisted on again, and its partner.
    UnwaiveOnboardingStepPayload;
    /// The step with its new due date, and its partner.
    RescheduleOnboardingStepPayload;
    /// The step that was added, and its partner.
    AddOnboardingStepPayload;
}

/// Mutations of onboarding plans.
#[derive(Default)]
pub struct PlanMutation;

#[Object]
impl PlanMutation {
    /// Completes a step that a person completes: signing the agreement, the profile, and what staff asked for beside.
    /// The other steps complete themselves when the thing happens. With the last required step the partner is active.
    async fn complete_onboarding_step(
        &self,
        gql: &Context<'_>,
        input: CompleteOnboardingStepInput,
    ) -> AppResult<CompleteOnboardingStepPayload> {
        mutate(gql, input, service::complete).await
    }

    /// Waives a step that is pending: the vendor does not insist on it. When no required step is left the partner is
    /// active. For the vendor's people who care for onboarding.
    async fn waive_onboarding_step(
        &self,
        gql: &Context<'_>,
        input: WaiveOnboardingStepInput,
    ) -> AppResult<WaiveOnboardingStepPayload> {
        mutate(gql, input, service::change).await
    }

    /// Insists on a waived step after all. A partner that has become active stays so. For the vendor's people who care
    /// for onboarding.
    async fn unwaive_onboarding_step(
        &self,
        gql: &Context<'_>,
        input: UnwaiveOnboardingStepInput,
    ) -> AppResult<UnwaiveOnboardingStepPayload> {
        mutate(gql, input, service::change).await
    }

    /// Gives a step that is pending another due date. For the vendor's people who care for onboarding.
    async fn reschedule_onboarding_step(
        &self,
        gql: &Context<'_>,
        input: RescheduleOnboardingStepInput,
    ) -> AppResult<RescheduleOnboardingStepPayload> {
        mutate(gql, input, service::change).await
    }

    /// Adds a step to a partner's plan: something that the templates do not ask for. For the vendor's people who care
    /// for onboarding.
    async fn add_onboarding_step(
        &self,
        gql: &Context<'_>,
        input: AddOnboardingStepInput,
    ) -> AppResult<AddOnboardingStepPayload> {
        mutate(gql, input, service::add).await
    }

    /// Writes the next version of the policy of onboarding: the templates of plans, and when a plan counts as stalled.
    /// Plans that exist stay as they were made. For channel operations.
    async fn set_onboarding_policy(
        &self,
        gql: &Context<'_>,
        input: SetOnboardingPolicyInput,
    ) -> AppResult<SetOnboardingPolicyPayload> {
        mutate(gql, input, service::set_policy).await
    }
}
