//! Use cases of claims.

use entity::value::{
    MdfAccount, MdfClaimId, MdfClaimState, MdfPostingKind, MdfRequestState, MdfTrancheKind, MdfTrancheState,
    PartnerState,
};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Allowed, Approve, Claim, ClaimFilter, Decided, Line, Pay, Payment, Submit, Tranche},
    rules, store,
};
use crate::{
    kernel::{event::DomainEvent, money::Money},
    mdf::{
        allocations, calendar, decided,
        disbursement::Tranches,
        ledger::{self, model::Move, model::Posting},
        programs,
        requests::{self, model::Request},
    },
    onboarding::partners,
    people::second_factors,
    platform::{
        audit,
        auth::policy::{Action, Target},
        call::Call,
        error::{AppError, AppResult},
        events,
        graphql::page::{Page, Rows},
        receipts,
    },
};

/// Claims an approved request of the caller's own partner.
///
/// # Errors
/// `MDF_CLAIM_WINDOW_CLOSED`, `MDF_INVOICE_CLAIMED`, or another refusal of [`rules::decide_submission`].
pub async fn submit(call: Call, command: Submit) -> AppResult<Claim> {
    call.may(Action::ClaimMdf)?;
    call.once(async |txn| {
        let found = requests::find_for_update(txn, &call, command.request_id).await?;
        let request = found.ok_or_else(|| AppError::not_found("requestId"))?;
        decided::expect_version(command.expected_version, request.version)?;
        let now = call.now();
        let inputs = rules::SubmissionInputs {
            state: request.state,
            today: calendar::day_of(now),
            starts_on: request.starts_on,
            claim_by: request.claim_by,
            currency: request.currency,
            invoice_currencies: command.lines.iter().map(|(_, currency)| *currency).collect(),
            latest_invoice: command.lines.iter().map(|(line, _)| line.issued_on).max(),
            proofs: command.proofs.len(),
        };
        let receipt = decided::granted(rules::decide_submission(&inputs), rules::field_of)?;
        let lines: Vec<Line> = command.lines.iter().map(|(line, _)| line.clone()).collect();
        let claim = Claim {
            id: call.new_id(),
            request_id: request.id,
            program_id: request.program_id,
            partner_id: request.partner_id,
            state: MdfClaimState::Submitted,
            currency: request.currency,
            claimed_cost: lines.iter().fold(0, |sum: i64, line| sum.saturating_add(line.amount)),
            lines,
            proofs: command.proofs.clone(),
            actual_results: command.actual_results.clone(),
            accepted_cost: None,
            tranches: Vec::new(),
            submitted_by: call.responsible(),
            submitted_at: now,
            decided_by: None,
            decided_at: None,
            version: 1,
        };
        store::insert(txn, &claim).await?;
        requests::advance(txn, &call, Action::ClaimMdf, request, MdfRequestState::Claimed).await?;
        receipts::save(txn, &call, claim.id.to_string(), Some(claim.partner_id), &receipt).await?;
        record(txn, &call, Action::ClaimMdf, None, &claim).await?;
        Ok(claim)
    })
    .await
}

/// Approves a claim: the execution tranche becomes payable, the performance tranche is held back, and what is left of
/// the committed amount returns to the allocation.
///
/// # Errors
/// `FOUR_EYES`, `VERSION_CONFLICT`, or another refusal of [`rules::decide_approval`].
pub async fn approve(call: Call, command: Approve) -> AppResult<Decided> {
    call.may(Action::DecideMdf)?;
    call.once(async |txn| {
        second_factors::expect_second_factor(txn, &call).await?;
        let found = store::find_for_update(txn, call.scope(), command.id).await?;
        let before = found.ok_or_else(|| AppError::not_found("claimId"))?;
        let request = request_of(txn, &call, &before).await?;
        call.may_on(Action::DecideMdf, &Target::touched_by([before.submitted_by, request.requested_by]))?;
        decided::expect_version(command.expected_version, before.version)?;
        let program = programs::find(txn, before.program_id).await?;
        let program = program.ok_or_else(|| AppError::internal("a claim without a program"))?;
        let all = Money { minor_units: before.claimed_cost, currency: before.currency };
        let inputs = rules::ApprovalInputs {
            state: before.state,
            currency: before.currency,
            claimed_cost: before.claimed_cost,
            accepted_cost: command.accepted_cost.unwrap_or(all),
            rate_bp: request.rate_bp,
            approved_amount: request.approved_amount.unwrap_or(0),
            execution_bp: program.execution_bp,
        };
        let (decision, parts) = rules::decide_approval(&inputs);
        let receipt = decided::granted(decision, rules::field_of)?;
        let parts = parts.ok_or_else(|| AppError::internal("an approval without amounts"))?;
        let after = Claim {
            state: MdfClaimState::Approved,
            accepted_cost: Some(inputs.accepted_cost.minor_units),
            tranches: tranches(&call, parts),
            decided_by: call.user_id(),
            decided_at: Some(call.now()),
            version: before.version.saturating_add(1),
            ..before.clone()
        };
        ledger::post(txn, &call, approval_posting(&after, parts)).await?;
        store::update(txn, &before, &after).await?;
        store::insert_tranches(txn, &after).await?;
        receipts::save(txn, &call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
        record(txn, &call, Action::DecideMdf, Some(&before), &after).await?;
        // What was claimed goes on after a partner's end, and what is left of it is the program's.
        if partners::facts(txn, after.partner_id).await?.state == PartnerState::Terminated {
            let cause = Some(after.id);
            allocations::return_of_terminated(txn, &call, Action::DecideMdf, after.partner_id, cause).await?;
        }
        let event = DomainEvent::MdfClaimApproved { partner_id: after.partner_id, claim_id: after.id };
        events::publish(txn, &call, event).await?;
        Ok(Decided { claim: after, receipt })
    })
    .await
}

fn tranches(call: &Call, parts: Tranches) -> Vec<Tranche> {
    let (now, payable, held) = (call.now(), MdfTrancheState::Payable, MdfTrancheState::HeldBack);
    [
        (MdfTrancheKind::Execution, parts.execution, payable, Some(now)),
        (MdfTrancheKind::Performance, parts.performance, held, None),
    ]
    .into_iter()
    .filter(|(_, amount, _, _)| *amount > 0)
    .map(|(kind, amount, state, payable_at)| Tranche {
        id: call.new_id(),
        kind,
        amount,
        state,
        payable_at,
        paid_at: None,
        payment: None,
    })
    .collect()
}

fn approval_posting(claim: &Claim, parts: Tranches) -> Posting {
    let from = MdfAccount::Committed;
    let moves = [
        (MdfAccount::Payable, parts.execution),
        (MdfAccount::HeldBack, parts.performance),
        (MdfAccount::Allocated, parts.released),
    ];
    Posting {
        program_id: claim.program_id,
        partner_id: Some(claim.partner_id),
        kind: MdfPostingKind::ClaimApproved,
        cause: claim.id.to_string(),
        moves: moves.into_iter().map(|(to, amount)| Move { from, to, amount }).collect(),
    }
}

/// Records that finance paid a payable tranche.
///
/// # Errors
/// `FOUR_EYES`, `MDF_ALREADY_PAID`, `MDF_PAYMENT_REFERENCE_USED`, or another refusal of [`rules::decide_payment`].
pub async fn pay(call: Call, command: Pay) -> AppResult<Decided> {
    call.may(Action::PayMdf)?;
    call.once(async |txn| {
        second_factors::expect_second_factor(txn, &call).await?;
        second_factors::expect_lately_proven(txn, &call).await?;
        let missing = || AppError::not_found("trancheId");
        let claim_id = store::claim_of(txn, command.tranche_id).await?.ok_or_else(missing)?;
        let before = store::find_for_update(txn, call.scope(), claim_id).await?.ok_or_else(missing)?;
        let tranche = before.tranche(command.tranche_id).ok_or_else(missing)?;
        let request = request_of(txn, &call, &before).await?;
        call.may_on(Action::PayMdf, &Target::touched_by(took_part(&before, &request)))?;
        decided::expect_version(command.expected_version, before.version)?;
        let now = call.now();
        let inputs = rules::PaymentInputs {
            state: tranche.state,
            payable_on: tranche.payable_at.map(calendar::day_of),
            paid_on: command.paid_on,
            today: calendar::day_of(now),
        };
        let receipt = decided::granted(rules::decide_payment(&inputs), rules::field_of)?;
        let payment = Payment {
            id: call.new_id(),
            reference: command.reference.clone(),
            paid_on: command.paid_on,
            recorded_by: call.user_id(),
            recorded_at: now,
        };
        let payment_id = payment.id;
        let paid =
            Tranche { state: MdfTrancheState::Paid, paid_at: Some(now), payment: Some(payment), ..tranche.clone() };
        store::pay(txn, claim_id, &paid).await?;
        let posting = Posting {
            program_id: before.program_id,
            partner_id: Some(before.partner_id),
            kind: MdfPostingKind::Paid,
            cause: paid.id.to_string(),
            moves: vec![Move { from: MdfAccount::Payable, to: MdfAccount::Paid, amount: paid.amount }],
        };
        ledger::post(txn, &call, posting).await?;
        let after = settle(txn, &call, &before, paid, request).await?;
        receipts::save(txn, &call, payment_id.to_string(), Some(after.partner_id), &receipt).await?;
        events::publish(txn, &call, DomainEvent::MdfPaid { partner_id: after.partner_id, payment_id }).await?;
        Ok(Decided { claim: after, receipt })
    })
    .await
}

/// The claim with a tranche paid; settled, and its request with it, when that was the last one.
async fn settle(
    txn: &DatabaseTransaction,
    call: &Call,
    before: &Claim,
    paid: Tranche,
    request: Request,
) -> AppResult<Claim> {
    let mut after = Claim { version: before.version.saturating_add(1), ..before.clone() };
    for tranche in &mut after.tranches {
        if tranche.id == paid.id {
            *tranche = paid.clone();
        }
    }
    if after.is_settled() {
        after.state = MdfClaimState::Settled;
        requests::advance(txn, call, Action::PayMdf, request, MdfRequestState::Settled).await?;
    }
    store::update(txn, before, &after).await?;
    record(txn, call, Action::PayMdf, Some(before), &after).await?;
    Ok(after)
}

async fn request_of(txn: &DatabaseTransaction, call: &Call, claim: &Claim) -> AppResult<Request> {
    let found = requests::find_for_update(txn, call, claim.request_id).await?;
    found.ok_or_else(|| AppError::internal(format!("the request of {} is gone", claim.id)))
}

/// Who asked for the money and who approved it: none of them pays it.
fn took_part(claim: &Claim, request: &Request) -> [Option<entity::value::UserId>; 4] {
    [claim.submitted_by, claim.decided_by, request.requested_by, request.decided_by]
}

/// The claims of these ids that exist for the caller.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn find_many(call: &Call, ids: &[MdfClaimId]) -> AppResult<Vec<Claim>> {
    call.may(Action::ReadMdf)?;
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// A page of the claims that exist for the caller.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: ClaimFilter, page: &Page) -> AppResult<Rows<Claim>> {
    call.may(Action::ReadMdf)?;
    store::list(&call.reader(), call.scope(), &filter, page).await
}

/// What the caller can do with a claim now: the same questions as the use cases ask.
pub fn allowed(call: &Call, claim: &Claim, request: &Request) -> Allowed {
    let decides = Target::touched_by([claim.submitted_by, request.requested_by]);
    let pays = Target::touched_by(took_part(claim, request));
    Allowed {
        approve: rules::is_open(claim.state) && call.may_on(Action::DecideMdf, &decides).is_ok(),
        pay: rules::has_payable(claim) && call.may_on(Action::PayMdf, &pays).is_ok(),
    }
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Option<&Claim>,
    after: &Claim,
) -> AppResult<()> {
    let change = audit::Change {
        action,
        object_id: after.id.to_string(),
        partner_id: Some(after.partner_id),
        before,
        after: Some(after),
    };
    audit::record(txn, call, change).await
}
