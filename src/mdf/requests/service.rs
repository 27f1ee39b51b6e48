//! Use cases of requests.

use entity::value::{MdfAccount, MdfPostingKind, MdfRequestId, MdfRequestState, PartnerId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Allowed, Approve, Decided, NewRequest, Reject, Request, RequestFilter, RequestOrder},
    rules, store,
};
use crate::{
    kernel::{event::DomainEvent, money::Money},
    mdf::{
        calendar, decided,
        ledger::{self, model::Move, model::Posting},
        programs,
    },
    onboarding::{agreements, partners},
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

/// Requests funds for an activity of the caller's own partner.
///
/// # Errors
/// A refusal of [`rules::decide_request`].
pub async fn request(call: Call, new: NewRequest) -> AppResult<Request> {
    call.may(Action::RequestMdf)?;
    let partner_id = call.partner_id().ok_or(AppError::Forbidden)?;
    call.once(async |txn| {
        let found = programs::find(txn, new.program_id).await?;
        let program = found.ok_or_else(|| AppError::not_found("programId"))?;
        let partner = partners::facts(txn, partner_id).await?;
        agreements::expect_none_overdue(txn, &call, &partner).await?;
        let now = call.now();
        let activity_rule = rules::rule_for(&program, new.activity_type);
        let inputs = rules::RequestInputs {
            partner_state: partner.state,
            today: calendar::day_of(now),
            program_starts_on: program.starts_on,
            program_ends_on: program.ends_on,
            currency: program.currency,
            activity_type: new.activity_type,
            activity_rule,
            starts_on: new.starts_on,
            ends_on: new.ends_on,
            planned_cost: new.planned_cost,
            requested_amount: new.requested_amount,
            target_leads: new.target_leads,
            target_pipeline: new.target_pipeline,
        };
        let receipt = decided::granted(rules::decide_request(&inputs), rules::field_of)?;
        let request = Request {
            requested_by: call.responsible(),
            rate_bp: activity_rule.map_or(0, |rule| rule.rate_bp),
            claim_by: calendar::plus(new.ends_on, program.claim_window_days),
            measured_by: calendar::plus(new.ends_on, program.measurement_window_days),
            ..Request::submitted(new.clone(), partner_id, call.new_id(), now)
        };
        store::insert(txn, &request).await?;
        receipts::save(txn, &call, request.id.to_string(), Some(partner_id), &receipt).await?;
        record(txn, &call, Action::RequestMdf, None, &request).await?;
        Ok(request)
    })
    .await
}

/// Approves a request, possibly of a lower amount: funds are committed.
///
/// # Errors
/// `FOUR_EYES`, `MDF_FUNDS_INSUFFICIENT`, `VERSION_CONFLICT`, or another refusal of [`rules::decide_approval`].
pub async fn approve(call: Call, command: Approve) -> AppResult<Decided> {
    call.may(Action::DecideMdf)?;
    call.once(async |txn| {
        second_factors::expect_second_factor(txn, &call).await?;
        let before = open(txn, &call, command.id, command.expected_version).await?;
        let partner = partners::facts(txn, before.partner_id).await?;
        let available = ledger::available(txn, before.program_id, before.partner_id).await?;
        let now = call.now();
        let asked = Money { minor_units: before.requested_amount, currency: before.currency };
        let inputs = rules::ApprovalInputs {
            state: before.state,
            partner_state: partner.state,
            today: calendar::day_of(now),
            starts_on: before.starts_on,
            currency: before.currency,
            requested_amount: before.requested_amount,
            amount: command.amount.unwrap_or(asked),
            available,
        };
        let receipt = decided::granted(rules::decide_approval(&inputs), rules::field_of)?;
        let amount = inputs.amount.minor_units;
        let after = Request {
            state: MdfRequestState::Approved,
            approved_amount: Some(amount),
            decided_by: call.user_id(),
            decided_at: Some(now),
            version: before.version.saturating_add(1),
            ..before.clone()
        };
        let posting = Posting {
            program_id: after.program_id,
            partner_id: Some(after.partner_id),
            kind: MdfPostingKind::Committed,
            cause: after.id.to_string(),
            moves: vec![Move { from: MdfAccount::Allocated, to: MdfAccount::Committed, amount }],
        };
        ledger::post(txn, &call, posting).await?;
        store::update(txn, &before, &after).await?;
        receipts::save(txn, &call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
        record(txn, &call, Action::DecideMdf, Some(&before), &after).await?;
        let event = DomainEvent::MdfRequestApproved { partner_id: after.partner_id, request_id: after.id };
        events::publish(txn, &call, event).await?;
        Ok(Decided { request: after, receipt })
    })
    .await
}

/// Rejects a request.
///
/// # Errors
/// `FOUR_EYES`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn reject(call: Call, command: Reject) -> AppResult<Decided> {
    call.may(Action::DecideMdf)?;
    call.once(async |txn| {
        second_factors::expect_second_factor(txn, &call).await?;
        let before = open(txn, &call, command.id, command.expected_version).await?;
        let receipt = decided::granted(rules::decide_rejection(before.state), rules::field_of)?;
        let after = Request {
            state: MdfRequestState::Rejected,
            decided_by: call.user_id(),
            decided_at: Some(call.now()),
            decision_reason: Some(command.reason.clone()),
            version: before.version.saturating_add(1),
            ..before.clone()
        };
        store::update(txn, &before, &after).await?;
        receipts::save(txn, &call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
        record(txn, &call, Action::DecideMdf, Some(&before), &after).await?;
        Ok(Decided { request: after, receipt })
    })
    .await
}

/// The request that somebody wants to decide about, held: theirs to see, not theirs to have asked, as they know it.
async fn open(txn: &DatabaseTransaction, call: &Call, id: MdfRequestId, expected: Option<i64>) -> AppResult<Request> {
    let found = store::find_for_update(txn, call.scope(), id).await?;
    let request = found.ok_or_else(|| AppError::not_found("requestId"))?;
    call.may_on(Action::DecideMdf, &Target::touched_by([request.requested_by]))?;
    decided::expect_version(expected, request.version)?;
    Ok(request)
}

/// The requests of a partner that nothing was claimed of and that did not end, oldest first, as they are stored. With
/// `held`, until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn open_of_partner(db: &impl ConnectionTrait, partner_id: PartnerId, held: bool) -> AppResult<Vec<Request>> {
    store::find_open_of_partner(db, partner_id, held).await
}

/// Ends the requests of a partner that is terminated, in that transaction: what was committed returns to the allocation.
/// What was claimed goes on.
///
/// # Errors
/// Those of the database.
pub async fn end_of_terminated(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    open: &[Request],
) -> AppResult<()> {
    let today = calendar::day_of(call.now());
    for before in open {
        let state = match before.state_on(today) {
            MdfRequestState::Expired => MdfRequestState::Expired,
            _ => MdfRequestState::Cancelled,
        };
        if let Some(amount) = before.committed() {
            let posting = Posting {
                program_id: before.program_id,
                partner_id: Some(before.partner_id),
                kind: MdfPostingKind::CommitmentReleased,
                cause: before.id.to_string(),
                moves: vec![Move { from: MdfAccount::Committed, to: MdfAccount::Allocated, amount }],
            };
            ledger::post(txn, call, posting).await?;
        }
        advance(txn, call, action, before.clone(), state).await?;
    }
    Ok(())
}

/// Moves a held request on: it was claimed or settled, in the transaction of that.
///
/// # Errors
/// Those of the database.
pub async fn advance(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Request,
    state: MdfRequestState,
) -> AppResult<Request> {
    let after = Request { state, version: before.version.saturating_add(1), ..before.clone() };
    store::update(txn, &before, &after).await?;
    record(txn, call, action, Some(&before), &after).await?;
    Ok(after)
}

/// A request that exists for the caller, held until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn find_for_update(txn: &DatabaseTransaction, call: &Call, id: MdfRequestId) -> AppResult<Option<Request>> {
    store::find_for_update(txn, call.scope(), id).await
}

/// The requests of these ids that exist for the caller.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn find_many(call: &Call, ids: &[MdfRequestId]) -> AppResult<Vec<Request>> {
    call.may(Action::ReadMdf)?;
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// A page of the requests that exist for the caller.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: RequestFilter, order: RequestOrder, page: &Page) -> AppResult<Rows<Request>> {
    call.may(Action::ReadMdf)?;
    let today = calendar::day_of(call.now());
    store::list(&call.reader(), call.scope(), &filter, today, order, page).await
}

/// What the caller can do with a request now: the same questions as the use cases ask.
pub fn allowed(call: &Call, request: &Request) -> Allowed {
    let today = calendar::day_of(call.now());
    let decides = call.may_on(Action::DecideMdf, &Target::touched_by([request.requested_by])).is_ok();
    Allowed {
        approve: decides && rules::can_be_approved(request, today),
        reject: decides && rules::is_open(request.state),
        claim: call.may(Action::ClaimMdf).is_ok() && rules::can_be_claimed(request, today),
    }
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Option<&Request>,
    after: &Request,
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
