//! Whether a request may be claimed, a claim approved, a tranche paid; and when two invoices are the same.

use entity::value::{Currency, Day, MdfClaimState, MdfRequestState, MdfTrancheState};
use serde::Serialize;

use super::model::{Claim, Line, Tranche};
use crate::{
    kernel::{code::Code, decision::Decision, money::Money},
    mdf::{
        decided::wrong_state,
        disbursement::{self, Tranches},
    },
};

/// Issuer, number, date and amount in one text that is the same for the same invoice, however it is typed: case,
/// spaces, punctuation and width of letters do not count.
pub fn invoice_key(line: &Line, currency: Currency) -> String {
    let (issuer, number) = (plain(&line.issuer), plain(&line.number));
    format!("{issuer}|{number}|{}|{}|{currency}", line.issued_on, line.amount)
}

/// A text of which only letters and digits are left, without case.
pub fn plain(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let folded = text.nfkc().collect::<String>().to_lowercase();
    let kept: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    if kept.is_empty() { folded } else { kept }
}

/// What the decision about claiming sees.
#[derive(Serialize)]
pub struct SubmissionInputs {
    /// Where the request is.
    pub state: MdfRequestState,
    /// The day of the claim.
    pub today: Day,
    /// The activity's first day.
    pub starts_on: Day,
    /// The last day on which it may be claimed.
    pub claim_by: Day,
    /// The program's currency.
    pub currency: Currency,
    /// The currencies of the invoices.
    pub invoice_currencies: Vec<Currency>,
    /// The date of the latest invoice.
    pub latest_invoice: Option<Day>,
    /// How many proofs there are.
    pub proofs: usize,
}

/// Whether the request may be claimed. Its stored state is asked, so that each refusal has its own reason.
pub fn decide_submission(inputs: &SubmissionInputs) -> Decision {
    Decision::begin("mdf_claim.submit", 1, inputs)
        .step(
            "approved",
            inputs.state == MdfRequestState::Approved,
            Code::WrongState,
            wrong_state("request", inputs.state),
        )
        .step("begun", inputs.starts_on <= inputs.today, Code::WrongState, "The activity has begun.")
        .step(
            "in_time",
            inputs.today <= inputs.claim_by,
            Code::MdfClaimWindowClosed,
            format!("The activity may be claimed until {}.", inputs.claim_by),
        )
        .step("has_invoices", inputs.latest_invoice.is_some(), Code::Required, "There is at least one invoice.")
        .step("has_proofs", inputs.proofs > 0, Code::Required, "There is at least one proof of execution.")
        .step(
            "currency",
            inputs.invoice_currencies.iter().all(|currency| *currency == inputs.currency),
            Code::CurrencyMismatch,
            format!("All invoices are in the program's currency, {}.", inputs.currency),
        )
        .step(
            "dated",
            inputs.latest_invoice.is_none_or(|day| day <= inputs.today),
            Code::OutOfRange,
            "No invoice is of a day to come.",
        )
}

/// What the decision about approving sees.
#[derive(Serialize)]
pub struct ApprovalInputs {
    /// Where the claim is.
    pub state: MdfClaimState,
    /// The program's currency.
    pub currency: Currency,
    /// The sum of the invoices, in minor units.
    pub claimed_cost: i64,
    /// What of it is proven.
    pub accepted_cost: Money,
    /// The part of the cost that is reimbursed, in basis points.
    pub rate_bp: i64,
    /// What was approved and committed, in minor units.
    pub approved_amount: i64,
    /// The part that is paid for execution, in basis points.
    pub execution_bp: i64,
}

/// Whether a claim waits for a decision.
pub fn is_open(state: MdfClaimState) -> bool {
    state == MdfClaimState::Submitted
}

/// Whether the claim may be approved, and what becomes of the committed amount then.
pub fn decide_approval(inputs: &ApprovalInputs) -> (Decision, Option<Tranches>) {
    let cost = inputs.accepted_cost.minor_units;
    let proven = disbursement::reimbursable(cost, inputs.rate_bp).unwrap_or(0);
    let split = disbursement::tranches(inputs.approved_amount, inputs.execution_bp, proven);
    let arithmetic = split.map_or_else(String::new, |parts| {
        format!(
            "Of {} minor units approved {} are payable now and {} held back until results are measured, together at most the \
             reimbursable cost of {proven}; {} return to the allocation.",
            inputs.approved_amount, parts.execution, parts.performance, parts.released
        )
    });
    let decision = Decision::begin("mdf_claim.approve", 1, inputs)
        .step("open", is_open(inputs.state), Code::WrongState, wrong_state("claim", inputs.state))
        .step(
            "currency",
            inputs.accepted_cost.currency == inputs.currency,
            Code::CurrencyMismatch,
            format!("The cost is in the program's currency, {}.", inputs.currency),
        )
        .step(
            "within_claim",
            (1..=inputs.claimed_cost).contains(&cost),
            Code::OutOfRange,
            format!("At most the claimed cost of {} minor units is accepted.", inputs.claimed_cost),
        )
        .step("tranches", split.is_some() && proven > 0, Code::OutOfRange, arithmetic);
    (decision, split)
}

/// What the decision about paying sees.
#[derive(Serialize)]
pub struct PaymentInputs {
    /// Where the tranche is.
    pub state: MdfTrancheState,
    /// The first day on which it could be paid.
    pub payable_on: Option<Day>,
    /// The day on which it was paid.
    pub paid_on: Day,
    /// The day of the recording.
    pub today: Day,
}

/// Whether a tranche waits for its payment.
pub fn is_payable(tranche: &Tranche) -> bool {
    tranche.state == MdfTrancheState::Payable
}

/// Whether a claim has a tranche that waits for its payment.
pub fn has_payable(claim: &Claim) -> bool {
    claim.tranches.iter().any(is_payable)
}

/// Whether the payment may be recorded.
pub fn decide_payment(inputs: &PaymentInputs) -> Decision {
    let day = inputs.paid_on;
    Decision::begin("mdf_payment.record", 1, inputs)
        .step("not_paid", inputs.state != MdfTrancheState::Paid, Code::MdfAlreadyPaid, "The tranche is not paid yet.")
        .step(
            "payable",
            inputs.state == MdfTrancheState::Payable,
            Code::MdfTrancheNotPayable,
            format!("The tranche is {}: only a PAYABLE one is paid.", inputs.state),
        )
        .step(
            "day",
            day <= inputs.today && inputs.payable_on.is_none_or(|first| first <= day),
            Code::OutOfRange,
            "It was paid on or after the day on which it became payable, and not on a day to come.",
        )
}

/// The field of the input that a rule is about.
pub fn field_of(rule: &str) -> &'static str {
    match rule {
        "approved" | "begun" | "in_time" => "requestId",
        "has_invoices" | "dated" => "lines",
        "has_proofs" => "proofs",
        "open" => "claimId",
        "within_claim" | "tranches" => "acceptedCost",
        "not_paid" | "payable" => "trancheId",
        "day" => "paidOn",
        _ => "",
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
