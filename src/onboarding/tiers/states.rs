//! The published graph of reviews: what is `PROPOSED` is confirmed or dismissed, by a person and once; a later review takes
//! its place otherwise. What proposes nothing (`KEPT`, `GRACE`) is as it was made.

use async_graphql::Enum;
use entity::value::TierReviewState::{self as State, Confirmed, Dismissed, Proposed};
use serde::{Deserialize, Serialize};

use crate::kernel::graph::{Edge, edge};

/// What can be done with a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[graphql(name = "TierReviewAction")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewAction {
    /// Confirm the proposal: `confirmTierChange`.
    Confirm,
    /// Dismiss the proposal: `dismissTierChange`.
    Dismiss,
}

/// The arrows. What is in no arrow is refused with `WRONG_STATE`.
pub const EDGES: &[Edge<State, ReviewAction>] =
    &[edge(Proposed, ReviewAction::Confirm, Confirmed), edge(Proposed, ReviewAction::Dismiss, Dismissed)];
