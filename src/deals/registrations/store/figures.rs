//! What the registrations of partners add up to.

use std::collections::HashMap;

use entity::value::{Currency, Day, PartnerId, Timestamp};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::{
    kernel::figure::Figure,
    platform::{db::dialect, error::AppResult},
};

/// The amounts of the deals of these partners that were won between two days, both included: of one currency; what was
/// won in others is counted and left out.
pub async fn won(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    currency: Currency,
    (from, to): (Day, Day),
) -> AppResult<HashMap<PartnerId, Figure>> {
    const WHICH: &str = "closed_on between $2 and $3";
    sum(db, partners, ("won_amount_minor", "won_currency", WHICH), [currency.into(), from.into(), to.into()]).await
}

/// The amounts of the registrations of these partners that were qualified from an instant on and before another one,
/// and were neither rejected nor withdrawn: of one currency; what is of others is counted and left out.
pub async fn qualified(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    currency: Currency,
    (from, before): (Timestamp, Timestamp),
) -> AppResult<HashMap<PartnerId, Figure>> {
    const WHICH: &str = "qualified_at >= $2 and qualified_at < $3 and state not in ('REJECTED', 'WITHDRAWN')";
    sum(db, partners, ("amount_minor", "currency", WHICH), [currency.into(), from.into(), before.into()]).await
}

async fn sum(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    (amount, currency, which): (&str, &str, &str),
    values: [Value; 3],
) -> AppResult<HashMap<PartnerId, Figure>> {
    if partners.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "select partner_id, count(*) as considered,
            cast(coalesce(sum(case when {currency} = $1 and {which} then {amount} end), 0) as bigint) as amount,
            count(case when {currency} = $1 and {which} then 1 end) as counted,
            count(case when {currency} <> $1 and {which} then 1 end) as left_out
         from deal_registrations where partner_id in ({}) group by partner_id",
        dialect::placeholders(4, partners.len())
    );
    let values = values.into_iter().chain(partners.iter().map(|id| (*id).into()));
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    let mut found = HashMap::new();
    for row in rows {
        let figure = Figure {
            value: row.try_get("", "amount")?,
            rows: row.try_get("", "counted")?,
            considered: row.try_get("", "considered")?,
            left_out: row.try_get("", "left_out")?,
        };
        found.insert(row.try_get("", "partner_id")?, figure);
    }
    Ok(found)
}
