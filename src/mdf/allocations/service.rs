//! Use cases of allocations.

use entity::value::{MdfAccount, MdfAllocationId, MdfClaimId, MdfPostingKind, PartnerId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::json;

use super::{
    model::{Allocate, Allocated, Allocation, LAMBDA_BP, NO_HISTORY_BP},
    rules, store,
};
use crate::{
    mdf::{
        calendar, decided,
        ledger::{self, model::Move, model::Posting},
        programs,
    },
    onboarding::partners,
    people::second_factors,
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        receipts,
    },
};

/// Allocates funds of a program to a partner.
///
/// # Errors
/// `MDF_ALREADY_ALLOCATED`, `MDF_FUNDS_INSUFFICIENT`, or another refusal of [`rules::decide_allocation`].
pub async fn allocate(call: Call, command: Allocate) -> AppResult<Allocated> {
    call.may(Action::ManageMdfPrograms)?;
    let Allocate { program_id, partner_id, potential } = command;
    if partners::find(&call, partner_id).await?.is_none() {
        return Err(AppError::not_found("partnerId"));
    }
    call.once(async |txn| {
        second_factors::expect_second_factor(txn, &call).await?;
        let found = programs::find_for_update(txn, program_id).await?;
        let program = found.ok_or_else(|| AppError::not_found("programId"))?;
        let partner = partners::facts(txn, partner_id).await?;
        let now = call.now();
        let inputs = rules::Inputs {
            partner_state: partner.state,
            program_state: program.state(calendar::day_of(now)),
            currency: program.currency,
            potential,
            lambda_bp: LAMBDA_BP,
            // Nothing is measured across periods yet, so nobody has a history.
            factor_bp: NO_HISTORY_BP,
            unallocated: ledger::unallocated_of(txn, program_id).await?,
        };
        let (decision, amount) = rules::decide_allocation(&inputs);
        let receipt = decided::granted(decision, rules::field_of)?;
        let allocation = Allocation {
            id: call.new_id(),
            program_id,
            partner_id,
            currency: program.currency,
            potential: potential.minor_units,
            lambda_bp: inputs.lambda_bp,
            factor_bp: inputs.factor_bp,
            amount,
            allocated_by: call.user_id(),
            allocated_at: now,
        };
        store::insert(txn, &allocation).await?;
        ledger::open_balance(txn, program_id, partner_id, program.currency).await?;
        let posting = Posting {
            program_id,
            partner_id: Some(partner_id),
            kind: MdfPostingKind::Allocated,
            cause: allocation.id.to_string(),
            moves: vec![Move { from: MdfAccount::Unallocated, to: MdfAccount::Allocated, amount }],
        };
        ledger::post(txn, &call, posting).await?;
        receipts::save(txn, &call, allocation.id.to_string(), Some(partner_id), &receipt).await?;
        let change = audit::Change {
            action: Action::ManageMdfPrograms,
            object_id: allocation.id.to_string(),
            partner_id: Some(partner_id),
            before: None::<&Allocation>,
            after: Some(&allocation),
        };
        audit::record(txn, &call, change).await?;
        Ok(Allocated { allocation, receipt })
    })
    .await
}

/// The allocations of these ids that exist for the caller.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn find_many(call: &Call, ids: &[MdfAllocationId]) -> AppResult<Vec<Allocation>> {
    call.may(Action::ReadMdf)?;
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// What a partner has free in each program, of the programs where it is anything, in the order of the programs: the
/// allocation, and the amount in minor units.
///
/// # Errors
/// Those of the database.
pub async fn uncommitted_of_partner(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
) -> AppResult<Vec<(Allocation, i64)>> {
    let balances = ledger::balances_of(db, partner_id).await?;
    let allocations = store::find_of_partner(db, partner_id).await?;
    let free = |allocation: Allocation| {
        let balance = balances.iter().find(|balance| balance.program_id == allocation.program_id)?;
        (balance.available > 0).then_some((allocation, balance.available))
    };
    Ok(allocations.into_iter().filter_map(free).collect())
}

/// Returns what a terminated partner has free to its programs, in that transaction: at its end, and again when a claim
/// that went on left something, which is the `cause` then.
///
/// # Errors
/// Those of the database.
pub async fn return_of_terminated(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    partner_id: PartnerId,
    cause: Option<MdfClaimId>,
) -> AppResult<()> {
    for (allocation, amount) in uncommitted_of_partner(txn, partner_id).await? {
        let posting = Posting {
            program_id: allocation.program_id,
            partner_id: Some(partner_id),
            kind: MdfPostingKind::AllocationReturned,
            cause: cause.map_or_else(|| allocation.id.to_string(), |claim| claim.to_string()),
            moves: vec![Move { from: MdfAccount::Allocated, to: MdfAccount::Unallocated, amount }],
        };
        ledger::post(txn, call, posting).await?;
        let change = audit::Change {
            action,
            object_id: allocation.id.to_string(),
            partner_id: Some(partner_id),
            before: Some(&json!({ "available": amount })),
            after: Some(&json!({ "available": 0 })),
        };
        audit::record(txn, call, change).await?;
    }
    Ok(())
}
