//! Use cases of the ledger: moving money, and reading balances.

use entity::value::{Currency, MdfAccount, MdfPostingKind, MdfProgramId, PartnerId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Balance, Move, Posting},
    rules, store,
};
use crate::{
    kernel::code::Code,
    platform::{
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
    },
};

/// Moves money in the transaction of the use case that causes it.
///
/// # Errors
/// `MDF_FUNDS_INSUFFICIENT` when an account would go below zero: then the use case changes nothing.
pub async fn post(txn: &DatabaseTransaction, call: &Call, posting: Posting) -> AppResult<()> {
    let changes = rules::changes(&posting.moves)
        .ok_or_else(|| AppError::internal(format!("a posting of {} with impossible amounts", posting.cause)))?;
    if !store::apply(txn, posting.program_id, posting.partner_id, &changes).await? {
        return Err(AppError::refused(
            Code::MdfFundsInsufficient,
            "The funds left are less than this amount. Take a lower amount, or allocate more first.",
        ));
    }
    store::append(txn, call, posting).await
}

/// Opens the account of a program with its budget.
///
/// # Errors
/// Those of the database.
pub async fn open_program(
    txn: &DatabaseTransaction,
    call: &Call,
    program_id: MdfProgramId,
    budget: i64,
) -> AppResult<()> {
    store::open_program(txn, program_id).await?;
    let moves = vec![Move { from: MdfAccount::Budget, to: MdfAccount::Unallocated, amount: budget }];
    let cause = program_id.to_string();
    post(txn, call, Posting { program_id, partner_id: None, kind: MdfPostingKind::BudgetSet, cause, moves }).await
}

/// Opens the accounts of a partner in a program; nothing when they are open.
///
/// # Errors
/// Those of the database.
pub async fn open_balance(
    txn: &DatabaseTransaction,
    program_id: MdfProgramId,
    partner_id: PartnerId,
    currency: Currency,
) -> AppResult<()> {
    store::open_balance(txn, program_id, partner_id, currency).await
}

/// What a partner has free in a program, held until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn available(txn: &DatabaseTransaction, program_id: MdfProgramId, partner_id: PartnerId) -> AppResult<i64> {
    store::available(txn, program_id, partner_id).await
}

/// The balances of partners, as far as they exist for the caller. One statement.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn balances(call: &Call, partner_ids: &[PartnerId]) -> AppResult<Vec<Balance>> {
    call.may(Action::ReadMdf)?;
    store::balances(&call.reader(), call.scope(), partner_ids).await
}

/// The balances of a partner, as a transaction sees them. No scope: the partner was found before.
///
/// # Errors
/// Those of the database.
pub async fn balances_of(db: &impl ConnectionTrait, partner_id: PartnerId) -> AppResult<Vec<Balance>> {
    store::balances(db, Scope::Everything, &[partner_id]).await
}

/// What programs have not allocated yet. One statement.
///
/// # Errors
/// Those of the database.
pub async fn unallocated(call: &Call, program_ids: &[MdfProgramId]) -> AppResult<Vec<(MdfProgramId, i64)>> {
    store::unallocated(&call.reader(), program_ids).await
}

/// What a program has not allocated yet, as the transaction sees it.
///
/// # Errors
/// Those of the database.
pub async fn unallocated_of(txn: &DatabaseTransaction, program_id: MdfProgramId) -> AppResult<i64> {
    Ok(store::unallocated(txn, &[program_id]).await?.first().map_or(0, |(_, amount)| *amount))
}
