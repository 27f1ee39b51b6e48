//! Files on their way: stored, and kept or deleted.

use actix_web::web::Bytes;
use chrono::TimeDelta;
use entity::{stored_file, value::StoredFileState as State};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use crate::{
    kernel::code::Code,
    platform::{
        call::{Call, Services},
        error::{AppError, AppResult},
    },
};

/// How long a file may wait to be kept. Far longer than a request.
const PENDING_MINUTES: i64 = 60;

/// How many files one run of the job deletes at most.
const AT_ONCE: u64 = 100;

/// Stores a file, and returns under which key. It is deleted again unless a transaction keeps it soon.
///
/// # Errors
/// Those of the database; `Unavailable` when files cannot be stored now.
pub async fn stage(call: &Call, bytes: Bytes) -> AppResult<String> {
    // Random, so that it says nothing; two letters in front, so that no folder becomes too full.
    let name = call.services.ids.new_uuid().simple().to_string();
    let mut secret = [0_u8; 1];
    call.services.ids.fill(&mut secret);
    let key = format!("{:02x}/{name}", secret[0]);
    let row =
        stored_file::ActiveModel { key: Set(key.clone()), state: Set(State::Pending), created_at: Set(call.now()) };
    stored_file::Entity::insert(row).exec_without_returning(call.db().pool()).await?;
    call.services.files.put(&key, bytes).await?;
    Ok(key)
}

/// Keeps a file that was stored, in the transaction that says what it is.
///
/// # Errors
/// `WRONG_STATE` when it waited so long that it is deleted already.
pub async fn keep(txn: &DatabaseTransaction, key: &str) -> AppResult<()> {
    let kept = stored_file::Entity::update_many()
        .col_expr(stored_file::Column::State, Expr::value(State::Kept))
        .filter(stored_file::Column::Key.eq(key))
        .filter(stored_file::Column::State.eq(State::Pending))
        .exec(txn)
        .await?;
    if kept.rows_affected == 1 {
        return Ok(());
    }
    Err(AppError::refused(Code::WrongState, "The file took too long to be kept and is gone. Send it again."))
}

/// Deletes files that nobody has kept in time, some at a time; how many. Several servers may do it at once.
///
/// # Errors
/// Those of the database; `Unavailable` when files cannot be deleted now: the next run deletes them.
pub async fn sweep(services: &Services) -> AppResult<u64> {
    use stored_file::{Column, Entity};
    let (db, now) = (services.db.pool(), services.clock.now());
    let late = now.plus(TimeDelta::minutes(-PENDING_MINUTES));
    let pending = Condition::all().add(Column::State.eq(State::Pending)).add(Column::CreatedAt.lt(late));
    let condemned = Condition::any().add(pending).add(Column::State.eq(State::Condemned));
    let found = Entity::find()
        .filter(condemned)
        .filter(Column::State.ne(State::Kept))
        .order_by_asc(Column::CreatedAt)
        .limit(AT_ONCE)
        .all(db)
        .await?;
    let mut deleted = 0_u64;
    for row in found {
        // Nobody keeps it from here on; whoever has kept it meanwhile keeps it.
        let condemned = Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Condemned))
            .filter(Column::Key.eq(row.key.as_str()))
            .filter(Column::State.ne(State::Kept))
            .exec(db)
            .await?;
        if condemned.rows_affected == 1 {
            services.files.delete(&row.key).await?;
            let gone = Entity::delete_by_id(row.key).exec(db).await?;
            deleted = deleted.saturating_add(gone.rows_affected);
        }
    }
    Ok(deleted)
}
