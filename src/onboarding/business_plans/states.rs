//! The published graph of joint business plans: `DRAFT → PROPOSED → AGREED → CLOSED`. A change of an agreed plan proposes
//! an amendment of it.

use async_graphql::Enum;
use entity::value::BusinessPlanState::{self as State, Agreed, Closed, Draft, Proposed};
use serde::{Deserialize, Serialize};

use crate::kernel::graph::{Edge, edge};

/// What can be done with a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[graphql(name = "BusinessPlanAction")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BusinessPlanAction {
    /// Change its targets: `changeBusinessPlan`. Of an agreed plan that is an amendment.
    Change,
    /// Ask both sides to agree: `proposeBusinessPlan`.
    Propose,
    /// Agree for your side: `agreeBusinessPlan`.
    Agree,
    /// Staff: end it: `closeBusinessPlan`.
    Close,
}

impl BusinessPlanAction {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Change, Self::Propose, Self::Agree, Self::Close];
}

/// The arrows. What is in no arrow is refused with `WRONG_STATE`.
pub const EDGES: &[Edge<State, BusinessPlanAction>] = &[
    edge(Draft, BusinessPlanAction::Change, Draft),
    edge(Proposed, BusinessPlanAction::Change, Proposed),
    edge(Agreed, BusinessPlanAction::Change, Proposed),
    edge(Draft, BusinessPlanAction::Propose, Proposed),
    edge(Proposed, BusinessPlanAction::Agree, Proposed),
    edge(Proposed, BusinessPlanAction::Agree, Agreed),
    edge(Agreed, BusinessPlanAction::Close, Closed),
];
