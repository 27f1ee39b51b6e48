//! The published graph of texts: `DRAFT → PUBLISHED`. What is published never changes; it is accepted while it is in force.

use async_graphql::Enum;
use entity::value::AgreementState::{self as State, Draft, Published};
use serde::{Deserialize, Serialize};

use crate::kernel::graph::{Edge, edge};

/// What can be done with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[graphql(name = "AgreementAction")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AgreementAction {
    /// Change a draft: `changeAgreementDraft`.
    Change,
    /// Publish a draft: `publishAgreement`.
    Publish,
    /// Accept it in your company's name: `acceptAgreement`.
    Accept,
}

impl AgreementAction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Change, Self::Publish, Self::Accept];
}

/// The arrows. What is in no arrow is refused with `WRONG_STATE`; for a partner, to which drafts do not exist, with
/// `NOT_FOUND`.
pub const EDGES: &[Edge<State, AgreementAction>] = &[
    edge(Draft, AgreementAction::Change, Draft),
    edge(Draft, AgreementAction::Publish, Published),
    edge(Published, AgreementAction::Accept, Published),
];
