//! The published graph of the steps of onboarding plans: `PENDING → DONE | WAIVED`, and back from `WAIVED`.

use async_graphql::Enum;
use entity::value::OnboardingStepState::{self as State, Done, Pending, Waived};
use serde::{Deserialize, Serialize};

use crate::kernel::graph::{Edge, edge};

/// What can be done with a step of an onboarding plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[graphql(name = "OnboardingStepAction")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StepAction {
    /// Complete it: `completeOnboardingStep`.
    Complete,
    /// Staff: no longer insist on it: `waiveOnboardingStep`.
    Waive,
    /// Staff: insist on it after all: `unwaiveOnboardingStep`.
    Unwaive,
    /// Staff: give it another due date: `rescheduleOnboardingStep`.
    Reschedule,
}

impl StepAction {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Complete, Self::Waive, Self::Unwaive, Self::Reschedule];
}

/// The arrows. What is in no arrow is refused with `WRONG_STATE`.
pub const EDGES: &[Edge<State, StepAction>] = &[
    edge(Pending, StepAction::Complete, Done),
    edge(Pending, StepAction::Waive, Waived),
    edge(Waived, StepAction::Unwaive, Pending),
    edge(Pending, StepAction::Reschedule, Pending),
];
