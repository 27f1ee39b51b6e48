//! Whether funds may be requested, and whether a request may be approved or rejected.

use entity::value::{Currency, Day, MdfActivityType, MdfRequestState, PartnerState};
use serde::Serialize;

use crate::{
    kernel::{code::Code, decision::Decision, money::Money},
    mdf::{
        decided::wrong_state,
        disbursement,
        programs::model::{ActivityRule, Program},
        requests::model::Request,
    },
};

/// What the decision about asking sees.
#[derive(Serialize)]
pub struct RequestInputs {
    /// Where the partner is in its life with the vendor.
    pub partner_state: PartnerState,
    /// The day of the request.
    pub today: Day,
    /// The program's period: first day.
    pub program_starts_on: Day,
    /// The program's period: last day.
    pub program_ends_on: Day,
    /// The program's currency.
    pub currency: Currency,
    /// The kind of activity.
    pub activity_type: MdfActivityType,
    /// What the program reimburses of it; none when it is not eligible.
    pub activity_rule: Option<ActivityRule>,
    /// The activity's first day.
    pub starts_on: Day,
    /// The activity's last day.
    pub ends_on: Day,
    /// The planned cost.
    pub planned_cost: Money,
    /// What is asked for.
    pub requested_amount: Money,
    /// How many leads are promised.
    pub target_leads: i64,
    /// How much pipeline is promised.
    pub target_pipeline: Money,
}

fn starts_nothing_new(state: PartnerState) -> bool {
    !matches!(state, PartnerState::Onboarding | PartnerState::Active)
}

/// What a program reimburses of a kind of activity: BRAND_ONLY never, whatever the program says.
pub fn rule_for(program: &Program, activity_type: MdfActivityType) -> Option<ActivityRule> {
    program.rule_for(activity_type).filter(|_| activity_type != MdfActivityType::BrandOnly)
}

/// Whether the funds may be requested.
pub fn decide_request(inputs: &RequestInputs) -> Decision {
    let RequestInputs { currency, activity_rule, .. } = inputs;
    let in_currency = [inputs.planned_cost, inputs.requested_amount, inputs.target_pipeline]
        .iter()
        .all(|amount| amount.currency == *currency);
    let decision = Decision::begin("mdf_request.request", 1, inputs)
        .step(
            "partner_active",
            !starts_nothing_new(inputs.partner_state),
            Code::PartnerNotActive,
            "Your company is active or onboarding.",
        )
        .step(
            "eligible",
            activity_rule.is_some(),
            Code::MdfActivityNotEligible,
            "The program reimburses this type of activity; the program's `activityTypes` lists them.",
        )
        .step(
            "currency",
            in_currency,
            Code::CurrencyMismatch,
            format!("All amounts are in the program's currency, {currency}."),
        )
        .step(
            "dates",
            inputs.starts_on <= inputs.ends_on,
            Code::OutOfRange,
            "The activity ends on or after the day on which it starts.",
        )
        .step(
            "not_retroactive",
            inputs.starts_on >= inputs.today,
            Code::MdfActivityStarted,
            "The activity starts today or later: nothing is reimbursed after the fact.",
        )
        .step(
            "within_period",
            inputs.program_starts_on <= inputs.starts_on && inputs.ends_on <= inputs.program_ends_on,
            Code::OutOfRange,
            "The activity lies within the program's period.",
        );
    decide_amounts(decision, inputs)
}

/// Whether the figures of a request are within what the program allows.
fn decide_amounts(decision: Decision, inputs: &RequestInputs) -> Decision {
    let rate_bp = inputs.activity_rule.map_or(0, |rule| rule.rate_bp);
    let cap = inputs.activity_rule.map_or(0, |rule| rule.cap);
    let most = disbursement::reimbursable(inputs.planned_cost.minor_units, rate_bp).unwrap_or(0);
    let amount = inputs.requested_amount.minor_units;
    decision
        .step(
            "within_rate",
            amount <= most,
            Code::OutOfRange,
            format!("At {rate_bp} basis points of the planned cost at most {most} minor units are reimbursed."),
        )
        .step(
            "within_cap",
            amount <= cap,
            Code::OutOfRange,
            format!("At most {cap} minor units are reimbursed for one activity of this type."),
        )
        .step(
            "targets",
            (1..=1_000_000).contains(&inputs.target_leads),
            Code::OutOfRange,
            "The target is from 1 to 1,000,000 qualified leads.",
        )
}

/// What the decision about approving sees.
#[derive(Serialize)]
pub struct ApprovalInputs {
    /// Where the request is.
    pub state: MdfRequestState,
    /// Where the partner is in its life with the vendor.
    pub partner_state: PartnerState,
    /// The day of the decision.
    pub today: Day,
    /// The activity's first day.
    pub starts_on: Day,
    /// The program's currency.
    pub currency: Currency,
    /// What was asked for, in minor units.
    pub requested_amount: i64,
    /// What is to be approved.
    pub amount: Money,
    /// What the partner has free in the program, in minor units.
    pub available: i64,
}

/// Whether a request waits for a decision.
pub fn is_open(state: MdfRequestState) -> bool {
    state == MdfRequestState::Submitted
}

/// Whether a request waits for a decision and can still be approved.
pub fn can_be_approved(request: &Request, today: Day) -> bool {
    is_open(request.state) && request.starts_on >= today
}

/// Whether an approved request can be claimed: its activity has begun, and the deadline has not passed.
pub fn can_be_claimed(request: &Request, today: Day) -> bool {
    request.state_on(today) == MdfRequestState::InExecution
}

/// Whether the request may be approved.
pub fn decide_approval(inputs: &ApprovalInputs) -> Decision {
    let amount = inputs.amount.minor_units;
    Decision::begin("mdf_request.approve", 1, inputs)
        .step("open", is_open(inputs.state), Code::WrongState, wrong_state("request", inputs.state))
        .step(
            "partner_active",
            !starts_nothing_new(inputs.partner_state),
            Code::PartnerNotActive,
            "The partner is active or onboarding.",
        )
        .step(
            "not_started",
            inputs.starts_on >= inputs.today,
            Code::MdfActivityStarted,
            "The activity begins today or later: nothing is reimbursed after the fact.",
        )
        .step(
            "currency",
            inputs.amount.currency == inputs.currency,
            Code::CurrencyMismatch,
            format!("The amount is in the program's currency, {}.", inputs.currency),
        )
        .step(
            "within_request",
            (1..=inputs.requested_amount).contains(&amount),
            Code::OutOfRange,
            format!("At most the {} minor units that were asked for are approved.", inputs.requested_amount),
        )
        .step(
            "funds",
            amount <= inputs.available,
            Code::MdfFundsInsufficient,
            format!("The partner has {} minor units free in the program.", inputs.available),
        )
}

/// Whether the request may be rejected.
pub fn decide_rejection(state: MdfRequestState) -> Decision {
    Decision::begin("mdf_request.reject", 1, &state).step(
        "open",
        is_open(state),
        Code::WrongState,
        wrong_state("request", state),
    )
}

/// The field of the input that a rule is about.
pub fn field_of(rule: &str) -> &'static str {
    match rule {
        "eligible" => "activityType",
        "dates" | "within_period" => "endsOn",
        "not_retroactive" => "startsOn",
        "within_rate" | "within_cap" => "requestedAmount",
        "targets" => "targetLeads",
        "currency" | "within_request" | "funds" => "amount",
        "open" | "not_started" => "requestId",
        _ => "",
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
