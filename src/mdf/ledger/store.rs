//! SQL of the ledger and its balances.

use std::collections::BTreeMap;

use entity::{
    mdf_balance, mdf_ledger_entry, mdf_ledger_transaction, mdf_program_balance,
    value::{Currency, LedgerTransactionId, MdfAccount, MdfProgramId, PartnerId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::model::{Balance, Posting};
use crate::platform::{auth::Scope, call::Call, db::dialect, error::AppResult};

impl From<mdf_balance::Model> for Balance {
    fn from(row: mdf_balance::Model) -> Self {
        let mdf_balance::Model {
            program_id,
            partner_id,
            currency,
            allocated: available,
            committed,
            payable,
            held_back,
            paid,
            returned,
            forfeited,
            clawed_back,
        } = row;
        Self {
            program_id,
            partner_id,
            currency,
            available,
            committed,
            payable,
            held_back,
            paid,
            returned,
            forfeited,
            clawed_back,
        }
    }
}

/// Where the balance of a partner's account is stored; none for accounts of the program.
#[deny(clippy::wildcard_enum_match_arm)]
fn partner_column(account: MdfAccount) -> Option<mdf_balance::Column> {
    use mdf_balance::Column;
    match account {
        MdfAccount::Budget | MdfAccount::Unallocated => None,
        MdfAccount::Allocated => Some(Column::Allocated),
        MdfAccount::Committed => Some(Column::Committed),
        MdfAccount::Payable => Some(Column::Payable),
        MdfAccount::HeldBack => Some(Column::HeldBack),
        MdfAccount::Paid => Some(Column::Paid),
        MdfAccount::Returned => Some(Column::Returned),
        MdfAccount::Forfeited => Some(Column::Forfeited),
        MdfAccount::ClawedBack => Some(Column::ClawedBack),
    }
}

/// Changes the stored balances; false, and the transaction is of no use any more, when one would go below zero.
pub async fn apply(
    db: &impl ConnectionTrait,
    program_id: MdfProgramId,
    partner_id: Option<PartnerId>,
    changes: &BTreeMap<MdfAccount, i64>,
) -> AppResult<bool> {
    if let Some(change) = changes.get(&MdfAccount::Unallocated) {
        let column = mdf_program_balance::Column::Unallocated;
        let updated = mdf_program_balance::Entity::update_many()
            .col_expr(column, ExprTrait::add(Expr::col(column), *change))
            .filter(mdf_program_balance::Column::ProgramId.eq(program_id))
            .filter(ColumnTrait::gte(&column, change.saturating_neg()))
            .exec(db)
            .await?;
        if updated.rows_affected != 1 {
            return Ok(false);
        }
    }
    let of_partner: Vec<_> =
        changes.iter().filter_map(|(account, change)| Some((partner_column(*account)?, *change))).collect();
    let Some(partner_id) = partner_id.filter(|_| !of_partner.is_empty()) else { return Ok(of_partner.is_empty()) };
    let mut update = mdf_balance::Entity::update_many()
        .filter(mdf_balance::Column::ProgramId.eq(program_id))
        .filter(mdf_balance::Column::PartnerId.eq(partner_id));
    for (column, change) in of_partner {
        update = update.col_expr(column, ExprTrait::add(Expr::col(column), change));
        if change < 0 {
            update = update.filter(ColumnTrait::gte(&column, change.saturating_neg()));
        }
    }
    Ok(update.exec(db).await?.rows_affected == 1)
}

/// Appends a transaction with its entries.
pub async fn append(db: &impl ConnectionTrait, call: &Call, posting: Posting) -> AppResult<()> {
    let transaction_id: LedgerTransactionId = call.new_id();
    let row = mdf_ledger_transaction::ActiveModel {
        id: Set(transaction_id),
        program_id: Set(posting.program_id),
        partner_id: Set(posting.partner_id),
        kind: Set(posting.kind),
        cause: Set(posting.cause),
        posted_at: Set(call.now()),
    };
    mdf_ledger_transaction::Entity::insert(row).exec_without_returning(db).await?;
    let entries: Vec<_> = posting
        .moves
        .into_iter()
        .filter(|step| step.amount > 0)
        .map(|step| mdf_ledger_entry::ActiveModel {
            id: Set(call.new_id()),
            transaction_id: Set(transaction_id),
            from_account: Set(step.from),
            to_account: Set(step.to),
            amount: Set(step.amount),
        })
        .collect();
    if !entries.is_empty() {
        mdf_ledger_entry::Entity::insert_many(entries).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Opens the account of a program.
pub async fn open_program(db: &impl ConnectionTrait, program_id: MdfProgramId) -> AppResult<()> {
    let row = mdf_program_balance::ActiveModel { program_id: Set(program_id), unallocated: Set(0) };
    mdf_program_balance::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Opens the accounts of a partner in a program; nothing when they are open.
pub async fn open_balance(
    db: &impl ConnectionTrait,
    program_id: MdfProgramId,
    partner_id: PartnerId,
    currency: Currency,
) -> AppResult<()> {
    let row = mdf_balance::ActiveModel {
        program_id: Set(program_id),
        partner_id: Set(partner_id),
        currency: Set(currency),
        allocated: Set(0),
        committed: Set(0),
        payable: Set(0),
        held_back: Set(0),
        paid: Set(0),
        returned: Set(0),
        forfeited: Set(0),
        clawed_back: Set(0),
    };
    let open =
        OnConflict::columns([mdf_balance::Column::ProgramId, mdf_balance::Column::PartnerId]).do_nothing().to_owned();
    mdf_balance::Entity::insert(row).on_conflict(open).exec_without_returning(db).await?;
    Ok(())
}

/// What a partner has free in a program, held until the transaction ends.
pub async fn available(db: &impl ConnectionTrait, program_id: MdfProgramId, partner_id: PartnerId) -> AppResult<i64> {
    let found = mdf_balance::Entity::find_by_id((program_id, partner_id));
    Ok(dialect::for_update(db, found).one(db).await?.map_or(0, |row| row.allocated))
}

/// The balances of partners, oldest program first.
pub async fn balances(db: &impl ConnectionTrait, scope: Scope, ids: &[PartnerId]) -> AppResult<Vec<Balance>> {
    let rows = mdf_balance::Entity::find()
        .filter(mdf_balance::Column::PartnerId.is_in(ids.iter().copied()))
        .filter(scope.rows_of(mdf_balance::Column::PartnerId))
        .order_by_asc(mdf_balance::Column::ProgramId)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Balance::from).collect())
}

/// What programs have not allocated yet.
pub async fn unallocated(db: &impl ConnectionTrait, ids: &[MdfProgramId]) -> AppResult<Vec<(MdfProgramId, i64)>> {
    let rows = mdf_program_balance::Entity::find()
        .filter(mdf_program_balance::Column::ProgramId.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.program_id, row.unallocated)).collect())
}
