//! Use cases of merging. Registrations are held before accounts, in each transaction that needs both: approvals hold
//! their registration first, too.

mod read;
mod undo;

use entity::value::{AccountId, AccountMoveKind, TypedId as _};
use sea_orm::DatabaseTransaction;

pub use read::{counts, find_many, forget_partners, list, moved, note_moved};
pub use undo::undo;

use super::{
    model::{Merge, MergeAccounts, Preview},
    rules::{self, Place},
    store,
};
use crate::{
    accounts::{
        accounts::{
            self,
            model::{Account, Profile},
        },
        duplicates,
        policy::{self, model::AccountPolicy},
        reservations,
    },
    kernel::{
        code::Code,
        merging::{Clash, ClashKind, Direction, Merging, Survey, Union},
    },
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult, Problem},
        events,
        policies::InForce,
    },
};

/// What a merge would do, without doing it: as of one instant, and held by nobody.
///
/// # Errors
/// `NOT_FOUND`, `ACCOUNT_MERGED`; `Unauthenticated` or `Forbidden`.
pub async fn preview(call: &Call, union: Union) -> AppResult<Preview> {
    call.may(Action::ReadAccountDuplicates)?;
    expect_two(union)?;
    let txn = call.db().begin_snapshot().await?;
    let ids = [(union.survivor_id, "survivorId"), (union.merged_id, "mergedId")];
    let [survivor, merged] = accounts::look_at_two(&txn, ids).await?;
    survivor.account.expect_live("survivorId")?;
    merged.account.expect_live("mergedId")?;
    let policy = policy::in_force(&txn, call).await?;
    let survey = events::survey(&txn, call, union, false).await?;
    let clashes = clashes(&txn, &policy.policy, [&survivor, &merged], &survey, false).await?;
    let mut moves = store::count_moving(&txn, union).await?;
    moves.push((AccountMoveKind::Registration, survey.registrations));
    moves.retain(|(_, count)| *count > 0);
    Ok(Preview {
        survivor: survivor.account,
        merged: merged.account,
        moves,
        open_registrations: survey.open_registrations,
        protected_registrations: survey.protected_registrations,
        won_deals: survey.won_deals,
        clashes,
        undo_until: call.now().plus_days(policy.policy.merge_undo_days),
    })
}

fn expect_two(union: Union) -> AppResult<()> {
    if union.survivor_id == union.merged_id {
        let sentence = "An account cannot be merged into itself. Name two.";
        return Err(AppError::invalid("mergedId", Code::Malformed, sentence));
    }
    Ok(())
}

/// Everything that stands against a merge.
async fn clashes(
    txn: &DatabaseTransaction,
    policy: &AccountPolicy,
    [survivor, merged]: [&Profile; 2],
    survey: &Survey,
    hold: bool,
) -> AppResult<Vec<Clash>> {
    let union = Union { survivor_id: survivor.account.id, merged_id: merged.account.id };
    let mut clashes = survey.clashes.clone();
    let of = |found: &[(AccountId, rules::Reserved)], id: AccountId| -> Vec<rules::Reserved> {
        found.iter().filter(|(account, _)| *account == id).map(|(_, reserved)| *reserved).collect()
    };
    let reserved = reservations::reserved(txn, &[union.survivor_id, union.merged_id]).await?;
    clashes.extend(rules::reserved_differently(&of(&reserved, union.survivor_id), &of(&reserved, union.merged_id)));
    let levels = policy.hierarchy_levels;
    let place = Place {
        ancestors: accounts::ancestors(txn, &survivor.account, levels, hold).await?,
        below_merged: accounts::height(txn, union.merged_id, levels).await?,
        levels,
    };
    clashes.extend(rules::hierarchy(union, &place));
    clashes.extend(rules::too_much(&survivor.identity, &merged.identity, gains_name(survivor, merged)));
    if store::too_many_incumbents(txn, union).await? {
        clashes.push(Clash {
            kind: ClashKind::TooMuch,
            product_line_id: None,
            registration_ids: Vec::new(),
            sentence: "Together they would have too many incumbents. Clear some with `clearAccountIncumbent`."
                .to_owned(),
        });
    }
    Ok(clashes)
}

/// Whether the survivor gets the name that the merged account goes by as another name.
fn gains_name(survivor: &Profile, merged: &Profile) -> bool {
    let name = &merged.account.name;
    survivor.account.name != *name && !survivor.identity.names.iter().any(|it| it.name == *name)
}

/// Merges two accounts: everything of the one becomes the other's.
///
/// # Errors
/// `MERGE_CONFLICT` for each thing of which one account may have only one; `NOT_FOUND`, `ACCOUNT_MERGED`,
/// `VERSION_CONFLICT`.
pub async fn merge(call: Call, command: MergeAccounts) -> AppResult<Merge> {
    call.may(Action::MergeAccounts)?;
    expect_two(command.union)?;
    call.once(async |txn| {
        let MergeAccounts { union, reason, survivor_version, merged_version } = command;
        let policy = policy::in_force(txn, &call).await?;
        // Registrations first; those that came in until the accounts are held are held then.
        events::survey(txn, &call, union, true).await?;
        let ids = [(union.survivor_id, "survivorId"), (union.merged_id, "mergedId")];
        let profiles = accounts::hold_two(txn, ids).await?;
        let [survivor, merged] = &profiles;
        survivor.account.expect_live("survivorId")?;
        merged.account.expect_live("mergedId")?;
        survivor.account.expect_version(survivor_version)?;
        merged.account.expect_version(merged_version)?;
        let survey = events::survey(txn, &call, union, true).await?;
        or_refuse(&clashes(txn, &policy.policy, [survivor, merged], &survey, true).await?)?;
        let merge = begin(&call, &policy, survivor, merged, reason);
        store::insert(txn, &merge).await?;
        let merging = Merging { direction: Direction::Merged, merge_id: merge.id, union };
        duplicates::decide_merged(txn, &call, &profiles, &merge.reason).await?;
        let (moved, superseded) = duplicates::follow_merge(txn, union.survivor_id, union.merged_id).await?;
        store::note(txn, merge.id, AccountMoveKind::Duplicate, moved.iter().map(|id| id.uuid())).await?;
        let superseded = superseded.iter().map(|id| id.uuid());
        store::note(txn, merge.id, AccountMoveKind::DuplicateSuperseded, superseded).await?;
        write_accounts(txn, &merge).await?;
        store::follow(txn, &call, merging).await?;
        if gains_name(survivor, merged) {
            store::add_name(txn, &call, merging, &merged.account.name).await?;
        }
        store::note_reservations(txn, union).await?;
        events::follow(txn, &call, merging).await?;
        accounts::reindex(txn, &[union.survivor_id, union.merged_id]).await?;
        record(txn, &call, None, &merge).await?;
        Ok(merge)
    })
    .await
}

fn or_refuse(clashes: &[Clash]) -> AppResult<()> {
    if clashes.is_empty() {
        return Ok(());
    }
    let problem = |clash: &Clash| Problem {
        code: Code::MergeConflict,
        message: clash.sentence.clone(),
        field: vec!["mergedId".to_owned()],
        receipt: None,
    };
    Err(AppError::Refused(clashes.iter().map(problem).collect()))
}

/// The record of a merge. The survivor says of itself what it said: only where it was part of the merged account does
/// it take that one's place.
fn begin(call: &Call, policy: &InForce<AccountPolicy>, survivor: &Profile, merged: &Profile, reason: String) -> Merge {
    let now = call.now();
    let before = survivor.account.clone();
    let parent_id =
        if before.parent_id == Some(merged.account.id) { merged.account.parent_id } else { before.parent_id };
    Merge {
        id: call.new_id(),
        survivor_id: before.id,
        merged_id: merged.account.id,
        reason,
        policy_version: policy.version,
        merged_at: now,
        merged_by: call.responsible(),
        undo_until: now.plus_days(policy.policy.merge_undo_days),
        survivor_after: Account { parent_id, ..before.clone() },
        survivor_before: before,
        merged_before: merged.account.clone(),
        undone_at: None,
        undone_by: None,
        undo_reason: None,
        version: 1,
    }
}

/// The merged account is none any more: it says into which one it was merged, and holds nothing.
async fn write_accounts(txn: &DatabaseTransaction, merge: &Merge) -> AppResult<()> {
    let merged = Account {
        merged_into_id: Some(merge.survivor_id),
        domain: None,
        parent_id: None,
        ..merge.merged_before.clone()
    };
    accounts::write_merged(txn, &merged).await?;
    if merge.survivor_after != merge.survivor_before {
        accounts::write_merged(txn, &merge.survivor_after).await?;
    }
    Ok(())
}

/// The audit event of a merge, or of its undoing.
async fn record(txn: &DatabaseTransaction, call: &Call, before: Option<&Merge>, after: &Merge) -> AppResult<()> {
    let change = audit::Change {
        action: Action::MergeAccounts,
        object_id: after.id.to_string(),
        // Staff's affair: a partner would learn from it that somebody else came to the account.
        partner_id: None,
        before,
        after: Some(after),
    };
    audit::record(txn, call, change).await
}
