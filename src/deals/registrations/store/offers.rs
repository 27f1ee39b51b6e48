//! SQL of the waiting list and its offers. No scope: whose turn it is does not depend on who asks.

use entity::{
    deal_registration,
    value::{
        AccountId, DealRegistrationState as State, OfferAnswer, PartnerId, ProductLineId, ProtectionEnd,
        RegistrationId, Timestamp, WaitlistOfferId,
    },
    waitlist_offer::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
    sea_query::Expr,
};

use super::read;
use crate::{
    deals::registrations::model::{Offer, Registration},
    platform::{call::Call, db::dialect, error::AppResult},
};

fn offer(row: Model) -> (RegistrationId, Offer) {
    let Model { id: _, registration_id, partner_id: _, starts_at, expires_at, answer, answered_at, answered_by: _ } =
        row;
    (registration_id, Offer { starts_at, expires_at, answer, answered_at })
}

/// Whoever plans for an account does so alone until the transaction ends: two who begin to wait at once do not see each
/// other, and both would be offered the same place. On SQLite the transaction holds the writer's place already.
pub async fn take_turns(db: &impl ConnectionTrait, account_id: AccountId) -> AppResult<()> {
    if dialect::is_postgres(db) {
        let sql = "select pg_advisory_xact_lock(hashtextextended($1, 0))";
        let place = format!("waiting list {account_id}");
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [place.into()])).await?;
    }
    Ok(())
}

/// Who waits on an account, held in the order of their ids until the transaction ends: whoever plans for the same place
/// waits for it.
pub async fn hold_waiting(db: &impl ConnectionTrait, account_id: AccountId) -> AppResult<Vec<Registration>> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::AccountId.eq(account_id))
        .filter(deal_registration::Column::State.eq(State::Waitlisted))
        .order_by_asc(deal_registration::Column::Id);
    dialect::for_update(db, found).all(db).await?.into_iter().map(read).collect()
}

/// The accounts that a partner waits on, in the order of their ids.
pub async fn waits_on(db: &impl ConnectionTrait, partner_id: PartnerId) -> AppResult<Vec<AccountId>> {
    let found = deal_registration::Entity::find()
        .select_only()
        .column(deal_registration::Column::AccountId)
        .distinct()
        .filter(deal_registration::Column::PartnerId.eq(partner_id))
        .filter(deal_registration::Column::State.eq(State::Waitlisted))
        .order_by_asc(deal_registration::Column::AccountId);
    Ok(found.into_tuple().all(db).await?)
}

/// The offers of these registrations that have begun or are planned, oldest first.
pub async fn of(db: &impl ConnectionTrait, ids: &[RegistrationId]) -> AppResult<Vec<(RegistrationId, Offer)>> {
    let found = Entity::find().filter(Column::RegistrationId.is_in(ids.iter().copied())).order_by_asc(Column::Id);
    Ok(found.all(db).await?.into_iter().map(offer).collect())
}

/// Writes down which offers of these registrations were let pass, at the instant at which they ended.
pub async fn lapse(db: &impl ConnectionTrait, ids: &[RegistrationId], now: Timestamp) -> AppResult<()> {
    Entity::update_many()
        .col_expr(Column::Answer, Expr::value(OfferAnswer::Lapsed))
        .col_expr(Column::AnsweredAt, Expr::col(Column::ExpiresAt))
        .filter(Column::RegistrationId.is_in(ids.iter().copied()))
        .filter(Column::Answer.is_null())
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets what was planned for these registrations and has not begun: a plan that changes was no offer.
pub async fn forget_planned(db: &impl ConnectionTrait, ids: &[RegistrationId], now: Timestamp) -> AppResult<()> {
    Entity::delete_many()
        .filter(Column::RegistrationId.is_in(ids.iter().copied()))
        .filter(Column::Answer.is_null())
        .filter(Column::StartsAt.gt(now))
        .exec(db)
        .await?;
    Ok(())
}

/// Answers the open offers of these registrations; false when there is none.
pub async fn answer(
    db: &impl ConnectionTrait,
    call: &Call,
    ids: &[RegistrationId],
    answer: OfferAnswer,
) -> AppResult<bool> {
    let now = call.now();
    // Who made the vendor take an offer back is nobody of this registration's.
    let by = call.responsible().filter(|_| answer != OfferAnswer::Withdrawn);
    let answered = Entity::update_many()
        .col_expr(Column::Answer, Expr::value(answer))
        .col_expr(Column::AnsweredAt, Expr::value(now))
        .col_expr(Column::AnsweredBy, Expr::value(by))
        .filter(Column::RegistrationId.is_in(ids.iter().copied()))
        .filter(Column::Answer.is_null())
        .filter(Column::StartsAt.lte(now))
        .filter(Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    Ok(answered.rows_affected > 0)
}

/// An offer that begins at an instant, if there is a turn.
pub struct Plan {
    /// Who waits.
    pub registration_id: RegistrationId,
    /// Its partner.
    pub partner_id: PartnerId,
    /// From when until when; none without a turn.
    pub turn: Option<(Timestamp, Timestamp)>,
}

/// Plans offers. Nothing where somebody else has planned one for the same registration at the same moment. Whoever has no
/// turn is written into the same statement, and it runs for nobody, too: its time does not tell whether anybody knows when
/// the place is free.
pub async fn plan(db: &impl ConnectionTrait, call: &Call, plans: &[Plan]) -> AppResult<()> {
    let nobody = Plan { registration_id: call.new_id(), partner_id: call.new_id(), turn: None };
    let plans: Vec<&Plan> = plans.iter().chain([&nobody]).collect();
    let row = |it: &&Plan| -> [Value; 6] {
        let (starts_at, expires_at) = it.turn.unwrap_or((call.now(), call.now()));
        let turn = i64::from(it.turn.is_some());
        let id = call.new_id::<WaitlistOfferId>();
        [id.into(), it.registration_id.into(), it.partner_id.into(), starts_at.into(), expires_at.into(), turn.into()]
    };
    // So many that their values fit into a statement on both databases.
    for plans in plans.chunks(1_000) {
        let rows = (0..plans.len())
            .map(|at| format!("({})", dialect::placeholders(at.saturating_mul(6).saturating_add(1), 6)));
        let sql = format!(
            "insert into waitlist_offers (id, registration_id, partner_id, starts_at, expires_at)
             select column1, column2, column3, column4, column5 from (values {}) plans where column6 = 1
             on conflict do nothing",
            rows.collect::<Vec<_>>().join(", ")
        );
        let values: Vec<Value> = plans.iter().flat_map(row).collect();
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

/// When the protection of each of some product lines of an account ended last, and whether by a win.
pub async fn last_protection_ends(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    lines: &[ProductLineId],
    now: Timestamp,
) -> AppResult<Vec<(ProductLineId, Timestamp, bool)>> {
    #[derive(FromQueryResult)]
    struct Ended {
        product_line_id: ProductLineId,
        over_at: Timestamp,
        end_reason: Option<ProtectionEnd>,
    }
    let sql = format!(
        "select product_line_id, over_at, end_reason from (
             select product_line_id, coalesce(ended_at, ends_at) as over_at, end_reason,
                 row_number() over (partition by product_line_id order by coalesce(ended_at, ends_at) desc, id desc) as place
             from protections
             where account_id = $1 and (ended_at is not null or ends_at <= $2) and product_line_id in ({})
         ) ended where place = 1",
        dialect::placeholders(3, lines.len())
    );
    let values = [Value::from(account_id), now.into()].into_iter().chain(lines.iter().map(|line| Value::from(*line)));
    let found = Ended::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, values));
    let read = |it: Ended| (it.product_line_id, it.over_at, it.end_reason == Some(ProtectionEnd::Converted));
    Ok(found.all(db).await?.into_iter().map(read).collect())
}
