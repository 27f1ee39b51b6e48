//! SQL of registrations that a conflict is about. The same statements run however many they are.

use chrono::TimeDelta;
use entity::value::{RegistrationId, Timestamp};
use sea_orm::{ConnectionTrait, Statement, Value};

use super::claims::own_duplicate;
use crate::platform::{db::dialect, error::AppResult};

/// Registrations that are held are contested until an instant, as [`Registration::contested`] says it; the claim of the one
/// that disputes is open again.
///
/// [`Registration::contested`]: crate::deals::registrations::model::Registration::contested
pub async fn contest(
    db: &impl ConnectionTrait,
    ids: &[RegistrationId],
    disputing: Option<RegistrationId>,
    (until, now): (Timestamp, Timestamp),
) -> AppResult<()> {
    let sql = format!(
        "update deal_registrations set state = 'CONTESTED', contested_from = state, contested_until = $1,
            contested_outcome = outcome, contested_reason = outcome_reason,
            outcome = null, outcome_reason = null, ended_at = null, version = version + 1,
            protected_until = case when state = 'PROTECTED' then protected_until + $2 else protected_until end,
            hold_until = case when state in ('SUBMITTED', 'IN_REVIEW') then hold_until + $2 else hold_until end,
            due_at = case when state in ('SUBMITTED', 'IN_REVIEW') then due_at + $2 else due_at end,
            disputed_at = case when id = $3 then $4 else disputed_at end
         where id in ({})",
        dialect::placeholders(5, ids.len())
    );
    let by = until.since(now);
    run(db, sql, [until.into(), micros(by), disputing.into(), now.into()], ids).await?;
    later(db, ids, by).await?;
    let sql = format!(
        "update deal_registration_lines set closed_at = null where registration_id in ({})",
        dialect::placeholders(1, ids.len())
    );
    run(db, sql, [], ids).await.map_err(own_duplicate)
}

/// Conflicts about registrations that are held are over by themselves so much later, as [`Registration::postponed`] says it.
///
/// [`Registration::postponed`]: crate::deals::registrations::model::Registration::postponed
pub async fn postpone(db: &impl ConnectionTrait, ids: &[RegistrationId], by: TimeDelta) -> AppResult<()> {
    let sql = format!(
        "update deal_registrations set contested_until = contested_until + $1, version = version + 1,
            protected_until = case when contested_from = 'PROTECTED' then protected_until + $1 else protected_until end,
            hold_until = case when contested_from in ('SUBMITTED', 'IN_REVIEW') then hold_until + $1 else hold_until end,
            due_at = case when contested_from in ('SUBMITTED', 'IN_REVIEW') then due_at + $1 else due_at end
         where id in ({})",
        dialect::placeholders(2, ids.len())
    );
    run(db, sql, [micros(by)], ids).await?;
    later(db, ids, by).await
}

/// The protections of registrations that are in force end so much later.
async fn later(db: &impl ConnectionTrait, ids: &[RegistrationId], by: TimeDelta) -> AppResult<()> {
    let sql = format!(
        "update protections set ends_at = ends_at + $1 where ended_at is null and registration_id in ({})",
        dialect::placeholders(2, ids.len())
    );
    run(db, sql, [micros(by)], ids).await
}

fn micros(span: TimeDelta) -> Value {
    span.num_microseconds().unwrap_or(0).into()
}

async fn run<const N: usize>(
    db: &impl ConnectionTrait,
    sql: String,
    values: [Value; N],
    ids: &[RegistrationId],
) -> AppResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let values = values.into_iter().chain(ids.iter().map(|id| Value::from(*id)));
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    Ok(())
}
