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

/// How many files the job looks for at once.
const AT_ONCE: usize = 100;

/// How often one run of the job looks again while it finds as many as that: a run ends.
const BATCHES: usize = 50;

/// After how many files that cannot be deleted a run ends: the store is away.
const FAILURES: usize = 10;

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

/// Deletes a stored file that its transaction did not keep, at once. When that fails it is left to [`sweep`].
pub async fn discard(services: &Services, key: &str) {
    if let Err(error) = delete(services, key).await {
        tracing::warn!(?error, "a file that was refused is deleted later");
    }
}

/// Deletes files that nobody has kept in time; how many. Several servers may do it at once.
///
/// # Errors
/// Those of the database.
pub async fn sweep(services: &Services) -> AppResult<u64> {
    let (mut deleted, mut failed) = (0_u64, 0_usize);
    for _ in 0..BATCHES {
        let batch = due(services).await?;
        let full = batch.len() >= AT_ONCE;
        for key in batch {
            match delete(services, &key).await {
                Ok(gone) => deleted = deleted.saturating_add(gone),
                Err(error) => {
                    tracing::warn!(?error, key, "a file cannot be deleted and is tried again later");
                    postpone(services, &key).await?;
                    failed = failed.saturating_add(1);
                }
            }
            if failed >= FAILURES {
                return Ok(deleted);
            }
        }
        if !full {
            break;
        }
    }
    Ok(deleted)
}

/// The files that are to be deleted, those that wait longest first.
async fn due(services: &Services) -> AppResult<Vec<String>> {
    use stored_file::{Column, Entity};
    let late = services.clock.now().plus(TimeDelta::minutes(-PENDING_MINUTES));
    let pending = Condition::all().add(Column::State.eq(State::Pending)).add(Column::CreatedAt.lt(late));
    let condemned = Condition::any().add(pending).add(Column::State.eq(State::Condemned));
    let found = Entity::find()
        .filter(condemned)
        .filter(Column::State.ne(State::Kept))
        .order_by_asc(Column::CreatedAt)
        .limit(u64::try_from(AT_ONCE).unwrap_or(u64::MAX))
        .all(services.db.pool())
        .await?;
    Ok(found.into_iter().map(|row| row.key).collect())
}

/// Deletes a file that nobody has kept, and its row; how many rows went.
async fn delete(services: &Services, key: &str) -> AppResult<u64> {
    use stored_file::{Column, Entity};
    let db = services.db.pool();
    // Nobody keeps it from here on; whoever has kept it meanwhile keeps it.
    let condemned = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Condemned))
        .filter(Column::Key.eq(key))
        .filter(Column::State.ne(State::Kept))
        .exec(db)
        .await?;
    if condemned.rows_affected == 0 {
        return Ok(0);
    }
    services.files.delete(key).await?;
    Ok(Entity::delete_by_id(key).exec(db).await?.rows_affected)
}

/// Lets all others go before a file that cannot be deleted, so that it does not block them.
async fn postpone(services: &Services, key: &str) -> AppResult<()> {
    use stored_file::{Column, Entity};
    // Once a file is condemned, its instant says nothing but when its turn is.
    Entity::update_many()
        .col_expr(Column::CreatedAt, Expr::value(services.clock.now()))
        .filter(Column::Key.eq(key))
        .filter(Column::State.eq(State::Condemned))
        .exec(services.db.pool())
        .await?;
    Ok(())
}
