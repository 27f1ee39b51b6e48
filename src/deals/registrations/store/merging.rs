//! SQL of registrations whose accounts are merged. No scope: what hangs on an account does not depend on who asks.

use entity::{
    deal_registration, deal_registration_line, protection,
    value::{AccountId, PartnerId, ProductLineId, RegistrationId, Timestamp},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{Expr, ExprTrait as _},
};

use super::{ended_by_the_clock, rows::read};
use crate::{
    deals::registrations::model::Registration,
    kernel::merging::Union,
    platform::{db::dialect, error::AppResult},
};

/// How many ids one statement takes.
pub const AT_ONCE: usize = 500;

/// Holds the registrations on two accounts that have not ended, in the order of their ids, until the transaction ends.
pub async fn hold_open(db: &impl ConnectionTrait, accounts: [AccountId; 2]) -> AppResult<()> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::AccountId.is_in(accounts))
        .filter(deal_registration::Column::EndedAt.is_null())
        .order_by_asc(deal_registration::Column::Id);
    if dialect::is_postgres(db) {
        dialect::for_update(db, found).all(db).await?;
    }
    Ok(())
}

/// How many registrations there are on an account.
#[derive(Debug, FromQueryResult)]
pub struct Counted {
    /// All of them.
    pub registrations: i64,
    /// Those that have not ended.
    pub open: i64,
    /// Those that are protected.
    pub protected: i64,
    /// Those that were won.
    pub won: i64,
}

/// Counts the registrations on an account as of an instant.
pub async fn count(db: &impl ConnectionTrait, account_id: AccountId, now: Timestamp) -> AppResult<Counted> {
    let sql = "select count(*) as registrations,
            count(case when ended_at is null and (protected_until is null or protected_until > $2)
                and (hold_until is null or hold_until > $2 or state = 'ACTION_REQUIRED') then 1 end) as open,
            count(case when (state = 'PROTECTED' or contested_from = 'PROTECTED') and protected_until > $2 then 1 end) as protected,
            count(case when deal_stage = 'WON' then 1 end) as won
        from deal_registrations where account_id = $1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [account_id.into(), now.into()]);
    let found = Counted::find_by_statement(statement).one(db).await?;
    Ok(found.unwrap_or(Counted { registrations: 0, open: 0, protected: 0, won: 0 }))
}

/// A product line that a registration on each of two accounts is about.
#[derive(Debug, FromQueryResult)]
pub struct Common {
    /// The registration on the account that stays.
    pub on_survivor: RegistrationId,
    /// The registration on the one that is merged.
    pub on_merged: RegistrationId,
    /// The product line.
    pub line: ProductLineId,
}

/// What registrations on two accounts that are to be one have in common and may not have on one account, as of an
/// instant: a product line that `both` are protected for, or that one partner has an open claim to on both.
pub async fn common(db: &impl ConnectionTrait, union: Union, now: Timestamp, both: bool) -> AppResult<Vec<Common>> {
    let protections =
        "select a.registration_id as on_survivor, b.registration_id as on_merged, a.product_line_id as line
        from protections a join protections b on b.product_line_id = a.product_line_id
        where a.account_id = $1 and a.ended_at is null and a.ends_at > $3
            and b.account_id = $2 and b.ended_at is null and b.ends_at > $3";
    let claims = "select a.registration_id as on_survivor, b.registration_id as on_merged, a.product_line_id as line
        from deal_registration_lines a
            join deal_registration_lines b on b.product_line_id = a.product_line_id and b.partner_id = a.partner_id
            join deal_registrations r on r.id = a.registration_id
            join deal_registrations s on s.id = b.registration_id
        where a.account_id = $1 and a.closed_at is null and b.account_id = $2 and b.closed_at is null
            and (r.protected_until is null or r.protected_until > $3)
            and (s.protected_until is null or s.protected_until > $3)
            and (r.hold_until is null or r.hold_until > $3 or r.state = 'ACTION_REQUIRED')
            and (s.hold_until is null or s.hold_until > $3 or s.state = 'ACTION_REQUIRED')
            and not (r.state = 'PROTECTED' and s.state = 'PROTECTED')";
    let sql = format!("{} order by 1, 2, 3", if both { protections } else { claims });
    let values = [union.survivor_id.into(), union.merged_id.into(), now.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Common::find_by_statement(statement).all(db).await?)
}

/// The registrations on two accounts whose protection or hold has ended by the clock, which nobody has written down, held.
pub async fn expired_for_update(
    db: &impl ConnectionTrait,
    accounts: [AccountId; 2],
    now: Timestamp,
) -> AppResult<Vec<Registration>> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::AccountId.is_in(accounts))
        .filter(ended_by_the_clock(now))
        .order_by_asc(deal_registration::Column::Id);
    dialect::for_update(db, found).all(db).await?.into_iter().map(read).collect()
}

/// All registrations on an account, held, in the order of their ids.
pub async fn find_on(db: &impl ConnectionTrait, account_id: AccountId) -> AppResult<Vec<Registration>> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::AccountId.eq(account_id))
        .order_by_asc(deal_registration::Column::Id);
    dialect::for_update(db, found).all(db).await?.into_iter().map(read).collect()
}

/// The partners that have registrations on an account.
pub async fn partners_on(db: &impl ConnectionTrait, account_id: AccountId) -> AppResult<Vec<PartnerId>> {
    let found = deal_registration::Entity::find()
        .select_only()
        .column(deal_registration::Column::PartnerId)
        .distinct()
        .filter(deal_registration::Column::AccountId.eq(account_id));
    Ok(found.into_tuple().all(db).await?)
}

/// Moves registrations to an account, with their product lines and protections.
pub async fn move_to(db: &impl ConnectionTrait, ids: &[RegistrationId], to: AccountId) -> AppResult<()> {
    for some in ids.chunks(AT_ONCE) {
        let some = || some.iter().copied();
        deal_registration::Entity::update_many()
            .col_expr(deal_registration::Column::AccountId, Expr::value(to))
            .col_expr(deal_registration::Column::Version, Expr::col(deal_registration::Column::Version).add(1_i64))
            .filter(deal_registration::Column::Id.is_in(some()))
            .exec(db)
            .await?;
        deal_registration_line::Entity::update_many()
            .col_expr(deal_registration_line::Column::AccountId, Expr::value(to))
            .filter(deal_registration_line::Column::RegistrationId.is_in(some()))
            .exec(db)
            .await?;
        protection::Entity::update_many()
            .col_expr(protection::Column::AccountId, Expr::value(to))
            .filter(protection::Column::RegistrationId.is_in(some()))
            .exec(db)
            .await?;
    }
    Ok(())
}
