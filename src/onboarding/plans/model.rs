//! The words of onboarding plans.

use async_graphql::Enum;
use entity::value::{OnboardingStepId, OnboardingStepKind, OnboardingStepState, PartnerId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::states::StepAction;
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
    /// What is to be done; of steps of another kind only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether the partner becomes active only with it.
    pub required: bool,
    /// By when it should be done.
    pub due_at: Timestamp,
    /// Where it is.
    pub state: OnboardingStepState,
    /// When it was done, or waived.
    pub completed_at: Option<Timestamp>,
    /// Who did or waived it; none when it completed itself.
    pub completed_by: Option<UserId>,
    /// What was signed or told, and why staff changed it.
    pub details: Option<Details>,
    /// Grows by one with each change.
    pub version: i64,
}

/// What was signed or told, and why staff changed it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Which text of the agreement was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Signature>,
    /// The profile, or what was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why staff waived, reopened, rescheduled or added it: the latest reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Which text of the agreement is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The version of the text.
    pub version: i32,
    /// SHA-256 of the text, in lower-case hexadecimal.
    pub sha256: String,
}

/// A step that a template asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What it is about.
    pub kind: OnboardingStepKind,
    /// Whether the partner becomes active only with it.
    pub required: bool,
    /// How many days after the approval it is due.
    pub due_days: i64,
}

/// How far a partner's plan is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whose it is.
    pub partner_id: PartnerId,
    /// The version of the templates that it was made under.
    pub template_version: i32,
    /// When it began.
    pub begun_at: Timestamp,
    /// When a step was last done or waived; when it began, before.
    pub last_progress_at: Timestamp,
    /// When the next required step is due.
    pub next_due_at: Option<Timestamp>,
    /// When no required step was pending any more.
    pub finished_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: i64,
}

/// Something happened that completes a step.
#[derive(Clone, Debug)]
pub struct Happened {
    /// The step.
    pub kind: OnboardingStepKind,
    /// Who did it, where it was a person of the partner.
    pub by: Option<UserId>,
    /// What was signed.
    pub details: Option<Details>,
}

impl Happened {
    /// It happened, whoever did it.
    #[must_use]
    pub const fn of(kind: OnboardingStepKind) -> Self {
        Self { kind, by: None, details: None }
    }

    /// The agreements were signed, this text last.
    #[must_use]
    pub fn signed(by: Option<UserId>, version: i32, sha256: String) -> Self {
        let agreement = Some(Signature { version, sha256 });
        Self { kind: OnboardingStepKind::SignAgreement, by, details: Some(Details { agreement, ..Details::default() }) }
    }
}

/// Staff change a step.
#[derive(Clone, Debug)]
pub struct ChangeStep {
    /// The step.
    pub step_id: OnboardingStepId,
    /// What about it.
    pub change: StepAction,
    /// The new due date, of a rescheduled one.
    pub due_at: Option<Timestamp>,
    /// Why; the partner reads it.
    pub reason: String,
    /// The version of the step that they read.
    pub expected_version: Option<i64>,
}

/// Staff add a step to a plan.
#[derive(Clone, Debug)]
pub struct AddStep {
    /// Whose plan.
    pub partner_id: PartnerId,
    /// What is to be done.
    pub title: String,
    /// Whether the partner becomes active only with it.
    pub required: bool,
    /// By when it should be done.
    pub due_at: Timestamp,
    /// Why; the partner reads it.
    pub reason: String,
}

/// Why onboarding counts as stalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "StalledOnboardingReason")]
pub enum Stalled {
    /// A required step is overdue.
    Overdue,
    /// No step was done for as many days as the policy allows.
    NoProgress,
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
    /// The step once staff do not insist on it.
    #[must_use]
    pub fn waived(&self, by: Option<UserId>, reason: String, now: Timestamp) -> Self {
        Self {
            state: OnboardingStepState::Waived,
            completed_at: Some(now),
            completed_by: by,
            ..self.changed_because(reason)
        }
    }

    /// The step once staff insist on it after all.
    #[must_use]
    pub fn reopened(&self, reason: String) -> Self {
        Self {
            state: OnboardingStepState::Pending,
            completed_at: None,
            completed_by: None,
            ..self.changed_because(reason)
        }
    }

    /// The step with another due date.
    #[must_use]
    pub fn rescheduled(&self, due_at: Timestamp, reason: String) -> Self {
        Self { due_at, ..self.changed_because(reason) }
    }

    fn changed_because(&self, reason: String) -> Self {
        let details = Some(Details { reason: Some(reason), ..self.details.clone().unwrap_or_default() });
        Self { details, version: self.version.saturating_add(1), ..self.clone() }
    }

    /// The step once it is done.
    #[must_use]
    pub fn done(&self, by: Option<UserId>, details: Option<Details>, now: Timestamp) -> Self {
        let reason = self.details.as_ref().and_then(|details| details.reason.clone());
        let details = match details {
            Some(given) => Some(Details { reason, ..given }),
            None => self.details.clone(),
        };
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

impl Plan {
    /// The plan with its steps as they are now. `progressed` says whether one of them was just done or waived.
    #[must_use]
    pub fn with(&self, steps: &[Step], progressed: bool, now: Timestamp) -> Self {
        let open = steps.iter().filter(|step| step.required && step.state == OnboardingStepState::Pending);
        let next_due_at = open.map(|step| step.due_at).min();
        Self {
            last_progress_at: if progressed { now } else { self.last_progress_at },
            next_due_at,
            finished_at: if next_due_at.is_some() { None } else { self.finished_at.or(Some(now)) },
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }

    /// Why it counts as stalled at an instant, given the days without progress that the policy allows; nothing when it
    /// does not.
    #[must_use]
    pub fn stalled(&self, stalled_after_days: i64, now: Timestamp) -> Vec<Stalled> {
        let overdue = self.next_due_at.is_some_and(|due| due < now);
        let still = self.last_progress_at.plus_days(stalled_after_days) < now;
        let open = self.finished_at.is_none();
        [(overdue, Stalled::Overdue), (still, Stalled::NoProgress)]
            .into_iter()
            .filter(|(holds, _)| *holds && open)
            .map(|(_, reason)| reason)
            .collect()
    }
}
