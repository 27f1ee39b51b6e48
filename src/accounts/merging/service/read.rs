//! Reading merges, and what other areas note of them.

use std::collections::HashMap;

use entity::value::{AccountMergeId, AccountMoveKind, PartnerId, TypedId as _};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use crate::{
    accounts::{
        accounts,
        merging::{
            model::{Merge, MergeFilter},
            store,
        },
    },
    kernel::merging::Merging,
    platform::{
        auth::policy::Action,
        call::Call,
        error::AppResult,
        graphql::page::{Page, Rows},
    },
};

/// Notes what another area moved because of a merge.
///
/// # Errors
/// Those of the database.
pub async fn note_moved(
    txn: &DatabaseTransaction,
    merge_id: AccountMergeId,
    kind: AccountMoveKind,
    ids: impl IntoIterator<Item = Uuid>,
) -> AppResult<()> {
    store::note(txn, merge_id, kind, ids).await
}

/// What another area moved because of a merge.
///
/// # Errors
/// Those of the database.
pub async fn moved(db: &impl ConnectionTrait, merge_id: AccountMergeId, kind: AccountMoveKind) -> AppResult<Vec<Uuid>> {
    store::moved(db, merge_id, kind).await
}

/// The partners for whom the survivor exists since a merge, and that still have nothing of their own on it: `busy` are
/// those that have. It stops to exist for them.
///
/// # Errors
/// Those of the database.
pub async fn forget_partners(txn: &DatabaseTransaction, merging: Merging, busy: &[PartnerId]) -> AppResult<()> {
    let came = store::moved(txn, merging.merge_id, AccountMoveKind::Partner).await?;
    let gone: Vec<PartnerId> =
        came.into_iter().map(PartnerId::from_uuid).filter(|partner| !busy.contains(partner)).collect();
    accounts::disconnect(txn, merging.union.survivor_id, &gone).await
}

/// The merges of these ids; nothing for those who may not read them.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[AccountMergeId]) -> AppResult<Vec<Merge>> {
    if call.may(Action::ReadAccountDuplicates).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), ids).await
}

/// How many things of each kind these merges moved.
///
/// # Errors
/// Those of the database.
pub async fn counts(
    call: &Call,
    ids: &[AccountMergeId],
) -> AppResult<HashMap<AccountMergeId, Vec<(AccountMoveKind, i64)>>> {
    if call.may(Action::ReadAccountDuplicates).is_err() {
        return Ok(HashMap::new());
    }
    store::counts(&call.reader(), ids).await
}

/// A page of the merges, newest first.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: &MergeFilter, page: &Page) -> AppResult<Rows<Merge>> {
    call.may(Action::ReadAccountDuplicates)?;
    store::list(&call.reader(), filter, page).await
}
