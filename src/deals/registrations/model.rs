//! The words of deal registrations: the claim, its states, and what can be asked of it.

mod commands;
mod contest;
mod due;
mod lists;
mod offer;
mod terms;

use entity::value::{
    AccountId, Day, DealField, DealFields, DealRegistrationOutcome as Outcome, DealRegistrationState as State,
    DealRole, DealStage, EvidenceId, EvidenceKind, PartnerId, RegistrationId, SalesMotion, Timestamp, TypedId as _,
    UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use commands::{
    AccountChoice, Change, DealChanges, Explanation, Loss, Question, RegisterDeal, Rejection, Submit, Win,
};
pub use contest::{Contest, has_ended};
pub use due::{Deadline, Due};
pub use lists::{Long, RegistrationDoubt, RegistrationFilter, RegistrationOrder};
pub use offer::Offer;
pub use terms::{Credit, WonTerms};

pub use super::states::DealRegistrationAction;
use super::{
    rules::{evidence::EvidenceScore, policy::DealPolicy},
    states::EDGES,
};
use crate::{
    accounts::accounts::model::Customer,
    kernel::{code::Code, graph, money::Money},
    platform::{
        error::{AppError, AppResult},
        policies::InForce,
    },
};

/// A claim to protection, and the sale that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// Its id.
    pub id: RegistrationId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// The end customer; [`no_account`] of what never was handed in and describes its customer in words.
    pub account_id: AccountId,
    /// How a draft describes its customer: whether it has an account is looked for when the draft is handed in.
    #[serde(default)]
    pub draft_customer: Option<Customer>,
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
    /// When it was handed in; of what never was, when it was begun.
    pub submitted_at: Timestamp,
    /// By when it is to be decided. Stands still while the partner is asked.
    pub due_at: Timestamp,
    /// Who looks at it, and what the partner was asked.
    #[serde(default)]
    pub review: Review,
    /// How long it lives: its hold, its extensions, what was heard of it.
    #[serde(default)]
    pub life: Life,
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
    /// The terms of the order.
    #[serde(default)]
    pub terms: WonTerms,
    /// Who handed it in.
    pub created_by: Option<UserId>,
    /// Grows by one with each change.
    pub version: i64,
    /// What the deal sells, compared with what the customer has.
    #[serde(default)]
    pub sales_motion: SalesMotion,
    /// What stood before the conflict about it; none unless it is contested.
    #[serde(default)]
    pub contest: Option<Contest>,
    /// When its partner disputed the decision about it: each decision is disputed once.
    #[serde(default)]
    pub disputed_at: Option<Timestamp>,
}

/// How staff look at a registration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Who does.
    pub reviewer_id: Option<UserId>,
    /// What the partner was asked last.
    pub asked: Option<Asked>,
    /// What the partner answered, in words.
    pub answer: Option<String>,
    /// The business time that is left for the decision once the partner has answered, in microseconds; none unless it is
    /// asked.
    pub left: Option<i64>,
}

/// How long a registration lives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Life {
    /// Until when it is held while its evidence is completed; none once that is sufficient.
    pub hold_until: Option<Timestamp>,
    /// When something was last heard of it under protection.
    pub last_update_at: Option<Timestamp>,
    /// What, in words, where somebody said so.
    pub progress_note: Option<String>,
    /// When the sale moved to a later stage last.
    pub advanced_at: Option<Timestamp>,
    /// How often its protection was extended.
    pub extensions: i32,
    /// When it was extended last.
    pub extended_at: Option<Timestamp>,
}

/// What a partner is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The parts in question: only these can be changed before it is answered.
    pub fields: DealFields,
    /// The question, in words.
    pub message: String,
    /// When.
    pub at: Timestamp,
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
    /// When it was withdrawn: it stays on record, and counts no more.
    pub withdrawn_at: Option<Timestamp>,
}

impl Evidence {
    /// Whether it is there at an instant, and not withdrawn by then.
    #[must_use]
    pub fn counts_at(&self, at: Timestamp) -> bool {
        self.added_at <= at && self.withdrawn_at.is_none_or(|withdrawn_at| withdrawn_at > at)
    }
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

impl Registration {
    /// As it is at an instant: a protection whose term is over has expired, a hold that is over has ended, and a conflict
    /// that nobody decided in time gives back what stood before, whether or not that was written down yet.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        if let Some(until) = self.contest.as_ref().map(|contest| contest.until).filter(|until| *until <= now) {
            return self.given_back(until).as_of(now);
        }
        match (self.state, self.protected_until) {
            (State::Protected, Some(until)) if until <= now => {
                Self { state: State::Expired, outcome: Some(Outcome::TermEnded), ended_at: Some(until), ..self }
            }
            (State::Submitted | State::InReview, _) => match self.life.hold_until {
                Some(until) if until <= now => Self {
                    state: State::Rejected,
                    outcome: Some(Outcome::HoldEnded),
                    outcome_reason: Some(
                        "The evidence was not completed in time. Register the deal anew with it.".to_owned(),
                    ),
                    ended_at: Some(until),
                    ..self
                },
                _ => self,
            },
            _ => self,
        }
    }

    /// Once something was heard of it.
    #[must_use]
    pub fn heard_of(self, now: Timestamp) -> Self {
        if self.state != State::Protected {
            return self;
        }
        Self { life: Life { last_update_at: Some(now), ..self.life }, ..self }
    }

    /// When something was last heard of it; the beginning of its protection when nothing was since.
    #[must_use]
    pub fn active_at(&self) -> Option<Timestamp> {
        self.protected_from.max(self.life.last_update_at)
    }

    /// Whether something can be done with it in its state, by somebody who may.
    #[must_use]
    pub fn allows(&self, action: DealRegistrationAction) -> bool {
        use DealRegistrationAction::{AddEvidence, AdvanceStage, Dispute, MarkLost, MarkWon, WithdrawEvidence};
        graph::allows(EDGES, &self.state, &action)
            && match action {
                AdvanceStage => self.deal_is_open() && self.deal_stage != DealStage::Committed,
                MarkWon | MarkLost => self.deal_is_open(),
                AddEvidence | WithdrawEvidence => self.can_edit(DealField::Evidence),
                Dispute => self.is_disputable(),
                _ => true,
            }
    }

    /// Which of its parts its partner may change in its state.
    #[must_use]
    pub fn editable(&self) -> Vec<DealField> {
        use DealField::{Account, Amount, CustomerContact, Evidence, ExpectedCloseOn, Need, PartnerRole, ProductLines};
        match self.state {
            State::Draft => {
                vec![Account, ProductLines, Amount, ExpectedCloseOn, CustomerContact, PartnerRole, Need, Evidence]
            }
            State::ActionRequired => self.review.asked.iter().flat_map(|asked| asked.fields.iter()).collect(),
            State::Submitted | State::InReview | State::Waitlisted | State::Contested => vec![Evidence],
            State::Protected => vec![Amount, ExpectedCloseOn, CustomerContact, Evidence],
            State::Rejected
            | State::Withdrawn
            | State::Converted
            | State::Expired
            | State::Released
            | State::Revoked => Vec::new(),
        }
    }

    /// Whether its partner may change a part in its state.
    #[must_use]
    pub fn can_edit(&self, field: DealField) -> bool {
        self.editable().contains(&field)
    }

    /// Nothing when it can be done.
    ///
    /// # Errors
    /// `WRONG_STATE`; `FIELD_NOT_EDITABLE` for evidence that was not asked about.
    pub fn require(&self, action: DealRegistrationAction) -> AppResult<()> {
        use DealRegistrationAction::{AddEvidence, WithdrawEvidence};
        if self.allows(action) {
            return Ok(());
        }
        if matches!(action, AddEvidence | WithdrawEvidence) && graph::allows(EDGES, &self.state, &action) {
            let sentence =
                "Evidence was not asked about. Answer what was, with `submitDealRegistration`, and go on then.";
            return Err(AppError::invalid("evidence", Code::FieldNotEditable, sentence));
        }
        if action == DealRegistrationAction::Dispute && self.was_disputed() {
            return Err(contest::disputed_before());
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
            State::Submitted | State::InReview => {
                Some(self.life.hold_until.map_or(self.due_at, |until| until.min(self.due_at)))
            }
            State::Protected => self.protected_until,
            State::Contested => self.contest.as_ref().map(|contest| contest.until),
            State::Draft
            | State::ActionRequired
            | State::Waitlisted
            | State::Rejected
            | State::Withdrawn
            | State::Converted
            | State::Expired
            | State::Released
            | State::Revoked => None,
        }
    }

    /// Its account; none while it only describes its customer.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        Some(self.account_id).filter(|id| *id != no_account())
    }

    /// With evidence that is worth so much now. The place in the queue is kept while the evidence is sufficient, lost when
    /// it is not any more, and never moved to an earlier instant; a lost place is held for a while. A draft has none.
    #[must_use]
    pub fn reckoned(&self, score: EvidenceScore, policy: &InForce<DealPolicy>, now: Timestamp) -> Self {
        let handed_in = self.state != State::Draft;
        let qualified_at = (handed_in && score.sufficient).then(|| self.qualified_at.unwrap_or(now));
        let queues = matches!(self.state, State::Submitted | State::InReview | State::ActionRequired);
        let hold_until = match (qualified_at, self.qualified_at) {
            (Some(_), _) => None,
            (None, Some(_)) if queues => Some(policy.policy.life.hold_end(now)),
            (None, _) => self.life.hold_until,
        };
        let life = Life { hold_until, ..self.life.clone() };
        Self { qualified_at, evidence_score: score, policy_version: policy.version, life, ..self.clone() }
    }

    /// The next version of it.
    #[must_use]
    pub fn changed(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }

    /// Protected for a term.
    #[must_use]
    pub fn protected(&self, from: Timestamp, until: Timestamp) -> Self {
        let (protected_from, protected_until) = (Some(from), Some(until));
        Self { state: State::Protected, protected_from, protected_until, contest: None, ..self.changed() }
    }

    /// Ended. What ended before stays as it ended.
    #[must_use]
    pub fn ended(&self, state: State, outcome: Outcome, reason: Option<String>, now: Timestamp) -> Self {
        if self.ended_at.is_some() {
            return self.changed();
        }
        let (outcome, ended_at) = (Some(outcome), Some(now));
        Self { state, outcome, outcome_reason: reason, ended_at, contest: None, ..self.changed() }
    }
}

/// The place of an account where there is none.
#[must_use]
pub fn no_account() -> AccountId {
    AccountId::from_uuid(Uuid::nil())
}
