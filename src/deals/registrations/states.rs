//! The published graph of registrations (`domain.md §4`): `DRAFT → SUBMITTED → IN_REVIEW ⇄ ACTION_REQUIRED → PROTECTED |
//! REJECTED | WITHDRAWN`, `WAITLISTED` behind another's protection, `CONTESTED` while a conflict is open, and how a
//! protection ends. What a conflict leads to is decided in its case, not here.
//!
//! The sale is a machine of its own. What concerns it is possible in two states of the claim as long as the sale goes on:
//! what was won after its protection had expired was won all the same.

use async_graphql::Enum;
use entity::value::DealRegistrationState::{
    self as State, ActionRequired, Contested, Converted, Draft, Expired, InReview, Protected, Rejected, Released,
    Revoked, Submitted, Waitlisted, Withdrawn,
};

use crate::{
    kernel::graph::{Edge, edge},
    platform::auth::policy::Action,
};

/// What can be done with a deal registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum DealRegistrationAction {
    /// Change what it says: `updateDealRegistration`; `editableFields` says which parts.
    Update,
    /// Hand it in, or hand it back once what was asked is answered: `submitDealRegistration`.
    Submit,
    /// Add evidence: `addDealEvidence`.
    AddEvidence,
    /// Withdraw an item of evidence: `withdrawDealEvidence`.
    WithdrawEvidence,
    /// Take it back, or give its protection up: `withdrawDealRegistration`.
    Withdraw,
    /// Look at it closely: `takeDealRegistration`.
    Take,
    /// Ask the partner for more: `requestDealInformation`.
    RequestInformation,
    /// Dispute what was decided about it, once: `disputeDealDecision`.
    Dispute,
    /// Put it on the waiting list: `waitlistDealRegistration`.
    Waitlist,
    /// Grant protection: `approveDealRegistration`.
    Approve,
    /// Refuse it: `rejectDealRegistration`.
    Reject,
    /// Extend the protection: `extendDealProtection`.
    Extend,
    /// Say how the deal goes on: `reportDealProgress`.
    ReportProgress,
    /// Take the protection away: `revokeDealRegistration`.
    Revoke,
    /// Move the deal to a later stage: `advanceDealStage`.
    AdvanceStage,
    /// Record the order: `markDealWon`.
    MarkWon,
    /// Record the loss: `markDealLost`.
    MarkLost,
}

impl DealRegistrationAction {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Update,
        Self::Submit,
        Self::AddEvidence,
        Self::WithdrawEvidence,
        Self::Withdraw,
        Self::Take,
        Self::RequestInformation,
        Self::Dispute,
        Self::Waitlist,
        Self::Approve,
        Self::Reject,
        Self::Extend,
        Self::ReportProgress,
        Self::Revoke,
        Self::AdvanceStage,
        Self::MarkWon,
        Self::MarkLost,
    ];

    /// The verb that the caller must be allowed.
    #[must_use]
    pub const fn verb(self) -> Action {
        match self {
            Self::Submit => Action::RegisterDeal,
            Self::Dispute => Action::DisputeRegistration,
            Self::Update | Self::AddEvidence | Self::WithdrawEvidence | Self::Extend | Self::ReportProgress => {
                Action::UpdateRegistration
            }
            Self::Withdraw => Action::WithdrawRegistration,
            Self::Take | Self::RequestInformation | Self::Waitlist | Self::Approve | Self::Reject | Self::Revoke => {
                Action::DecideRegistration
            }
            Self::AdvanceStage | Self::MarkLost => Action::WorkDeal,
            Self::MarkWon => Action::WinDeal,
        }
    }
}

use DealRegistrationAction as Do;

/// The arrows. What is in no arrow is refused with `WRONG_STATE`.
pub const EDGES: &[Edge<State, DealRegistrationAction>] = &[
    edge(Draft, Do::Update, Draft),
    edge(Draft, Do::Submit, Submitted),
    edge(Draft, Do::Submit, InReview),
    edge(Draft, Do::Submit, Waitlisted),
    edge(Draft, Do::AddEvidence, Draft),
    edge(Draft, Do::WithdrawEvidence, Draft),
    edge(Draft, Do::Withdraw, Withdrawn),
    edge(Submitted, Do::AddEvidence, Submitted),
    edge(Submitted, Do::WithdrawEvidence, Submitted),
    edge(Submitted, Do::Withdraw, Withdrawn),
    edge(Submitted, Do::Take, InReview),
    edge(Submitted, Do::RequestInformation, ActionRequired),
    edge(Submitted, Do::Waitlist, Waitlisted),
    edge(Submitted, Do::Approve, Protected),
    edge(Submitted, Do::Reject, Rejected),
    edge(InReview, Do::AddEvidence, InReview),
    edge(InReview, Do::WithdrawEvidence, InReview),
    edge(InReview, Do::Withdraw, Withdrawn),
    edge(InReview, Do::Take, InReview),
    edge(InReview, Do::RequestInformation, ActionRequired),
    edge(InReview, Do::Dispute, Contested),
    edge(InReview, Do::Waitlist, Waitlisted),
    edge(InReview, Do::Approve, Protected),
    edge(InReview, Do::Reject, Rejected),
    edge(ActionRequired, Do::Update, ActionRequired),
    edge(ActionRequired, Do::Submit, InReview),
    edge(ActionRequired, Do::AddEvidence, ActionRequired),
    edge(ActionRequired, Do::WithdrawEvidence, ActionRequired),
    edge(ActionRequired, Do::Withdraw, Withdrawn),
    edge(ActionRequired, Do::Reject, Rejected),
    edge(Waitlisted, Do::AddEvidence, Waitlisted),
    edge(Waitlisted, Do::WithdrawEvidence, Waitlisted),
    edge(Waitlisted, Do::Withdraw, Withdrawn),
    edge(Waitlisted, Do::Dispute, Contested),
    edge(Waitlisted, Do::Approve, Protected),
    edge(Waitlisted, Do::Reject, Rejected),
    edge(Rejected, Do::Dispute, Contested),
    edge(Contested, Do::AddEvidence, Contested),
    edge(Protected, Do::Update, Protected),
    edge(Protected, Do::AddEvidence, Protected),
    edge(Protected, Do::Withdraw, Released),
    edge(Protected, Do::Extend, Protected),
    edge(Protected, Do::ReportProgress, Protected),
    edge(Protected, Do::Revoke, Revoked),
    edge(Protected, Do::AdvanceStage, Protected),
    edge(Protected, Do::MarkWon, Converted),
    edge(Protected, Do::MarkLost, Released),
    edge(Expired, Do::AdvanceStage, Expired),
    edge(Expired, Do::MarkWon, Expired),
    edge(Expired, Do::MarkLost, Expired),
];
