//! Undoing a merge.

use entity::value::{AccountDuplicateId, AccountId, AccountMoveKind, TypedId as _};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::record;
use crate::{
    accounts::{
        accounts::{self, model::Account},
        duplicates,
        merging::{
            model::{Merge, Undo},
            store,
        },
        policy,
    },
    kernel::{
        code::Code,
        merging::{Direction, Merging},
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
    },
};

/// Undoes a merge: what it moved goes back, as far as it is still where the merge has put it. What came later stays.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`, `MERGE_UNDO_CLOSED`; `ACCOUNT_MERGED` when the account that stayed was
/// merged itself since; `ACCOUNT_EXISTS` when its name was given to a new account.
pub async fn undo(call: Call, command: Undo) -> AppResult<Merge> {
    call.may(Action::MergeAccounts)?;
    call.once(async |txn| {
        let Undo { id, reason, expected_version } = command;
        let asked = store::find_many(txn, &[id]).await?.pop().ok_or_else(|| AppError::not_found("id"))?;
        let union = asked.union();
        events::survey(txn, &call, union, true).await?;
        let profiles = accounts::hold_two(txn, [(union.survivor_id, "id"), (union.merged_id, "id")]).await?;
        let before = store::find_for_update(txn, id).await?.ok_or_else(|| AppError::not_found("id"))?;
        if expected_version.is_some_and(|expected| expected != before.version) {
            return Err(AppError::version_conflict(before.version));
        }
        let now = call.now();
        before.expect_undoable(now)?;
        let [survivor, merged] = profiles;
        if let Some(into) = survivor.account.merged_into_id {
            let sentence =
                format!("The account that it was merged into was merged into {into} since. Undo that merge first.");
            return Err(AppError::refused(Code::AccountMerged, sentence));
        }
        let after = Merge {
            undone_at: Some(now),
            undone_by: call.responsible(),
            undo_reason: Some(reason),
            version: before.version.saturating_add(1),
            ..before.clone()
        };
        store::undo(txn, before.version, &after).await?;
        let merging = Merging { direction: Direction::Undone, merge_id: id, union };
        restore(txn, &call, merging, &before, survivor.account, merged.account).await?;
        duplicates::reopen(txn, &call, [union.survivor_id, union.merged_id]).await?;
        let moved = ids(store::moved(txn, id, AccountMoveKind::Duplicate).await?);
        let superseded = ids(store::moved(txn, id, AccountMoveKind::DuplicateSuperseded).await?);
        duplicates::follow_undo(txn, union.survivor_id, union.merged_id, &moved, &superseded).await?;
        events::follow(txn, &call, merging).await?;
        accounts::reindex(txn, &[union.survivor_id, union.merged_id]).await?;
        record(txn, &call, Some(&before), &after).await?;
        Ok(after)
    })
    .await
}

fn ids(found: Vec<Uuid>) -> Vec<AccountDuplicateId> {
    found.into_iter().map(AccountDuplicateId::from_uuid).collect()
}

/// Both accounts as they were, with what is still there to be moved back.
async fn restore(
    txn: &DatabaseTransaction,
    call: &Call,
    merging: Merging,
    merge: &Merge,
    survivor: Account,
    merged: Account,
) -> AppResult<()> {
    store::follow_undo(txn, merging).await?;
    let was = &merge.merged_before;
    // Its website may be another account's by now, or gone.
    let domain = match &was.domain {
        Some(domain) if store::has_domain(txn, merged.id, domain).await? => Some(domain.clone()),
        _ => None,
    };
    let mut live = Account { merged_into_id: None, domain, ..merged };
    accounts::check_twin(txn, &live).await?;
    live.parent_id = fitting_parent(txn, call, &live, was.parent_id).await?;
    accounts::write_merged(txn, &live).await?;
    if survivor.parent_id == merge.survivor_after.parent_id && merge.survivor_before != merge.survivor_after {
        let parent_id = fitting_parent(txn, call, &survivor, merge.survivor_before.parent_id).await?;
        accounts::write_merged(txn, &Account { parent_id, ..survivor }).await?;
    }
    store::note_reservations(txn, merging.union).await
}

/// The parent that an account had, where it still fits: not if it was merged since, is part of the account by now, or
/// lies too deep.
async fn fitting_parent(
    txn: &DatabaseTransaction,
    call: &Call,
    account: &Account,
    parent_id: Option<AccountId>,
) -> AppResult<Option<AccountId>> {
    let Some(parent_id) = parent_id else { return Ok(None) };
    let levels = policy::in_force(txn, call).await?.policy.hierarchy_levels;
    let below = accounts::height(txn, account.id, levels).await?;
    match accounts::check_parent(txn, Some((account.id, below)), parent_id, levels, "id").await {
        Ok(()) => Ok(Some(parent_id)),
        Err(AppError::Refused(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
