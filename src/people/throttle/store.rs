//! SQL of throttling.

use entity::{attempt_bucket, value::Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};

use super::model::Bucket;
use crate::platform::error::AppResult;

impl From<attempt_bucket::Model> for Bucket {
    fn from(row: attempt_bucket::Model) -> Self {
        let attempt_bucket::Model { kind: _, subject: _, attempts, latest_at, free_at, kept_until: _ } = row;
        Self { attempts, latest_at, free_at }
    }
}

fn row(kind: &str, subject: &[u8], bucket: Bucket, kept_until: Timestamp) -> attempt_bucket::ActiveModel {
    attempt_bucket::ActiveModel {
        kind: Set(kind.to_owned()),
        subject: Set(subject.to_vec()),
        attempts: Set(bucket.attempts),
        latest_at: Set(bucket.latest_at),
        free_at: Set(bucket.free_at),
        kept_until: Set(kept_until),
    }
}

/// The bucket of a subject, made if there is none, held until the transaction ends: one statement that inserts or locks.
pub async fn hold(txn: &DatabaseTransaction, kind: &str, subject: &[u8], now: Timestamp) -> AppResult<Bucket> {
    let mut itself = OnConflict::columns([attempt_bucket::Column::Kind, attempt_bucket::Column::Subject]);
    let held = attempt_bucket::Entity::insert(row(kind, subject, Bucket::empty(now), now))
        .on_conflict(itself.update_column(attempt_bucket::Column::Kind).to_owned())
        .exec_with_returning(txn)
        .await?;
    Ok(held.into())
}

/// The bucket of a subject, if there is one.
pub async fn find(db: &impl ConnectionTrait, kind: &str, subject: &[u8]) -> AppResult<Option<Bucket>> {
    let found = attempt_bucket::Entity::find_by_id((kind.to_owned(), subject.to_vec())).one(db).await?;
    Ok(found.map(Bucket::from))
}

/// Whether something is remembered of a subject.
pub async fn is_kept(db: &impl ConnectionTrait, kind: &str, subject: &[u8], now: Timestamp) -> AppResult<bool> {
    let found = attempt_bucket::Entity::find_by_id((kind.to_owned(), subject.to_vec())).one(db).await?;
    Ok(found.is_some_and(|row| now < row.kept_until))
}

/// Writes a bucket that is held. `kept_until` stays as it is when absent.
pub async fn write(
    txn: &DatabaseTransaction,
    kind: &str,
    subject: &[u8],
    bucket: Bucket,
    kept_until: Option<Timestamp>,
) -> AppResult<()> {
    let mut row = row(kind, subject, bucket, bucket.free_at);
    row.kept_until = kept_until.map_or(sea_orm::ActiveValue::NotSet, Set);
    attempt_bucket::Entity::update(row).exec(txn).await?;
    Ok(())
}

/// Forgets what was counted of a subject.
pub async fn delete(db: &impl ConnectionTrait, kind: &str, subject: &[u8]) -> AppResult<()> {
    attempt_bucket::Entity::delete_by_id((kind.to_owned(), subject.to_vec())).exec(db).await?;
    Ok(())
}

/// Forgets what says nothing any more.
pub async fn purge(db: &impl ConnectionTrait, now: Timestamp) -> AppResult<u64> {
    let old = attempt_bucket::Entity::delete_many().filter(attempt_bucket::Column::KeptUntil.lt(now));
    Ok(old.exec(db).await?.rows_affected)
}
