//! SQL of files that prove evidence.

use entity::{
    evidence_file,
    value::{EvidenceFileId, EvidenceId, PartnerId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Statement,
};

use super::model::EvidenceFile;
use crate::{
    kernel::hex,
    platform::{
        auth::Scope,
        error::{AppError, AppResult},
    },
};

fn read(row: evidence_file::Model) -> EvidenceFile {
    let evidence_file::Model {
        id,
        evidence_id,
        registration_id,
        partner_id,
        name,
        media_type,
        size_bytes,
        sha256,
        storage_key,
        added_at,
        added_by,
    } = row;
    let sha256 = hex::encode(&sha256);
    EvidenceFile {
        id,
        evidence_id,
        registration_id,
        partner_id,
        name,
        media_type,
        size_bytes,
        sha256,
        storage_key,
        added_at,
        added_by,
    }
}

/// The files of these ids that exist for the caller.
pub async fn find_many(
    db: &impl ConnectionTrait,
    scope: Scope,
    ids: &[EvidenceFileId],
) -> AppResult<Vec<EvidenceFile>> {
    let found = evidence_file::Entity::find()
        .filter(evidence_file::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(evidence_file::Column::PartnerId));
    Ok(found.all(db).await?.into_iter().map(read).collect())
}

/// The files of these items of evidence that exist for the caller, oldest first.
pub async fn of_evidence(db: &impl ConnectionTrait, scope: Scope, ids: &[EvidenceId]) -> AppResult<Vec<EvidenceFile>> {
    let found = evidence_file::Entity::find()
        .filter(evidence_file::Column::EvidenceId.is_in(ids.iter().copied()))
        .filter(scope.rows_of(evidence_file::Column::PartnerId))
        .order_by_asc(evidence_file::Column::Id);
    Ok(found.all(db).await?.into_iter().map(read).collect())
}

/// How many files an item of evidence has.
pub async fn count(db: &impl ConnectionTrait, id: EvidenceId) -> AppResult<u64> {
    Ok(evidence_file::Entity::find().filter(evidence_file::Column::EvidenceId.eq(id)).count(db).await?)
}

/// How many bytes all files of a partner have.
pub async fn bytes_of(db: &impl ConnectionTrait, id: PartnerId) -> AppResult<i64> {
    let sql = "select cast(coalesce(sum(size_bytes), 0) as bigint) as bytes from evidence_files where partner_id = $1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [id.into()]);
    let row = db.query_one_raw(statement).await?;
    let bytes = row.map(|row| row.try_get::<i64>("", "bytes")).transpose()?;
    Ok(bytes.unwrap_or_default())
}

/// Inserts a file.
pub async fn insert(db: &impl ConnectionTrait, file: &EvidenceFile) -> AppResult<()> {
    let sha256 = hex::decode(&file.sha256).ok_or_else(|| AppError::internal("a hash that is none"))?;
    let row = evidence_file::ActiveModel {
        id: Set(file.id),
        evidence_id: Set(file.evidence_id),
        registration_id: Set(file.registration_id),
        partner_id: Set(file.partner_id),
        name: Set(file.name.clone()),
        media_type: Set(file.media_type.clone()),
        size_bytes: Set(file.size_bytes),
        sha256: Set(sha256),
        storage_key: Set(file.storage_key.clone()),
        added_at: Set(file.added_at),
        added_by: Set(file.added_by),
    };
    evidence_file::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}
