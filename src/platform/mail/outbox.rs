//! The queue of mails.
//!
//! A mail is claimed by a conditional update that moves its next attempt into the future: who moved it sends it.
//! When that one dies, the mail is due again at the end of the lease.

use chrono::TimeDelta;
use entity::{
    outbound_mail,
    value::{MailId, MailKind, MailState, Timestamp},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use crate::platform::{call::Call, db::Db, error::AppResult};

/// How long somebody who claimed a mail has for it. Longer than sending may take.
pub const LEASE_SECONDS: i64 = 60;

/// How often a mail is tried: over two days, with the delays below.
pub const MOST_ATTEMPTS: i64 = 20;

/// Settled mails are forgotten after so many days.
const KEPT_DAYS: i64 = 30;

/// How many due mails are looked at in one claim: replicas that look at once claim different ones.
const LOOKED_AT: u64 = 8;

/// How many mails one statement queues: each row has nine values, and SQLite takes 32,766 of them.
const QUEUED_AT_ONCE: usize = 1_000;

/// A mail that somebody claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Its id, and so its Message-ID.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The object that it is about.
    pub object_id: Uuid,
    /// Which attempt this is, from one.
    pub attempt: i64,
}

/// Queues a mail, in the transaction of the change that it tells of.
///
/// # Errors
/// Those of the database.
pub async fn queue(txn: &DatabaseTransaction, call: &Call, kind: MailKind, object_id: Uuid) -> AppResult<MailId> {
    let id: MailId = call.new_id();
    outbound_mail::Entity::insert(queued(call, id, kind, object_id)).exec_without_returning(txn).await?;
    Ok(id)
}

/// Queues a mail about each of these objects, in the transaction of the change that they tell of.
///
/// # Errors
/// Those of the database.
pub async fn queue_all(
    txn: &DatabaseTransaction,
    call: &Call,
    kind: MailKind,
    objects: impl Iterator<Item = Uuid>,
) -> AppResult<()> {
    let rows: Vec<_> = objects.map(|object_id| queued(call, call.new_id(), kind, object_id)).collect();
    for rows in rows.chunks(QUEUED_AT_ONCE) {
        outbound_mail::Entity::insert_many(rows.to_vec()).exec_without_returning(txn).await?;
    }
    Ok(())
}

fn queued(call: &Call, id: MailId, kind: MailKind, object_id: Uuid) -> outbound_mail::ActiveModel {
    outbound_mail::ActiveModel {
        id: Set(id),
        kind: Set(kind),
        object_id: Set(object_id),
        state: Set(MailState::Queued),
        created_at: Set(call.now()),
        due_at: Set(call.now()),
        attempts: Set(0),
        settled_at: Set(None),
        last_problem: Set(None),
    }
}

/// Claims the mail that is due longest, if one is.
///
/// # Errors
/// Those of the database.
pub async fn claim_due(db: &Db, now: Timestamp) -> AppResult<Option<Queued>> {
    let due = outbound_mail::Entity::find()
        .filter(outbound_mail::Column::State.eq(MailState::Queued))
        .filter(outbound_mail::Column::DueAt.lte(now))
        .order_by_asc(outbound_mail::Column::DueAt)
        .order_by_asc(outbound_mail::Column::Id)
        .limit(LOOKED_AT)
        .all(db.pool())
        .await?;
    for row in due {
        let attempt = row.attempts.saturating_add(1);
        let claimed = waiting(row.id, row.attempts)
            .col_expr(outbound_mail::Column::Attempts, Expr::value(attempt))
            .col_expr(outbound_mail::Column::DueAt, Expr::value(now.plus(TimeDelta::seconds(LEASE_SECONDS))))
            .exec(db.pool())
            .await?;
        if claimed.rows_affected == 1 {
            return Ok(Some(Queued { id: row.id, kind: row.kind, object_id: row.object_id, attempt }));
        }
    }
    Ok(None)
}

/// Whoever claimed a mail first moved the number of attempts; nobody else's update finds it then.
fn waiting(id: MailId, attempts: i64) -> sea_orm::UpdateMany<outbound_mail::Entity> {
    outbound_mail::Entity::update_many()
        .filter(outbound_mail::Column::Id.eq(id))
        .filter(outbound_mail::Column::State.eq(MailState::Queued))
        .filter(outbound_mail::Column::Attempts.eq(attempts))
}

/// Notes what became of a claimed mail. Nothing when somebody else claimed it meanwhile.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    db: &impl ConnectionTrait,
    mail: &Queued,
    state: MailState,
    problem: Option<&str>,
    now: Timestamp,
) -> AppResult<()> {
    waiting(mail.id, mail.attempt)
        .col_expr(outbound_mail::Column::State, Expr::value(state))
        .col_expr(outbound_mail::Column::SettledAt, Expr::value(now))
        .col_expr(outbound_mail::Column::LastProblem, Expr::value(problem.map(str::to_owned)))
        .exec(db)
        .await?;
    Ok(())
}

/// Lets a claimed mail wait for its next attempt; after the last one it is given up. Whether it waits.
///
/// # Errors
/// Those of the database.
pub async fn put_back(db: &impl ConnectionTrait, mail: &Queued, problem: &str, now: Timestamp) -> AppResult<bool> {
    if mail.attempt >= MOST_ATTEMPTS {
        settle(db, mail, MailState::GivenUp, Some(problem), now).await?;
        return Ok(false);
    }
    waiting(mail.id, mail.attempt)
        .col_expr(outbound_mail::Column::DueAt, Expr::value(now.plus(delay(mail.attempt))))
        .col_expr(outbound_mail::Column::LastProblem, Expr::value(Some(problem.to_owned())))
        .exec(db)
        .await?;
    Ok(true)
}

/// A quarter of a minute after the first attempt, then three times as long after each, and never more than four hours.
fn delay(attempt: i64) -> TimeDelta {
    let steps = u32::try_from(attempt.clamp(1, 10)).unwrap_or(10).saturating_sub(1);
    TimeDelta::seconds(15_i64.saturating_mul(3_i64.saturating_pow(steps)).min(4 * 3600))
}

/// Forgets mails that were settled long ago.
///
/// # Errors
/// Those of the database.
pub async fn purge(db: &Db, now: Timestamp) -> AppResult<u64> {
    let old = outbound_mail::Entity::delete_many()
        .filter(outbound_mail::Column::SettledAt.lt(now.plus_days(-KEPT_DAYS)))
        .exec(db.pool())
        .await?;
    Ok(old.rows_affected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_up_to_four_hours_and_two_days_in_all() {
        let delays: Vec<i64> = (1..MOST_ATTEMPTS).map(|attempt| delay(attempt).num_seconds()).collect();
        assert_eq!(delays[..4], [15, 45, 135, 405]);
        assert!(delays.is_sorted() && delays.last() == Some(&14_400));
        let hours = delays.iter().sum::<i64>() / 3600;
        assert!((40..60).contains(&hours), "{hours}");
    }
}
