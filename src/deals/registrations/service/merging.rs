//! Registrations follow their accounts when these are merged, and go back when that is undone.
//!
//! A protection of one account and one of the other on a common product line cannot both be the one of the account that
//! they become: such a merge is refused until somebody has resolved it, and nobody is a silent winner. The database has
//! the last word here too: `one_active_protection_per_account_and_line`.

use std::collections::BTreeMap;

use entity::value::{AccountId, AccountMoveKind, PartnerId, ProductLineId, RegistrationId, TypedId as _};
use sea_orm::DatabaseTransaction;

use super::{expire_all, turns::replan};
use crate::{
    accounts::merging,
    deals::registrations::{
        model::Registration,
        store::{self, merging::Common},
    },
    kernel::{
        code::Code,
        merging::{Clash, ClashKind, Direction, Merging, Survey, Union},
    },
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
    },
};

/// The registrations on two accounts that are to be one, and which of them cannot be on one account. With `hold`, the
/// open ones are held until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn survey(txn: &DatabaseTransaction, call: &Call, union: Union, hold: bool) -> AppResult<Survey> {
    if hold {
        store::merging::hold_open(txn, [union.survivor_id, union.merged_id]).await?;
    }
    let now = call.now();
    let counted = store::merging::count(txn, union.merged_id, now).await?;
    let mut clashes = Vec::new();
    for (both, kind) in [(true, ClashKind::BothProtected), (false, ClashKind::ClaimedTwice)] {
        let common = store::merging::common(txn, union, now, both).await?;
        clashes.extend(by_pair(common).into_iter().map(|(pair, lines)| clash(kind, pair, &lines)));
    }
    Ok(Survey {
        registrations: counted.registrations,
        open_registrations: counted.open,
        protected_registrations: counted.protected,
        won_deals: counted.won,
        clashes,
    })
}

/// Two registrations, one on each account.
type OneOnEach = (RegistrationId, RegistrationId);

fn by_pair(common: Vec<Common>) -> BTreeMap<OneOnEach, Vec<ProductLineId>> {
    let mut pairs: BTreeMap<OneOnEach, Vec<ProductLineId>> = BTreeMap::new();
    for Common { on_survivor, on_merged, line } in common {
        pairs.entry((on_survivor, on_merged)).or_default().push(line);
    }
    pairs
}

fn clash(kind: ClashKind, (one, other): OneOnEach, lines: &[ProductLineId]) -> Clash {
    let lines_said = lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let sentence = match kind {
        ClashKind::BothProtected => format!(
            "{one} and {other} are both protected for {lines_said}. One account has room for one: let one of them end first, by its partner's `withdrawDealRegistration`, by `markDealWon` or `markDealLost`."
        ),
        _ => format!(
            "{one} and {other} are open registrations of one partner for {lines_said}. It may have one: let one of them end first, by `rejectDealRegistration` or its partner's `withdrawDealRegistration`."
        ),
    };
    Clash { kind, product_line_id: lines.first().copied(), registration_ids: vec![one, other], sentence }
}

/// Registrations follow a merge, or its undoing, with their product lines and protections: those that ended, too.
///
/// # Errors
/// `MERGE_CONFLICT` when the database refuses a second protection or claim; those of the database.
pub async fn follow(txn: &DatabaseTransaction, call: &Call, merging: Merging) -> AppResult<()> {
    let Union { survivor_id, merged_id } = merging.union;
    match merging.direction {
        Direction::Merged => {
            // What has ended by the clock gives its place free in the database, too.
            expire_all(txn, call, store::merging::expired_for_update(txn, [survivor_id, merged_id], call.now()).await?)
                .await?;
            let moving = store::merging::find_on(txn, merged_id).await?;
            let ids = moving.iter().map(|it| it.id.uuid());
            merging::note_moved(txn, merging.merge_id, AccountMoveKind::Registration, ids).await?;
            move_all(txn, call, &moving, survivor_id).await?;
            replan(txn, call, survivor_id).await
        }
        Direction::Undone => {
            let moved = merging::moved(txn, merging.merge_id, AccountMoveKind::Registration).await?;
            let ids: Vec<RegistrationId> = moved.into_iter().map(RegistrationId::from_uuid).collect();
            let mut back = Vec::new();
            for some in ids.chunks(store::merging::AT_ONCE) {
                let found = store::find_many(txn, crate::platform::auth::Scope::Everything, some).await?;
                back.extend(found.into_iter().filter(|it| it.account_id == survivor_id));
            }
            move_all(txn, call, &back, merged_id).await?;
            replan(txn, call, survivor_id).await?;
            replan(txn, call, merged_id).await?;
            let busy: Vec<PartnerId> = store::merging::partners_on(txn, survivor_id).await?;
            merging::forget_partners(txn, merging, &busy).await
        }
    }
}

async fn move_all(
    txn: &DatabaseTransaction,
    call: &Call,
    registrations: &[Registration],
    to: AccountId,
) -> AppResult<()> {
    let ids: Vec<RegistrationId> = registrations.iter().map(|it| it.id).collect();
    store::merging::move_to(txn, &ids, to).await.map_err(|error| {
        let refusal = || {
            AppError::invalid(
                "mergedId",
                Code::MergeConflict,
                "A registration on one of the accounts was protected or made meanwhile. Look at `previewAccountMerge` again.",
            )
        };
        error
            .on_violation(&store::ONE_ACTIVE_PROTECTION, refusal)
            .on_violation(&store::ONE_OPEN_CLAIM, refusal)
    })?;
    for before in registrations {
        let after = Registration { account_id: to, ..before.changed() };
        let change = audit::Change {
            action: Action::MergeAccounts,
            object_id: before.id.to_string(),
            // Staff's affair: a partner would learn from it that somebody else came to the account.
            partner_id: None,
            before: Some(before),
            after: Some(&after),
        };
        audit::record(txn, call, change).await?;
    }
    Ok(())
}
