//! What conflict cases do to registrations: they are contested, given back, granted or ended. Who decides that is the
//! case's affair.

use chrono::TimeDelta;
use entity::value::{
    DealRegistrationOutcome as Outcome, DealRegistrationState as State, ProductLineId, RegistrationId, Timestamp,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;

use super::{decide, expire, hold, record, turns};
use crate::{
    deals::registrations::{
        model::{Change, Contest, DealRegistrationAction, Registration, has_ended},
        rules::{facts::Facts, policy::DealPolicy},
        store,
    },
    kernel::code::Code,
    onboarding::partners,
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events, policies, receipts,
    },
};

/// What is written of a registration that is contested by somebody else's act.
#[derive(Serialize)]
struct Frozen {
    state: State,
    contest: Option<Contest>,
    version: i64,
}

impl Frozen {
    fn of(it: &Registration) -> Self {
        Self { state: it.state, contest: it.contest.clone(), version: it.version }
    }
}

/// Both locks, the row and the version of a registration whose decision its partner disputes, held.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`, `ALREADY_DISPUTED`.
pub async fn hold_disputed<T>(
    txn: &DatabaseTransaction,
    call: &Call,
    change: &Change<T>,
) -> AppResult<(Registration, Timestamp)> {
    if find(txn, call, change.id).await?.is_none() {
        return Err(AppError::not_found("registrationId"));
    }
    hold(txn, call, DealRegistrationAction::Dispute, change).await
}

/// A registration as it is now, if it exists for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find(txn: &DatabaseTransaction, call: &Call, id: RegistrationId) -> AppResult<Option<Registration>> {
    let found = store::find_many(txn, call.scope(), &[id]).await?.pop();
    Ok(found.map(|it| it.as_of(call.now())))
}

/// These registrations as they are stored, held until the transaction ends, in the order of their ids. No scope.
///
/// # Errors
/// Those of the database.
pub async fn hold_all(txn: &DatabaseTransaction, ids: &[RegistrationId]) -> AppResult<Vec<Registration>> {
    store::hold_many(txn, ids).await
}

/// The product lines of registrations. No scope.
///
/// # Errors
/// Those of the database.
pub async fn lines_of(
    db: &impl ConnectionTrait,
    ids: &[RegistrationId],
) -> AppResult<Vec<(RegistrationId, ProductLineId)>> {
    store::find_lines(db, ids).await
}

/// The other registrations on the account with a common product line that are protected or wait at this instant.
///
/// # Errors
/// Those of the database.
pub async fn beside(txn: &DatabaseTransaction, call: &Call, own: &Registration) -> AppResult<Vec<RegistrationId>> {
    let now = call.now();
    let lines = decide::lines(txn, own).await?;
    let claims = store::claims(txn, own.account_id, &lines).await?;
    let waits = |state| matches!(state, State::Submitted | State::InReview | State::Waitlisted | State::Protected);
    let others = claims.into_iter().map(|(_, it)| it).filter(|it| it.registration_id != own.id && !it.has_expired(now));
    let mut others: Vec<RegistrationId> = others.filter(|it| waits(it.state)).map(|it| it.registration_id).collect();
    others.dedup();
    Ok(others)
}

/// Registrations that are held are contested from now on, until a conflict is over by itself: by the instants of its case,
/// so that what is given back is what there was. The same statements run however many they are.
///
/// # Errors
/// `OWN_DUPLICATE` when the partner of one that had ended has registered the same anew.
pub async fn contest(
    txn: &DatabaseTransaction,
    call: &Call,
    befores: &[Registration],
    disputing: Option<RegistrationId>,
    (until, now): (Timestamp, Timestamp),
) -> AppResult<Vec<Registration>> {
    let ids: Vec<RegistrationId> = befores.iter().map(|it| it.id).collect();
    store::contest(txn, &ids, disputing, (until, now)).await?;
    let clock = nobody(call);
    let mut afters = Vec::with_capacity(befores.len());
    for before in befores {
        let mut after = before.contested(until, now);
        let object_id = after.id.to_string();
        turns::leave(txn, call, before).await?;
        if disputing == Some(before.id) {
            after.disputed_at = Some(now);
            let partner_id = Some(after.partner_id);
            let (before, after) = (Some(before), Some(&after));
            let change = audit::Change { action: Action::DisputeRegistration, object_id, partner_id, before, after };
            audit::record(txn, call, change).await?;
        } else {
            // Staff's affair: of the others nobody learns whose act it was.
            let (before, after) = (Some(&Frozen::of(before)), Some(&Frozen::of(&after)));
            let change =
                audit::Change { action: Action::DisputeRegistration, object_id, partner_id: None, before, after };
            audit::record(txn, &clock, change).await?;
        }
        // People are told by the clock's notifications: what a dispute costs does not tell how many it concerns.
        call.tell(after.id.to_string());
        afters.push(after);
    }
    // Protections stand still, and end later than was planned for. All are about one account.
    if let Some(first) = befores.first() {
        Box::pin(turns::replan(txn, &clock, first.account_id)).await?;
    }
    Ok(afters)
}

/// The conflict about registrations that are held is over by itself so much later. Protections end later with it, and
/// whoever waits for their places has a turn later.
///
/// # Errors
/// Those of the database.
pub async fn postpone(txn: &DatabaseTransaction, call: &Call, ids: &[RegistrationId], by: TimeDelta) -> AppResult<()> {
    if by.is_zero() {
        return Ok(());
    }
    store::postpone(txn, ids, by).await?;
    // All are about one account.
    match store::hold_many(txn, ids).await?.first() {
        Some(first) => Box::pin(turns::replan(txn, &nobody(call), first.account_id)).await,
        None => Ok(()),
    }
}

/// What stood before stands again from an instant on, with the time that was left.
///
/// # Errors
/// Those of the database.
pub async fn give_back(txn: &DatabaseTransaction, call: &Call, before: &Registration, at: Timestamp) -> AppResult<()> {
    let after = before.given_back(at).changed();
    if let Some(until) = after.protected_until.filter(|_| after.state == State::Protected) {
        store::extend_protections(txn, after.id, until).await?;
    }
    Box::pin(record(txn, call, Action::DecideConflict, before, &after)).await
}

/// A contested registration has ended by what was decided; what had ended before is as it was.
///
/// # Errors
/// Those of the database.
pub async fn end(
    txn: &DatabaseTransaction,
    call: &Call,
    before: &Registration,
    (reason, now): (&str, Timestamp),
) -> AppResult<()> {
    let stood = before.contest.as_ref().map(|contest| contest.stood);
    if stood.is_some_and(has_ended) {
        return give_back(txn, call, before, now).await;
    }
    let state = if stood == Some(State::Protected) { State::Revoked } else { State::Rejected };
    let after = before.ended(state, Outcome::ConflictDecided, Some(reason.to_owned()), now);
    Box::pin(record(txn, call, Action::DecideConflict, before, &after)).await
}

/// A contested registration is protected by what was decided: with the time that it had left when it was contested first, or
/// for the term of its level.
///
/// # Errors
/// `PROTECTED_BY_ANOTHER_PARTNER` when the database refuses a second protection.
pub async fn award(
    txn: &DatabaseTransaction,
    call: &Call,
    before: &Registration,
    left: Option<TimeDelta>,
) -> AppResult<()> {
    let now = call.now();
    let partner = partners::facts(txn, before.partner_id).await?;
    let policy = policies::in_force::<DealPolicy>(txn, now).await?;
    let lines = decide::lines(txn, before).await?;
    let (days, receipt) = decide::term(txn, &policy, &partner, now).await?;
    let until = left.map_or_else(|| now.plus_days(days), |left| now.plus(left));
    let after = before.protected(now, until);
    store::protect(txn, call, &after, &lines, (now, until)).await.map_err(|error| {
        error.on_violation(&store::ONE_ACTIVE_PROTECTION, || {
            AppError::refused(Code::ProtectedByAnotherPartner, "Another registration, of no party, holds the place.")
        })
    })?;
    Box::pin(record(txn, call, Action::DecideConflict, before, &after)).await?;
    if left.is_none() {
        receipts::save(txn, call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
    }
    events::publish(txn, call, decide::protected(&after)).await
}

/// What a decision looks at that would grant a registration the place. What has expired on it is written down.
///
/// # Errors
/// Those of the database.
pub async fn facts_of(
    txn: &DatabaseTransaction,
    call: &Call,
    policy: &DealPolicy,
    registration: &Registration,
) -> AppResult<Facts> {
    let partner = partners::facts(txn, registration.partner_id).await?;
    let lines = decide::lines(txn, registration).await?;
    let facts = decide::gather(txn, call, policy, registration, &partner, &lines).await?;
    expire(txn, call, facts.claims.iter(), facts.now).await?;
    Ok(facts)
}

/// What happens to others by somebody's act, or by the clock, is nobody's act to them.
#[must_use]
pub fn nobody(call: &Call) -> Call {
    call.by_itself("the clock")
}
