//! Use cases of opportunities of the vendor's own team.

use entity::value::{AccountId, ProductLineId, Timestamp};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Close, DirectOpportunity, MOST_OPEN, Record},
    store,
};
use crate::{
    accounts::{
        accounts::{self, model::Account},
        product_lines,
    },
    kernel::code::Code,
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
    },
};

/// The open ones on some product lines of an account, for the decision of another area.
///
/// # Errors
/// Those of the database.
pub async fn open(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    lines: &[ProductLineId],
) -> AppResult<Vec<DirectOpportunity>> {
    store::open_on(txn, account_id, lines).await
}

/// When an opportunity on each of these product lines ended last, and whether the vendor's own team sold, for the decision
/// of another area.
///
/// # Errors
/// Those of the database.
pub async fn last_closed(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    lines: &[ProductLineId],
) -> AppResult<Vec<(ProductLineId, Timestamp, bool)>> {
    store::last_closed(txn, account_id, lines).await
}

/// The open ones of these accounts, oldest first; for staff.
///
/// # Errors
/// Those of the database.
pub async fn open_of(call: &Call, accounts: &[AccountId]) -> AppResult<Vec<DirectOpportunity>> {
    if !call.scope().is_everything() {
        return Ok(Vec::new());
    }
    store::open_of(&call.reader(), accounts).await
}

/// Records that the vendor's own team works on product lines of an account. Recorded again, nothing changes but the
/// product lines that are new.
///
/// # Errors
/// `NOT_FOUND`, `ACCOUNT_MERGED`; `EXTERNAL_ID_REUSED` when the name is open on another account; `TOO_LONG`.
pub async fn record(call: Call, command: Record) -> AppResult<Account> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        let Record { account_id, product_line_ids, reference } = &command;
        let account = hold(txn, *account_id).await?;
        let known = product_lines::known(txn, product_line_ids).await?;
        if let Some(index) = product_line_ids.iter().position(|id| !known.contains(id)) {
            return Err(AppError::not_found(&format!("productLineIds.{index}")));
        }
        let open = store::open_named(txn, reference).await?;
        if open.iter().any(|it| it.account_id != *account_id) {
            let sentence =
                "An opportunity of this name is open on another account. Close that one first, or use another name.";
            return Err(AppError::invalid("reference", Code::ExternalIdReused, sentence));
        }
        let is_new = |line: &&ProductLineId| open.iter().all(|it| it.product_line_id != **line);
        let new: Vec<DirectOpportunity> = product_line_ids
            .iter()
            .filter(is_new)
            .map(|line| DirectOpportunity {
                account_id: *account_id,
                product_line_id: *line,
                reference: reference.clone(),
                opened_at: call.now(),
                recorded_by: call.responsible(),
                outcome: None,
            })
            .collect();
        if new.is_empty() {
            return Ok(account);
        }
        store::insert(txn, &call, &new).await?;
        if store::count_open(txn, *account_id).await? > MOST_OPEN {
            let sentence =
                format!("At most {MOST_OPEN} opportunities are open on an account. Close some of them first.");
            return Err(AppError::invalid("productLineIds", Code::TooLong, sentence));
        }
        note(txn, &call, *account_id, None, Some(&new)).await?;
        events::place_changed(txn, &call, *account_id).await?;
        Ok(account)
    })
    .await
}

/// Ends an opportunity on all of its product lines.
///
/// # Errors
/// `NOT_FOUND` for the account, and for a name that is not open on it; `ACCOUNT_MERGED`.
pub async fn close(call: Call, command: Close) -> AppResult<Account> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        let account = hold(txn, command.account_id).await?;
        let mut open = store::open_named(txn, &command.reference).await?;
        open.retain(|it| it.account_id == command.account_id);
        if open.is_empty() {
            return Err(AppError::not_found("reference"));
        }
        store::close(txn, &command, call.now(), call.responsible()).await?;
        let closed: Vec<DirectOpportunity> =
            open.iter().map(|it| DirectOpportunity { outcome: Some(command.outcome), ..it.clone() }).collect();
        note(txn, &call, command.account_id, Some(&open), Some(&closed)).await?;
        events::place_changed(txn, &call, command.account_id).await?;
        Ok(account)
    })
    .await
}

/// The account, held until the transaction ends: decisions about its deals wait.
async fn hold(txn: &DatabaseTransaction, id: AccountId) -> AppResult<Account> {
    let account = accounts::hold(txn, id).await?.ok_or_else(|| AppError::not_found("accountId"))?;
    account.expect_live("accountId")?;
    Ok(account)
}

async fn note(
    txn: &DatabaseTransaction,
    call: &Call,
    id: AccountId,
    before: Option<&Vec<DirectOpportunity>>,
    after: Option<&Vec<DirectOpportunity>>,
) -> AppResult<()> {
    // Staff's business: not in the audit that a partner reads.
    let change =
        audit::Change { action: Action::WriteAccounts, object_id: id.to_string(), partner_id: None, before, after };
    audit::record(txn, call, change).await
}
