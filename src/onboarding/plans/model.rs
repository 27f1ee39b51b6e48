//! The words of onboarding plans.

use entity::value::{OnboardingStepId, OnboardingStepKind, OnboardingStepState, PartnerId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::onboarding::partners::model::Partner;

/// A step of a partner's plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its id.
    pub id: OnboardingStepId,
    /// Whose plan it belongs to.
    pub partner_id: PartnerId,
    /// What it is about.
    pub kind: OnboardingStepKind,
    /// Whether the partner becomes active only with it.
    pub required: bool,
    /// By when it should be done.
    pub due_at: Timestamp,
    /// Where it is.
    pub state: OnboardingStepState,
    /// When it was done.
    pub completed_at: Option<Timestamp>,
    /// Who did it; none when it completed itself.
    pub completed_by: Option<UserId>,
    /// What was signed or agreed.
    pub details: Option<Details>,
    /// Grows by one with each change.
    pub version: i64,
}

/// What was signed or agreed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Which text of the agreement was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Signature>,
    /// The profile, or the joint business plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Which text of the agreement is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The version of the text.
    pub version: i32,
    /// SHA-256 of the text, in lower-case hexadecimal.
    pub sha256: String,
}

/// A step about to be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What it is about.
    pub kind: OnboardingStepKind,
    /// Whether the partner becomes active only with it.
    pub required: bool,
    /// How many days after the approval it is due.
    pub due_days: i64,
}

/// Somebody completes a step.
#[derive(Clone, Debug)]
pub struct Complete {
    /// The step.
    pub step_id: OnboardingStepId,
    /// What they sign or agree.
    pub given: Details,
    /// The version of the step that they read.
    pub expected_version: Option<i64>,
}

/// A step was completed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Completed {
    /// The step.
    pub step: Step,
    /// The partner: active, if that was the last required step.
    pub partner: Partner,
}

impl Step {
    /// The step once it is done.
    #[must_use]
    pub fn done(&self, by: Option<UserId>, details: Option<Details>, now: Timestamp) -> Self {
        Self {
            state: OnboardingStepState::Done,
            completed_at: Some(now),
            completed_by: by,
            details,
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}
