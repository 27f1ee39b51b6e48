//! SQL of reservations and incumbents.

use entity::{
    account, account_incumbent, account_reservation,
    value::{AccountId, AccountReservation, PartnerId, ProductLineId, Timestamp, UserId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::model::{Incumbent, Release, Reservation};
use crate::platform::{call::Call, error::AppResult};

impl From<account_reservation::Model> for Reservation {
    fn from(row: account_reservation::Model) -> Self {
        let account_reservation::Model {
            id: _,
            account_id,
            product_line_id,
            reserved_for,
            owner_id,
            reason,
            reserved_at,
            reserved_by,
            released_at: _,
            released_by: _,
            release_reason: _,
        } = row;
        Self { account_id, product_line_id, reserved_for, owner_id, reason, reserved_at, reserved_by }
    }
}

/// The reservations of these accounts that are in force, oldest first.
pub async fn live_of(db: &impl ConnectionTrait, accounts: &[AccountId]) -> AppResult<Vec<Reservation>> {
    let found = account_reservation::Entity::find()
        .filter(account_reservation::Column::AccountId.is_in(accounts.iter().copied()))
        .filter(account_reservation::Column::ReleasedAt.is_null())
        .order_by_asc(account_reservation::Column::Id);
    Ok(found.all(db).await?.into_iter().map(Reservation::from).collect())
}

/// For whom some product lines of an account are reserved, as far as they are reserved by themselves.
pub async fn of_lines(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    lines: &[ProductLineId],
) -> AppResult<Vec<(ProductLineId, AccountReservation)>> {
    let found = account_reservation::Entity::find()
        .filter(account_reservation::Column::AccountId.eq(account_id))
        .filter(account_reservation::Column::ProductLineId.is_in(lines.iter().copied()))
        .filter(account_reservation::Column::ReleasedAt.is_null());
    let line = |row: account_reservation::Model| row.product_line_id.map(|line| (line, row.reserved_for));
    Ok(found.all(db).await?.into_iter().filter_map(line).collect())
}

/// Inserts a reservation; false when `one_reservation_per_account` or `one_reservation_per_account_and_line` says that
/// there is one.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, it: &Reservation) -> AppResult<bool> {
    let row = account_reservation::ActiveModel {
        id: Set(call.new_id()),
        account_id: Set(it.account_id),
        product_line_id: Set(it.product_line_id),
        reserved_for: Set(it.reserved_for),
        owner_id: Set(it.owner_id),
        reason: Set(it.reason.clone()),
        reserved_at: Set(it.reserved_at),
        reserved_by: Set(it.reserved_by),
        released_at: Set(None),
        released_by: Set(None),
        release_reason: Set(None),
    };
    let taken = OnConflict::new().do_nothing().to_owned();
    Ok(account_reservation::Entity::insert(row).on_conflict(taken).exec_without_returning(db).await? > 0)
}

/// Ends a reservation; false when there is none in force.
pub async fn release(
    db: &impl ConnectionTrait,
    release: &Release,
    at: Timestamp,
    by: Option<UserId>,
) -> AppResult<bool> {
    use account_reservation::Column;
    let of_line = match release.product_line_id {
        Some(line) => Column::ProductLineId.eq(line),
        None => Column::ProductLineId.is_null(),
    };
    let released = account_reservation::Entity::update_many()
        .col_expr(Column::ReleasedAt, Expr::value(at))
        .col_expr(Column::ReleasedBy, Expr::value(by))
        .col_expr(Column::ReleaseReason, Expr::value(release.reason.clone()))
        .filter(Condition::all().add(Column::AccountId.eq(release.account_id)).add(of_line))
        .filter(Column::ReleasedAt.is_null())
        .exec(db)
        .await?;
    Ok(released.rows_affected > 0)
}

/// When reservations for the vendor's own team ended last, of each of these product lines and of the whole account.
pub async fn last_released(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    lines: &[ProductLineId],
) -> AppResult<Vec<(Option<ProductLineId>, Timestamp)>> {
    use account_reservation::Column;
    let of_lines =
        Condition::any().add(Column::ProductLineId.is_null()).add(Column::ProductLineId.is_in(lines.iter().copied()));
    let last = account_reservation::Entity::find()
        .select_only()
        .column(Column::ProductLineId)
        .column_as(Column::ReleasedAt.max(), "released_at")
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::ReservedFor.eq(AccountReservation::Direct))
        .filter(Column::ReleasedAt.is_not_null())
        .filter(of_lines)
        .group_by(Column::ProductLineId);
    Ok(last.into_tuple().all(db).await?)
}

/// Notes at the account itself for whom it is reserved as a whole: every decision about a deal reads it there.
pub async fn note(db: &impl ConnectionTrait, id: AccountId, reserved_for: AccountReservation) -> AppResult<()> {
    account::Entity::update_many()
        .col_expr(account::Column::ReservedFor, Expr::value(reserved_for))
        .filter(account::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// The partners that serve these accounts, the first one first.
pub async fn incumbents_of(db: &impl ConnectionTrait, accounts: &[AccountId]) -> AppResult<Vec<Incumbent>> {
    let found = account_incumbent::Entity::find()
        .filter(account_incumbent::Column::AccountId.is_in(accounts.iter().copied()))
        .filter(account_incumbent::Column::EndedAt.is_null())
        .order_by_asc(account_incumbent::Column::Id);
    let incumbent = |row: account_incumbent::Model| Incumbent {
        account_id: row.account_id,
        partner_id: row.partner_id,
        since: row.since,
    };
    Ok(found.all(db).await?.into_iter().map(incumbent).collect())
}

/// How many partners serve an account.
pub async fn count_incumbents(db: &impl ConnectionTrait, id: AccountId) -> AppResult<u64> {
    let live = account_incumbent::Entity::find()
        .filter(account_incumbent::Column::AccountId.eq(id))
        .filter(account_incumbent::Column::EndedAt.is_null());
    Ok(live.count(db).await?)
}

/// A partner serves an account from now on; false when it does already.
pub async fn set_incumbent(
    db: &impl ConnectionTrait,
    call: &Call,
    it: &Incumbent,
    by: Option<UserId>,
) -> AppResult<bool> {
    let row = account_incumbent::ActiveModel {
        id: Set(call.new_id()),
        account_id: Set(it.account_id),
        partner_id: Set(it.partner_id),
        since: Set(it.since),
        set_by: Set(by),
        ended_at: Set(None),
        ended_by: Set(None),
    };
    let taken = OnConflict::new().do_nothing().to_owned();
    Ok(account_incumbent::Entity::insert(row).on_conflict(taken).exec_without_returning(db).await? > 0)
}

/// A partner serves an account no longer; false when it does not.
pub async fn clear_incumbent(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    partner_id: PartnerId,
    at: Timestamp,
    by: Option<UserId>,
) -> AppResult<bool> {
    use account_incumbent::Column;
    let cleared = account_incumbent::Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(at))
        .col_expr(Column::EndedBy, Expr::value(by))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::PartnerId.eq(partner_id))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(cleared.rows_affected > 0)
}
