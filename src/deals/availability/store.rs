//! SQL of availability: how often a partner has asked.

use entity::value::PartnerId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, Value};

use crate::platform::error::AppResult;

/// Counts one more question of a partner's day; none when it has asked `most` times. One statement: two questions at once
/// are counted one after the other, on whichever servers they are.
pub async fn count(txn: &DatabaseTransaction, partner_id: PartnerId, day: i64, most: u32) -> AppResult<Option<i64>> {
    if most == 0 {
        return Ok(None);
    }
    let sql = "insert into availability_budgets (partner_id, day, used) values ($1, $2, 1)
        on conflict (partner_id, day) do update set used = availability_budgets.used + 1
        where availability_budgets.used < $3 returning used";
    let values: [Value; 3] = [partner_id.into(), day.into(), i64::from(most).into()];
    let row = txn.query_one_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "used")).transpose()?)
}

/// How often a partner has asked on a day.
pub async fn used(txn: &DatabaseTransaction, partner_id: PartnerId, day: i64) -> AppResult<i64> {
    let sql = "select used from availability_budgets where partner_id = $1 and day = $2";
    let values: [Value; 2] = [partner_id.into(), day.into()];
    let row = txn.query_one_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "used")).transpose()?.unwrap_or(0))
}
