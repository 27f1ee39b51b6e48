//! The words of requests.

use entity::value::{
    Currency, Day, MdfActivityType, MdfProgramId, MdfRequestId, MdfRequestState, PartnerId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{decision::Receipt, money::Money},
    mdf::calendar,
};

/// What qualifies as success, fixed before approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeContract {
    /// What counts as a qualified lead.
    pub qualified_lead_definition: String,
    /// How many of them.
    pub target_leads: i64,
    /// How much pipeline, in minor units of the program's currency.
    pub target_pipeline: i64,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Its id.
    pub id: MdfRequestId,
    /// The program.
    pub program_id: MdfProgramId,
    /// The partner.
    pub partner_id: PartnerId,
    /// As stored; [`Request::state_on`] is what holds on a day.
    pub state: MdfRequestState,
    /// The kind of activity.
    pub activity_type: MdfActivityType,
    /// What it is called.
    pub title: String,
    /// Whom it is for.
    pub audience: String,
    /// Its first day.
    pub starts_on: Day,
    /// Its last day.
    pub ends_on: Day,
    /// The program's currency.
    pub currency: Currency,
    /// The part of the cost that is reimbursed, in basis points, as it was when it was requested.
    pub rate_bp: i64,
    /// The planned cost, in minor units.
    pub planned_cost: i64,
    /// What was asked for, in minor units.
    pub requested_amount: i64,
    /// What was approved, in minor units.
    pub approved_amount: Option<i64>,
    /// What qualifies as success.
    pub contract: OutcomeContract,
    /// The last day on which it may be claimed.
    pub claim_by: Day,
    /// The day on which the measurement window closes.
    pub measured_by: Day,
    /// Who asked.
    pub requested_by: Option<UserId>,
    /// When.
    pub requested_at: Timestamp,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What they said about it.
    pub decision_reason: Option<String>,
    /// Grows by one with each change.
    pub version: i64,
}

impl Request {
    /// A request as it is asked for; what the program adds to it is not filled in.
    #[must_use]
    pub fn submitted(new: NewRequest, partner_id: PartnerId, id: MdfRequestId, now: Timestamp) -> Self {
        Self {
            id,
            program_id: new.program_id,
            partner_id,
            state: MdfRequestState::Submitted,
            activity_type: new.activity_type,
            title: new.title,
            audience: new.audience,
            starts_on: new.starts_on,
            ends_on: new.ends_on,
            currency: new.requested_amount.currency,
            rate_bp: 0,
            planned_cost: new.planned_cost.minor_units,
            requested_amount: new.requested_amount.minor_units,
            approved_amount: None,
            contract: OutcomeContract {
                qualified_lead_definition: new.qualified_lead_definition,
                target_leads: new.target_leads,
                target_pipeline: new.target_pipeline.minor_units,
            },
            claim_by: new.ends_on,
            measured_by: new.ends_on,
            requested_by: None,
            requested_at: now,
            decided_by: None,
            decided_at: None,
            decision_reason: None,
            version: 1,
        }
    }

    /// Where it is on a day: an approved activity begins and expires by the clock.
    #[must_use]
    pub fn state_on(&self, today: Day) -> MdfRequestState {
        match self.state {
            MdfRequestState::Approved if today > self.claim_by => MdfRequestState::Expired,
            MdfRequestState::Approved if today >= self.starts_on => MdfRequestState::InExecution,
            state => state,
        }
    }

    /// What is committed to it and not claimed yet, in minor units.
    #[must_use]
    pub fn committed(&self) -> Option<i64> {
        let approved = matches!(self.state, MdfRequestState::Approved | MdfRequestState::InExecution);
        self.approved_amount.filter(|_| approved)
    }

    /// The next instant at which a deadline passes: a decision must come before the activity begins, a claim in time.
    #[must_use]
    pub fn next_deadline_at(&self, now: Timestamp) -> Option<Timestamp> {
        let deadline = match self.state_on(calendar::day_of(now)) {
            MdfRequestState::Submitted => calendar::end_of(self.starts_on),
            MdfRequestState::Approved | MdfRequestState::InExecution => calendar::end_of(self.claim_by),
            _ => return None,
        };
        (now < deadline).then_some(deadline)
    }
}

/// A request with the receipt of the decision about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Decided {
    /// The request.
    pub request: Request,
    /// Why.
    pub receipt: Receipt,
}

/// Funds are requested.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// The program.
    pub program_id: MdfProgramId,
    /// The kind of activity.
    pub activity_type: MdfActivityType,
    /// What it is called.
    pub title: String,
    /// Whom it is for.
    pub audience: String,
    /// Its first day.
    pub starts_on: Day,
    /// Its last day.
    pub ends_on: Day,
    /// The planned cost.
    pub planned_cost: Money,
    /// What is asked for.
    pub requested_amount: Money,
    /// What counts as a qualified lead.
    pub qualified_lead_definition: String,
    /// How many of them.
    pub target_leads: i64,
    /// How much pipeline.
    pub target_pipeline: Money,
}

/// A request is approved.
#[derive(Clone, Debug)]
pub struct Approve {
    /// The request.
    pub id: MdfRequestId,
    /// A lower amount than the one asked for.
    pub amount: Option<Money>,
    /// The version that the decision is based on.
    pub expected_version: Option<i64>,
}

/// A request is rejected.
#[derive(Clone, Debug)]
pub struct Reject {
    /// The request.
    pub id: MdfRequestId,
    /// Why: the partner reads it.
    pub reason: String,
    /// The version that the decision is based on.
    pub expected_version: Option<i64>,
}

/// Which requests a list shows. What is empty excludes nothing.
#[derive(Clone, Debug, Default)]
pub struct RequestFilter {
    /// In one of these states.
    pub states: Vec<MdfRequestState>,
    /// Of one of these types.
    pub activity_types: Vec<MdfActivityType>,
    /// Of this program.
    pub program_id: Option<MdfProgramId>,
    /// Of this partner.
    pub partner_id: Option<PartnerId>,
}

/// What a list of requests is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestOrder {
    /// When they were made.
    Created,
    /// When their activities begin.
    StartsOn,
}

/// What somebody can do with a request now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Approve it.
    pub approve: bool,
    /// Reject it.
    pub reject: bool,
    /// Claim it.
    pub claim: bool,
}
