//! The policy of onboarding in the API.

use async_graphql::{InputObject, Object, SimpleObject};
use entity::value::{OnboardingStepKind, PartnerType, Timestamp};

use crate::{
    onboarding::plans::rules::policy::{OnboardingPolicy, Template, TemplateStep},
    payload,
    platform::{
        error::AppResult,
        graphql::{mutation::MutationInput, parse},
        policies::{Kept, Revision},
    },
};

/// A version of the policy of onboarding.
pub struct OnboardingPolicyVersion(pub Kept<OnboardingPolicy>);

/// A version of the policy of onboarding.
#[Object]
impl OnboardingPolicyVersion {
    /// Its number.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// From when on it is in force; null for the one that was shipped.
    async fn effective_at(&self) -> Option<Timestamp> {
        self.0.effective_at
    }

    /// The steps that each type of partner goes through. A partner of several types goes through all of theirs, each
    /// once: due at the earliest of the dates, and required when one type requires it.
    async fn templates(&self) -> Vec<OnboardingTemplate> {
        self.0.policy.templates.iter().map(OnboardingTemplate::from).collect()
    }

    /// After so many days without a step done, onboarding counts as stalled.
    async fn stalled_after_days(&self) -> i64 {
        self.0.policy.stalled_after_days
    }

    /// Whether a partner starts nothing new once an agreement's date of grace has passed without its acceptance.
    async fn overdue_agreement_blocks(&self) -> bool {
        self.0.policy.overdue_agreement_blocks
    }
}

/// The steps that a type of partner goes through.
#[derive(SimpleObject)]
pub struct OnboardingTemplate {
    /// The type.
    partner_type: PartnerType,
    /// Its steps.
    steps: Vec<OnboardingTemplateStep>,
}

/// A step of a template.
#[derive(SimpleObject)]
pub struct OnboardingTemplateStep {
    /// What it is about.
    step: OnboardingStepKind,
    /// Whether the partner becomes active only with it.
    required: bool,
    /// How many days after the approval it is due.
    due_after_days: i64,
}

impl From<&Template> for OnboardingTemplate {
    fn from(template: &Template) -> Self {
        let step = |step: &TemplateStep| {
            let TemplateStep { kind, required, due_after_days } = *step;
            OnboardingTemplateStep { step: kind, required, due_after_days }
        };
        Self { partner_type: template.partner_type, steps: template.steps.iter().map(step).collect() }
    }
}

/// The steps that a type of partner goes through.
#[derive(Clone, InputObject)]
pub struct OnboardingTemplateInput {
    /// The type.
    partner_type: PartnerType,
    /// Its steps: each kind at most once, at least one of them required.
    steps: Vec<OnboardingTemplateStepInput>,
}

/// A step of a template.
#[derive(Clone, InputObject)]
pub struct OnboardingTemplateStepInput {
    /// What it is about; not OTHER.
    step: OnboardingStepKind,
    /// Whether the partner becomes active only with it.
    required: bool,
    /// How many days after the approval it is due, at most 730.
    due_after_days: i64,
}

/// Changes the policy of onboarding.
#[derive(Clone, InputObject)]
pub struct SetOnboardingPolicyInput {
    /// One template for each type of partner.
    templates: Vec<OnboardingTemplateInput>,
    /// After so many days without a step done, onboarding counts as stalled; at most 730.
    stalled_after_days: i64,
    /// Whether a partner starts nothing new once an agreement's date of grace has passed without its acceptance.
    overdue_agreement_blocks: bool,
    /// From when on it is in force; at once when absent. Not before a version that was written earlier, and at most 366
    /// days ahead.
    effective_at: Option<Timestamp>,
    /// The latest version that you have read: refused when there is a later one.
    expected_version: Option<i32>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for SetOnboardingPolicyInput {
    type Command = Revision<OnboardingPolicy>;
    const OPERATION: &'static str = "setOnboardingPolicy";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Revision<OnboardingPolicy>> {
        let step = |step: OnboardingTemplateStepInput| {
            let OnboardingTemplateStepInput { step: kind, required, due_after_days } = step;
            TemplateStep { kind, required, due_after_days }
        };
        let templates = parse::at_most(self.templates, "templates", 7)?;
        let templates = templates.into_iter().enumerate().map(|(place, template)| {
            let steps = parse::at_most(template.steps, &format!("templates.{place}.steps"), 7)?;
            Ok(Template { partner_type: template.partner_type, steps: steps.into_iter().map(step).collect() })
        });
        Ok(Revision {
            policy: OnboardingPolicy {
                templates: templates.collect::<AppResult<_>>()?,
                stalled_after_days: self.stalled_after_days,
                overdue_agreement_blocks: self.overdue_agreement_blocks,
            },
            effective_at: self.effective_at,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The version of the policy that was written.
    SetOnboardingPolicyPayload from Kept<OnboardingPolicy> as kept {
        /// The version.
        policy: OnboardingPolicyVersion = OnboardingPolicyVersion(kept)
    }
}
