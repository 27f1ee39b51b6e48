//! The published graph of applications (`domain.md §2`):
//! `SUBMITTED → IN_REVIEW ⇄ ACTION_REQUIRED → APPROVED | REJECTED | WITHDRAWN`.

use async_graphql::Enum;
use entity::value::ApplicationState::{
    self as State, ActionRequired, Approved, InReview, Rejected, Submitted, Withdrawn,
};

use crate::kernel::graph::{Edge, edge};

/// What can be done with an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "PartnerApplicationAction")]
pub enum ApplicationAction {
    /// Give it to somebody to look at: `assignPartnerApplication`.
    Assign,
    /// Ask the applicant for more: `requestPartnerApplicationChanges`.
    RequestChanges,
    /// Approve it: `approvePartnerApplication`.
    Approve,
    /// Reject it: `rejectPartnerApplication`.
    Reject,
    /// The applicant answers: `resubmitPartnerApplication`.
    Resubmit,
    /// The applicant takes it back: `withdrawPartnerApplication`.
    Withdraw,
}

impl ApplicationAction {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Assign, Self::RequestChanges, Self::Approve, Self::Reject, Self::Resubmit, Self::Withdraw];

    /// Whether the applicant does it, with the link; the others are for staff.
    #[must_use]
    pub const fn is_of_applicant(self) -> bool {
        matches!(self, Self::Resubmit | Self::Withdraw)
    }
}

/// Where an application begins.
pub const START: State = Submitted;

/// The arrows. What is in no arrow is refused with `WRONG_STATE`.
pub const EDGES: &[Edge<State, ApplicationAction>] = &[
    edge(Submitted, ApplicationAction::Assign, InReview),
    edge(InReview, ApplicationAction::Assign, InReview),
    edge(ActionRequired, ApplicationAction::Assign, ActionRequired),
    edge(Submitted, ApplicationAction::RequestChanges, ActionRequired),
    edge(InReview, ApplicationAction::RequestChanges, ActionRequired),
    edge(ActionRequired, ApplicationAction::Resubmit, InReview),
    edge(Submitted, ApplicationAction::Approve, Approved),
    edge(InReview, ApplicationAction::Approve, Approved),
    edge(Submitted, ApplicationAction::Reject, Rejected),
    edge(InReview, ApplicationAction::Reject, Rejected),
    edge(ActionRequired, ApplicationAction::Reject, Rejected),
    edge(Submitted, ApplicationAction::Withdraw, Withdrawn),
    edge(InReview, ApplicationAction::Withdraw, Withdrawn),
    edge(ActionRequired, ApplicationAction::Withdraw, Withdrawn),
];
