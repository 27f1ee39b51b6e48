//! Use cases of duplicates.

use entity::value::{AccountDuplicateId, AccountDuplicateState as State, AccountId, MatchVerdict};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Dismiss, Labelled, Pair, PairFilter, PairOrder, Proposal, Reason},
    store,
};
use crate::{
    accounts::accounts::{self, model::Profile},
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// Puts two accounts into the queue of those that may be the same customer, or brings their entry up to date. Nothing
/// when the matcher finds them distinct, and when somebody has decided about them: a decision is never asked again, nor
/// is one about what was merged into them.
///
/// # Errors
/// Those of the database.
pub async fn propose_pair(txn: &DatabaseTransaction, call: &Call, proposal: &Proposal) -> AppResult<()> {
    let [one, other] = proposal.accounts;
    if proposal.verdict == MatchVerdict::Distinct || one == other {
        return Ok(());
    }
    if store::was_dismissed(txn, proposal.accounts).await? {
        return Ok(());
    }
    store::propose(txn, call, proposal).await
}

/// Decides that two accounts are different customers: the pair is kept, and never asked again.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn dismiss(call: Call, command: Dismiss) -> AppResult<Pair> {
    call.may(Action::MergeAccounts)?;
    call.once(async |txn| {
        let Dismiss { id, reason, expected_version } = command;
        let asked = store::find_many(txn, &[id]).await?.pop().ok_or_else(|| AppError::not_found("id"))?;
        // The accounts first, as whoever merges them does.
        let ids = [(asked.first_id, "id"), (asked.second_id, "id")];
        let profiles = accounts::hold_two(txn, ids).await?;
        let before = store::find_for_update(txn, id).await?.ok_or_else(|| AppError::not_found("id"))?;
        if (before.first_id, before.second_id) != (asked.first_id, asked.second_id) {
            return Err(AppError::overtaken("a pair was about other accounts"));
        }
        if expected_version.is_some_and(|expected| expected != before.version) {
            return Err(AppError::version_conflict(before.version));
        }
        before.expect_open()?;
        let after = before.decided(State::Dismissed, reason, call.now(), call.responsible());
        store::update(txn, before.version, &after, Some(&profiles)).await?;
        record(txn, &call, Some(&before), &after).await?;
        Ok(after)
    })
    .await
}

async fn record(txn: &DatabaseTransaction, call: &Call, before: Option<&Pair>, after: &Pair) -> AppResult<()> {
    let change = audit::Change {
        action: Action::MergeAccounts,
        object_id: after.id.to_string(),
        partner_id: None,
        before,
        after: Some(after),
    };
    audit::record(txn, call, change).await
}

/// Keeps that two accounts are the same customer, because they are merged, with what both were until then.
///
/// # Errors
/// Those of the database.
pub async fn decide_merged(
    txn: &DatabaseTransaction,
    call: &Call,
    profiles: &[Profile; 2],
    reason: &str,
) -> AppResult<()> {
    let [one, other] = profiles;
    let ids = [one.account.id, other.account.id];
    let (now, by) = (call.now(), call.responsible());
    if let Some(before) = store::find_of_for_update(txn, ids).await? {
        let after = before.decided(State::Merged, reason.to_owned(), now, by);
        store::update(txn, before.version, &after, Some(profiles)).await?;
        return record(txn, call, Some(&before), &after).await;
    }
    let [first_id, second_id] = store::sorted(ids);
    let after = Pair {
        id: call.new_id(),
        first_id,
        second_id,
        verdict: None,
        score_bp: 10_000,
        reasons: vec![Reason {
            code: "BROUGHT_UP_BY_A_PERSON".to_owned(),
            sentence: "Somebody merged them without being asked.".to_owned(),
        }],
        matcher_version: 0,
        state: State::Merged,
        found_at: now,
        decided_at: Some(now),
        decided_by: by,
        decision_reason: Some(reason.to_owned()),
        version: 1,
    };
    store::insert(txn, &after, profiles).await?;
    record(txn, call, None, &after).await
}

/// The merge of two accounts was undone: whether they are the same customer is open again.
///
/// # Errors
/// Those of the database.
pub async fn reopen(txn: &DatabaseTransaction, call: &Call, ids: [AccountId; 2]) -> AppResult<()> {
    let Some(before) = store::find_of_for_update(txn, ids).await?.filter(|pair| pair.state == State::Merged) else {
        return Ok(());
    };
    let after = Pair {
        state: State::Open,
        decided_at: None,
        decided_by: None,
        decision_reason: None,
        version: before.version.saturating_add(1),
        ..before.clone()
    };
    store::update(txn, before.version, &after, None).await?;
    record(txn, call, Some(&before), &after).await
}

/// The open questions about a merged account are asked about the one that it was merged into: those that moved, and
/// those that are asked about that one already.
///
/// # Errors
/// Those of the database.
pub async fn follow_merge(
    txn: &DatabaseTransaction,
    survivor_id: AccountId,
    merged_id: AccountId,
) -> AppResult<(Vec<AccountDuplicateId>, Vec<AccountDuplicateId>)> {
    let (mut moved, mut superseded) = (Vec::new(), Vec::new());
    for pair in store::open_of_for_update(txn, merged_id).await? {
        let other = if pair.first_id == merged_id { pair.second_id } else { pair.first_id };
        if other == survivor_id {
            continue;
        }
        let next = pair.version.saturating_add(1);
        let asked = store::find_of_for_update(txn, [survivor_id, other]).await?.is_some()
            || store::was_dismissed(txn, [survivor_id, other]).await?;
        let after = if asked {
            superseded.push(pair.id);
            Pair { state: State::Superseded, version: next, ..pair.clone() }
        } else {
            moved.push(pair.id);
            let [first_id, second_id] = store::sorted([survivor_id, other]);
            Pair { first_id, second_id, version: next, ..pair.clone() }
        };
        store::update(txn, pair.version, &after, None).await?;
    }
    Ok((moved, superseded))
}

/// Takes [`follow_merge`] back, as far as nobody has decided about the pairs since.
///
/// # Errors
/// Those of the database.
pub async fn follow_undo(
    txn: &DatabaseTransaction,
    survivor_id: AccountId,
    merged_id: AccountId,
    moved: &[AccountDuplicateId],
    superseded: &[AccountDuplicateId],
) -> AppResult<()> {
    for pair in store::find_many(txn, moved).await? {
        let Some(other) = [(pair.first_id, pair.second_id), (pair.second_id, pair.first_id)]
            .into_iter()
            .find_map(|(one, other)| (one == survivor_id).then_some(other))
        else {
            continue;
        };
        let taken = store::find_of_for_update(txn, [merged_id, other]).await?.is_some();
        if pair.state != State::Open || taken || other == merged_id {
            continue;
        }
        let [first_id, second_id] = store::sorted([merged_id, other]);
        let after = Pair { first_id, second_id, version: pair.version.saturating_add(1), ..pair.clone() };
        store::update(txn, pair.version, &after, None).await?;
    }
    store::open_superseded(txn, superseded).await
}

/// The pairs of these ids; nothing for those who may not read them.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[AccountDuplicateId]) -> AppResult<Vec<Pair>> {
    if call.may(Action::ReadAccountDuplicates).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), ids).await
}

/// A page of the pairs.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: &PairFilter, order: PairOrder, page: &Page) -> AppResult<Rows<Pair>> {
    call.may(Action::ReadAccountDuplicates)?;
    store::list(&call.reader(), filter, order, page).await
}

/// The pairs that people decided, by id, from after one of them on, at most so many: what the matcher is measured by.
///
/// # Errors
/// Those of the database.
pub async fn labelled(
    db: &impl ConnectionTrait,
    after: Option<AccountDuplicateId>,
    most: u64,
) -> AppResult<Vec<Labelled>> {
    store::labelled(db, after, most).await
}

/// Those of these accounts that may be the same customer as another one, which nobody has decided. No scope: the decision
/// of another area asks.
///
/// # Errors
/// Those of the database.
pub async fn doubted(db: &impl ConnectionTrait, accounts: &[AccountId]) -> AppResult<Vec<AccountId>> {
    store::open_among(db, accounts).await
}
