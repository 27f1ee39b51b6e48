//! What the clock has decided is written down by whoever touches a registration of the case next.

use std::sync::Arc;

use entity::value::{
    DealConflictId, DealConflictResult, DealConflictRole as Role, DealConflictState as State, RegistrationId, Timestamp,
};
use sea_orm::DatabaseTransaction;

use super::{
    conclude::{Conclusion, conclude},
    hold, record, withdrawn,
};
use crate::{
    deals::{
        conflicts::{
            model::{Case, Conflict, NOBODY_LEFT, Party},
            rules::fates::Fate,
            store,
        },
        registrations::contest,
    },
    platform::{
        auth::policy::Action,
        call::{Call, Services},
        error::AppResult,
        graphql::mutation::again,
    },
};

/// Writes down which of the cases of these registrations are over by the clock.
///
/// # Errors
/// Those of the database.
pub async fn settle(txn: &DatabaseTransaction, call: &Call, ids: &[RegistrationId]) -> AppResult<()> {
    for id in store::open_of(txn, ids).await? {
        if let Some(stored) = store::find_for_update(txn, id).await? {
            Box::pin(write_down(txn, call, &stored)).await?;
        }
    }
    Ok(())
}

/// How many cases are written down in one go.
const AT_ONCE: u64 = 100;

/// Writes down what the clock has decided about cases that nobody has touched since: whoever waits for a place behind them
/// has a turn planned then, and the deadlines of what was given back are told of. How many.
///
/// # Errors
/// Those of the database.
pub async fn run_due(services: &Arc<Services>) -> AppResult<usize> {
    let call = Call::system(Arc::clone(services), "conflict cases");
    let due = store::over(&call.reader(), call.now(), AT_ONCE).await?;
    let mut done = 0_usize;
    for id in due {
        let work = |call: Call, id: DealConflictId| async move {
            call.in_transaction(async |txn| hold(txn, &call, id, "id").await.map(drop)).await
        };
        match again(&call, id, work).await {
            Ok(()) => done = done.saturating_add(1),
            // The others are not to wait for it.
            Err(error) => tracing::error!(case = %id, error = ?error, "a case that is over cannot be written down"),
        }
    }
    Ok(done)
}

/// Writes down what the clock has decided about a case that is held; whether it has.
pub(super) async fn write_down(txn: &DatabaseTransaction, call: &Call, stored: &Conflict) -> AppResult<bool> {
    let present = stored.clone().as_of(call.now());
    let over = stored.is_open() && !present.is_open();
    if over {
        Box::pin(uphold(txn, call, stored, present, stored.default_at)).await?;
    }
    Ok(over)
}

/// These registrations have ended, and left the cases that they were in. A case that nobody claims anything in any more is
/// over, and what stood before stands.
///
/// # Errors
/// Those of the database.
pub async fn leave(txn: &DatabaseTransaction, call: &Call, ids: &[RegistrationId]) -> AppResult<()> {
    let now = call.now();
    for id in store::open_of(txn, ids).await? {
        let Some(stored) = store::find_for_update(txn, id).await? else { continue };
        if write_down(txn, call, &stored).await? {
            continue;
        }
        let parties = store::parties_of(txn, &[id]).await?;
        for party in parties.iter().filter(|it| it.is_in() && ids.contains(&it.registration_id)) {
            let result = Some(DealConflictResult::NotGranted);
            store::update_party(txn, &Party { closed_at: Some(now), result, ..party.clone() }).await?;
        }
        let claims = |it: &Party| it.is_in() && it.role == Role::Claimant && !ids.contains(&it.registration_id);
        if !parties.iter().any(claims) {
            let present = stored.clone().as_of(now).upheld(now, NOBODY_LEFT);
            uphold(txn, call, &stored, present, now).await?;
        } else if stored.clone().as_of(now).state == State::Offered {
            // The parts of those who are left are not the whole deal: it is the vendor's turn again.
            let parties = withdrawn(txn, store::parties_of(txn, &[id]).await?).await?;
            let after = Case { conflict: stored.declined(now), parties };
            record(txn, &contest::nobody(call), Action::DecideConflict, &stored, &after).await?;
        }
    }
    Ok(())
}

/// What stood before stands again from an instant on, by nobody's act.
async fn uphold(
    txn: &DatabaseTransaction,
    call: &Call,
    stored: &Conflict,
    present: Conflict,
    at: Timestamp,
) -> AppResult<()> {
    let parties = store::parties_of(txn, &[stored.id]).await?;
    let back = |it: &Party| {
        let result = it.result_in(&present).unwrap_or(DealConflictResult::NotGranted);
        (it.registration_id, Fate::Back, result)
    };
    let fates = parties.iter().filter(|it| it.is_in()).map(back).collect();
    let conflict = Conflict { version: stored.version.saturating_add(1), ..present };
    let case = Case { conflict, parties };
    conclude(txn, &contest::nobody(call), stored, Conclusion { case, fates, at, shared: false }).await?;
    Ok(())
}
