//! Use cases of reservations and incumbents.

use entity::value::{AccountId, AccountReservation, PartnerId, ProductLineId, Timestamp, UserId, UserState};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Incumbent, MOST_INCUMBENTS, Release, Reservation, Reserve, Serves},
    rules, store,
};
use crate::{
    accounts::{
        accounts::{self, model::Account},
        product_lines,
    },
    kernel::code::Code,
    onboarding::partners,
    people::users,
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        events,
    },
};

/// For whom some product lines of an account are reserved, which is reserved as a whole in some way.
///
/// # Errors
/// Those of the database.
pub async fn in_force(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    whole: AccountReservation,
    lines: &[ProductLineId],
) -> AppResult<AccountReservation> {
    Ok(rules::in_force(whole, &store::of_lines(txn, account_id, lines).await?, lines))
}

/// The same for several lists of product lines, in their order, in one statement.
///
/// # Errors
/// Those of the database.
pub async fn in_force_each(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    whole: AccountReservation,
    lists: &[&[ProductLineId]],
) -> AppResult<Vec<AccountReservation>> {
    let reserved = store::of_lines(txn, account_id, &lists.concat()).await?;
    Ok(lists.iter().map(|lines| rules::in_force(whole, &reserved, lines)).collect())
}

/// Reserves an account that is just being created.
///
/// # Errors
/// Those of the database.
pub async fn reserve_new(
    txn: &DatabaseTransaction,
    call: &Call,
    account_id: AccountId,
    reserved_for: AccountReservation,
) -> AppResult<()> {
    if reserved_for == AccountReservation::Open {
        return Ok(());
    }
    let reservation = Reservation {
        account_id,
        product_line_id: None,
        reserved_for,
        owner_id: None,
        reason: "Reserved when the account was created.".to_owned(),
        reserved_at: call.now(),
        reserved_by: call.responsible(),
    };
    store::insert(txn, call, &reservation).await.map(drop)
}

/// Reserves an account, or one product line of it.
///
/// # Errors
/// `NOT_FOUND`, `ACCOUNT_MERGED`, `ALREADY_RESERVED`; `MALFORMED` for a whole account that is reserved for nobody.
pub async fn reserve(call: Call, command: Reserve) -> AppResult<Account> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        let Reserve { account_id, product_line_id, reserved_for, owner_id, reason } = command;
        let account = hold(txn, account_id).await?;
        if let Some(line) = product_line_id
            && product_lines::known(txn, &[line]).await?.is_empty()
        {
            return Err(AppError::not_found("productLineId"));
        }
        if let Some(owner) = owner_id
            && !is_active_staff(txn, owner).await?
        {
            return Err(AppError::not_found("ownerId"));
        }
        let (now, by) = (call.now(), call.responsible());
        let after = Reservation {
            account_id,
            product_line_id,
            reserved_for,
            owner_id,
            reason,
            reserved_at: now,
            reserved_by: by,
        };
        if !store::insert(txn, &call, &after).await? {
            return Err(AppError::refused(
                Code::AlreadyReserved,
                "It is reserved already. Release that reservation with `releaseAccountReservation` first.",
            ));
        }
        record(txn, &call, account_id, None, Some(&after)).await?;
        let account = noted(txn, account, product_line_id, reserved_for).await?;
        events::place_changed(txn, &call, account_id).await?;
        Ok(account)
    })
    .await
}

/// Ends a reservation.
///
/// # Errors
/// `NOT_FOUND` for the account, and for a reservation that is not in force; `ACCOUNT_MERGED`.
pub async fn release(call: Call, command: Release) -> AppResult<Account> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        let account = hold(txn, command.account_id).await?;
        let live = store::live_of(txn, &[command.account_id]).await?;
        let before = live.into_iter().find(|it| it.product_line_id == command.product_line_id);
        let before = before.ok_or_else(|| AppError::not_found("productLineId"))?;
        if !store::release(txn, &command, call.now(), call.responsible()).await? {
            return Err(AppError::overtaken("a reservation was released"));
        }
        record(txn, &call, command.account_id, Some(&before), None).await?;
        let account = noted(txn, account, command.product_line_id, AccountReservation::Open).await?;
        events::place_changed(txn, &call, account.id).await?;
        Ok(account)
    })
    .await
}

/// The account, which is held, as it is after a reservation of it has changed.
async fn noted(
    txn: &DatabaseTransaction,
    account: Account,
    line: Option<ProductLineId>,
    reserved_for: AccountReservation,
) -> AppResult<Account> {
    if line.is_some() {
        return Ok(account);
    }
    store::note(txn, account.id, reserved_for).await?;
    Ok(Account { reserved_for, ..account })
}

async fn is_active_staff(txn: &DatabaseTransaction, id: UserId) -> AppResult<bool> {
    let found = users::find_in(txn, Scope::Everything, id).await?;
    Ok(found.is_some_and(|user| user.partner_id.is_none() && user.state == UserState::Active))
}

/// The account, held until the transaction ends.
async fn hold(txn: &DatabaseTransaction, id: AccountId) -> AppResult<Account> {
    let account = accounts::hold(txn, id).await?.ok_or_else(|| AppError::not_found("accountId"))?;
    account.expect_live("accountId")?;
    Ok(account)
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    id: AccountId,
    before: Option<&Reservation>,
    after: Option<&Reservation>,
) -> AppResult<()> {
    let change =
        audit::Change { action: Action::WriteAccounts, object_id: id.to_string(), partner_id: None, before, after };
    audit::record(txn, call, change).await
}

/// A partner serves an account from now on; nothing when it does already.
///
/// # Errors
/// `NOT_FOUND`, `ACCOUNT_MERGED`, `TOO_LONG`.
pub async fn set_incumbent(call: Call, command: Serves) -> AppResult<Account> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        let Serves { account_id, partner_id } = command;
        let account = hold(txn, account_id).await?;
        if !partners::exists(txn, partner_id).await? {
            return Err(AppError::not_found("partnerId"));
        }
        let after = Incumbent { account_id, partner_id, since: call.now() };
        if store::set_incumbent(txn, &call, &after, call.responsible()).await? {
            if store::count_incumbents(txn, account_id).await? > MOST_INCUMBENTS {
                let sentence = format!("At most {MOST_INCUMBENTS} partners serve an account. Clear one of them first.");
                return Err(AppError::invalid("partnerId", Code::TooLong, sentence));
            }
            record_incumbent(txn, &call, None, Some(&after)).await?;
            events::place_changed(txn, &call, account_id).await?;
        }
        Ok(account)
    })
    .await
}

/// A partner serves an account no longer; nothing when it does not.
///
/// # Errors
/// `NOT_FOUND`, `ACCOUNT_MERGED`.
pub async fn clear_incumbent(call: Call, command: Serves) -> AppResult<Account> {
    call.may(Action::WriteAccounts)?;
    call.once(async |txn| {
        let Serves { account_id, partner_id } = command;
        let account = hold(txn, account_id).await?;
        let live = store::incumbents_of(txn, &[account_id]).await?;
        let Some(before) = live.into_iter().find(|it| it.partner_id == partner_id) else { return Ok(account) };
        store::clear_incumbent(txn, account_id, partner_id, call.now(), call.responsible()).await?;
        record_incumbent(txn, &call, Some(&before), None).await?;
        events::place_changed(txn, &call, account_id).await?;
        Ok(account)
    })
    .await
}

async fn record_incumbent(
    txn: &DatabaseTransaction,
    call: &Call,
    before: Option<&Incumbent>,
    after: Option<&Incumbent>,
) -> AppResult<()> {
    let id = before.or(after).map(|it| it.account_id.to_string()).unwrap_or_default();
    // Staff's business: not in the audit that the partner reads.
    let change = audit::Change { action: Action::WriteAccounts, object_id: id, partner_id: None, before, after };
    audit::record(txn, call, change).await
}

/// The reservations of these accounts that are in force, oldest first; for staff.
///
/// # Errors
/// Those of the database.
pub async fn live_of(call: &Call, accounts: &[AccountId]) -> AppResult<Vec<Reservation>> {
    if !call.scope().is_everything() {
        return Ok(Vec::new());
    }
    store::live_of(&call.reader(), accounts).await
}

/// The partners that serve these accounts, the first one first; for staff.
///
/// # Errors
/// Those of the database.
pub async fn incumbents_of(call: &Call, accounts: &[AccountId]) -> AppResult<Vec<Incumbent>> {
    if !call.scope().is_everything() {
        return Ok(Vec::new());
    }
    store::incumbents_of(&call.reader(), accounts).await
}

/// The partners that serve an account, for the decision of another area; the first one first.
///
/// # Errors
/// Those of the database.
pub async fn served_by(txn: &DatabaseTransaction, account_id: AccountId) -> AppResult<Vec<PartnerId>> {
    Ok(store::incumbents_of(txn, &[account_id]).await?.into_iter().map(|it| it.partner_id).collect())
}

/// When reservations for the vendor's own team ended last, of each of these product lines and of the whole account, for
/// the decision of another area.
///
/// # Errors
/// Those of the database.
pub async fn last_released(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    lines: &[ProductLineId],
) -> AppResult<Vec<(Option<ProductLineId>, Timestamp)>> {
    store::last_released(txn, account_id, lines).await
}

/// What is reserved of these accounts, and for whom, in the transaction of whoever merges them.
///
/// # Errors
/// Those of the database.
pub async fn reserved(
    db: &impl ConnectionTrait,
    accounts: &[AccountId],
) -> AppResult<Vec<(AccountId, (Option<ProductLineId>, AccountReservation))>> {
    let live = store::live_of(db, accounts).await?;
    Ok(live.into_iter().map(|it| (it.account_id, (it.product_line_id, it.reserved_for))).collect())
}
