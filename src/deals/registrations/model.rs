//! The words of deal registrations: the claim, its states, and what can be asked of it.

use async_graphql::Enum;
use entity::value::{
    AccountId, Day, DealRegistrationOutcome as Outcome, DealRegistrationState as State, DealRole, DealStage,
    EvidenceId, EvidenceKind, PartnerId, ProductLineId, RegistrationId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use super::rules::evidence::EvidenceScore;
use crate::{
    accounts::accounts::model::Customer,
    kernel::{code::Code, money::Money},
    platform::{
        auth::policy::Action,
        error::{AppError, AppResult},
    },
};

/// A claim to protection, and the sale that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// Its id.
    pub id: RegistrationId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// The end customer.
    pub account_id: AccountId,
    /// The expected amount.
    pub amount: Money,
    /// When the customer is expected to decide.
    pub expected_close_on: Day,
    /// Whom the partner speaks with at the customer.
    pub contact: Contact,
    /// What the partner does in the deal.
    pub partner_role: DealRole,
    /// What the customer needs; empty when it was not described.
    pub need: String,
    /// What the evidence is worth, as it was reckoned when it last changed.
    pub evidence_score: EvidenceScore,
    /// The version of the policy that it was reckoned under.
    pub policy_version: i32,
    /// Where the claim is.
    pub state: State,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Why, in words for the partner.
    pub outcome_reason: Option<String>,
    /// Where the sale is.
    pub deal_stage: DealStage,
    /// When it was handed in.
    pub submitted_at: Timestamp,
    /// By when it is to be decided.
    pub due_at: Timestamp,
    /// When the evidence became sufficient.
    pub qualified_at: Option<Timestamp>,
    /// When the protection began.
    pub protected_from: Option<Timestamp>,
    /// At which instant the protection ends.
    pub protected_until: Option<Timestamp>,
    /// When the claim ended.
    pub ended_at: Option<Timestamp>,
    /// The amount that was won.
    pub won_amount: Option<Money>,
    /// The day of the order, or of the loss.
    pub closed_on: Option<Day>,
    /// Who handed it in.
    pub created_by: Option<UserId>,
    /// Grows by one with each change.
    pub version: i64,
}

/// Whom the partner speaks with at the customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// An item of qualification evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// The registration that it belongs to.
    pub registration_id: RegistrationId,
    /// What it says.
    pub item: NewEvidence,
    /// When it was added.
    pub added_at: Timestamp,
}

/// What an item of evidence says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NewEvidence {
    /// What it shows.
    pub kind: EvidenceKind,
    /// When it took place.
    pub occurred_at: Option<Timestamp>,
    /// In words.
    pub description: String,
    /// Where the proof is: a reference, a link, a quotation.
    pub proof: Option<String>,
}

/// How a registration names its account.
#[derive(Clone, Debug)]
pub enum AccountChoice {
    /// By the id of one that the caller sees.
    Id(AccountId),
    /// By what it is called: found in any spelling, or created.
    Details(Customer),
}

/// A deal about to be registered.
#[derive(Clone, Debug)]
pub struct RegisterDeal {
    /// For whom, when the product itself registers it; a partner's people register for their own company.
    pub partner_id: Option<PartnerId>,
    /// The end customer.
    pub account: AccountChoice,
    /// The product lines, each once, sorted.
    pub product_line_ids: Vec<ProductLineId>,
    /// The expected amount.
    pub amount: Money,
    /// When the customer is expected to decide.
    pub expected_close_on: Day,
    /// Whom the partner speaks with at the customer.
    pub contact: Contact,
    /// What the partner does in the deal.
    pub partner_role: DealRole,
    /// What the customer needs; empty when it is not described.
    pub need: String,
    /// The evidence so far.
    pub evidence: Vec<NewEvidence>,
    /// Whether to queue when the account is not available.
    pub join_waitlist: bool,
}

/// A change of one registration.
#[derive(Clone, Debug)]
pub struct Change<T> {
    /// Which one.
    pub id: RegistrationId,
    /// The version that the caller has seen.
    pub expected_version: Option<i64>,
    /// What changes.
    pub what: T,
}

/// Why ops refuse a registration.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The code.
    pub outcome: Outcome,
    /// In words for the partner.
    pub reason: String,
}

/// The order is there.
#[derive(Clone, Debug)]
pub struct Win {
    /// The amount; as registered when absent.
    pub amount: Option<Money>,
    /// The day of the order; today when absent.
    pub closed_on: Option<Day>,
}

/// The customer decided otherwise.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Why, in words.
    pub reason: String,
    /// The day of the loss; today when absent.
    pub closed_on: Option<Day>,
}

/// What can be done with a deal registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum DealRegistrationAction {
    /// Add evidence: `addDealEvidence`.
    AddEvidence,
    /// Take it back, or give its protection up: `withdrawDealRegistration`.
    Withdraw,
    /// Grant protection: `approveDealRegistration`.
    Approve,
    /// Refuse it: `rejectDealRegistration`.
    Reject,
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
        Self::AddEvidence,
        Self::Withdraw,
        Self::Approve,
        Self::Reject,
        Self::AdvanceStage,
        Self::MarkWon,
        Self::MarkLost,
    ];

    /// The verb that the caller must be allowed.
    #[must_use]
    pub const fn verb(self) -> Action {
        match self {
            Self::AddEvidence => Action::UpdateRegistration,
            Self::Withdraw => Action::WithdrawRegistration,
            Self::Approve | Self::Reject => Action::DecideRegistration,
            Self::AdvanceStage | Self::MarkLost => Action::WorkDeal,
            Self::MarkWon => Action::WinDeal,
        }
    }
}

impl Registration {
    /// As it is at an instant: a protection whose term is over has expired, whether or not that was written down yet.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        match (self.state, self.protected_until) {
            (State::Protected, Some(until)) if until <= now => {
                Self { state: State::Expired, outcome: Some(Outcome::TermEnded), ended_at: Some(until), ..self }
            }
            _ => self,
        }
    }

    /// Whether something can be done with it in its state, by somebody who may.
    #[must_use]
    pub fn allows(&self, action: DealRegistrationAction) -> bool {
        use DealRegistrationAction::{AddEvidence, AdvanceStage, Approve, MarkLost, MarkWon, Reject, Withdraw};
        let undecided = matches!(self.state, State::Submitted | State::InReview | State::Waitlisted);
        let waits_for_partner = matches!(self.state, State::Draft | State::ActionRequired);
        let being_sold = matches!(self.state, State::Protected | State::Expired) && self.deal_is_open();
        match action {
            AddEvidence | Withdraw => undecided || waits_for_partner || self.state == State::Protected,
            Approve => undecided,
            Reject => undecided || self.state == State::ActionRequired,
            AdvanceStage => being_sold && self.deal_stage != DealStage::Committed,
            MarkWon | MarkLost => being_sold,
        }
    }

    /// Nothing when it can be done.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require(&self, action: DealRegistrationAction) -> AppResult<()> {
        if self.allows(action) {
            return Ok(());
        }
        let sentence = format!(
            "The registration is {} and its deal {}; `allowedActions` says what can be done.",
            self.state, self.deal_stage
        );
        Err(AppError::refused(Code::WrongState, sentence))
    }

    /// Nothing when the caller has seen this version, or does not say which.
    ///
    /// # Errors
    /// `VERSION_CONFLICT`.
    pub fn expect_version(&self, expected: Option<i64>) -> AppResult<()> {
        match expected {
            Some(expected) if expected != self.version => Err(AppError::version_conflict(self.version)),
            _ => Ok(()),
        }
    }

    /// Whether the sale goes on.
    #[must_use]
    pub const fn deal_is_open(&self) -> bool {
        !matches!(self.deal_stage, DealStage::Won | DealStage::Lost)
    }

    /// The next instant at which something is due or ends.
    #[must_use]
    pub fn next_deadline_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Submitted | State::InReview => Some(self.due_at),
            State::Protected => self.protected_until,
            State::Draft
            | State::ActionRequired
            | State::Contested
            | State::Waitlisted
            | State::Rejected
            | State::Withdrawn
            | State::Converted
            | State::Expired
            | State::Released
            | State::Revoked => None,
        }
    }

    /// The next version of it.
    #[must_use]
    pub fn changed(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }

    /// Protected for a term.
    #[must_use]
    pub fn protected(&self, from: Timestamp, until: Timestamp) -> Self {
        Self { state: State::Protected, protected_from: Some(from), protected_until: Some(until), ..self.changed() }
    }

    /// Ended. What ended before stays as it ended.
    #[must_use]
    pub fn ended(&self, state: State, outcome: Outcome, reason: Option<String>, now: Timestamp) -> Self {
        if self.ended_at.is_some() {
            return self.changed();
        }
        Self { state, outcome: Some(outcome), outcome_reason: reason, ended_at: Some(now), ..self.changed() }
    }
}

/// Whether a list reads what is long and seldom asked for: contact, need, the parts of the evidence score, reasons.
/// Left, they are empty in its registrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Long {
    /// They are read.
    Read,
    /// They are left out.
    Left,
}

/// Which registrations a list shows.
#[derive(Clone, Debug, Default)]
pub struct RegistrationFilter {
    /// In one of these states, as of now.
    pub states: Vec<State>,
    /// With the sale at one of these stages.
    pub deal_stages: Vec<DealStage>,
    /// Of this partner.
    pub partner_id: Option<PartnerId>,
    /// On this account.
    pub account_id: Option<AccountId>,
}

/// What a list of registrations is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationOrder {
    /// By creation.
    Created,
    /// By the instant at which the evidence became sufficient; others are left out.
    Qualified,
    /// By the instant at which protection ends; others are left out.
    ProtectedUntil,
}
