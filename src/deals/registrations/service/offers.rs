//! The waiting list: whose turn it is when a place becomes free, and what they answer.
//!
//! Offers are planned ahead. Whatever changes who holds a place plans anew in the same transaction: when a protection will
//! end by the clock, the offers that begin at that instant, and the ones behind them, are written down already. An offer
//! begins and ends at its instants, and no job has to run.

use entity::value::{
    AccountId, DealRegistrationState as State, OfferAnswer, PartnerId, ProductLineId, RegistrationId, Timestamp,
};
use sea_orm::DatabaseTransaction;

use super::{
    decide::{gather, grant, lines},
    record,
};
use crate::{
    accounts::{direct_opportunities, reservations},
    deals::registrations::{
        model::{Change, Offer, Registration},
        rules::{
            offers::{Busy, Freed, Turn, turn},
            policy::DealPolicy,
        },
        store,
    },
    kernel::code::Code,
    onboarding::partners,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies::{self, InForce},
    },
};

/// Plans whose turn it is on an account: called by whatever changes who holds a place there.
///
/// # Errors
/// Those of the database.
pub async fn replan(txn: &DatabaseTransaction, call: &Call, account_id: AccountId) -> AppResult<()> {
    let mut waiting = store::offers::hold_waiting(txn, account_id).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let now = call.now();
    let ids: Vec<RegistrationId> = waiting.iter().map(|it| it.id).collect();
    store::offers::lapse(txn, &ids, now).await?;
    store::offers::forget_planned(txn, &ids, now).await?;
    let offers = store::offers::of(txn, &ids).await?;
    let policy = policies::in_force::<DealPolicy>(txn, now).await?;
    let open =
        |id: RegistrationId| offers.iter().find(|(of, offer)| *of == id && offer.is_open(now)).map(|(_, it)| *it);
    // Whoever is offered the place comes first; then by the order of the queue.
    let taken =
        |id: RegistrationId| offers.iter().any(|(of, it)| *of == id && it.answer == Some(OfferAnswer::Accepted));
    // Whoever is just accepting waits no more.
    waiting.retain(|it| it.qualified_at.is_some() && !taken(it.id));
    waiting.sort_by_key(|it| (open(it.id).is_none(), it.qualified_at, it.id));
    let (mut busy, mut had_their_turn): (Vec<Busy>, Vec<RegistrationId>) = (Vec::new(), Vec::new());
    for registration in waiting {
        let passed =
            offers.iter().filter(|(of, _)| *of == registration.id).filter_map(|(_, offer)| offer.passed_at(now));
        let candidate = Candidate { registration: &registration, open: open(registration.id), passed_at: passed.max() };
        busy.extend(Box::pin(candidate.plan(txn, call, &policy, &busy, &had_their_turn)).await?);
        had_their_turn.push(registration.id);
    }
    Ok(())
}

/// Plans anew wherever a partner waits: what it may claim has changed.
///
/// # Errors
/// Those of the database.
pub async fn replan_of(txn: &DatabaseTransaction, call: &Call, partner_id: PartnerId) -> AppResult<()> {
    for account_id in store::offers::waits_on(txn, partner_id).await? {
        Box::pin(replan(txn, call, account_id)).await?;
    }
    Ok(())
}

/// After a change of a registration: whoever leaves the waiting list has no offer any more, and whatever changes who holds
/// the place, or who comes first, changes the plan.
pub(super) async fn follow(
    txn: &DatabaseTransaction,
    call: &Call,
    before: &Registration,
    after: &Registration,
) -> AppResult<()> {
    let place = |it: &Registration| (it.state, it.protected_until, it.qualified_at, it.account_id);
    // What ends by the clock was planned for.
    if place(before) == place(after) || after.state == State::Expired {
        return Ok(());
    }
    // Nobody takes a place with evidence that is not sufficient any more.
    if after.state != State::Waitlisted || after.qualified_at.is_none() {
        leave(txn, call, before).await?;
    }
    Box::pin(replan(txn, call, after.account_id)).await
}

/// A registration leaves the waiting list, if it was on it: it has no offer any more.
pub(super) async fn leave(txn: &DatabaseTransaction, call: &Call, before: &Registration) -> AppResult<()> {
    if before.state != State::Waitlisted {
        return Ok(());
    }
    let now = call.now();
    store::offers::lapse(txn, &[before.id], now).await?;
    store::offers::forget_planned(txn, &[before.id], now).await?;
    store::offers::answer(txn, call, before.id, OfferAnswer::Withdrawn).await?;
    Ok(())
}

/// Somebody who waits.
struct Candidate<'a> {
    registration: &'a Registration,
    /// The offer that is open.
    open: Option<Offer>,
    /// When they let the last one pass.
    passed_at: Option<Timestamp>,
}

impl Candidate<'_> {
    /// Plans their turn, if they have one, and says until when they keep others from it.
    async fn plan(
        &self,
        txn: &DatabaseTransaction,
        call: &Call,
        policy: &InForce<DealPolicy>,
        busy: &[Busy],
        before: &[RegistrationId],
    ) -> AppResult<Option<Busy>> {
        let (now, registration) = (call.now(), self.registration);
        let partner = partners::facts(txn, registration.partner_id).await?;
        let lines = lines(txn, registration).await?;
        // Whoever's act this is, the account is looked at for the one who waits.
        let itself = call.by_itself("waiting list");
        let mut facts = gather(txn, &itself, &policy.policy, registration, &partner, &lines).await?;
        facts.claims.retain(|claim| !before.contains(&claim.registration_id));
        // What was won before they began to wait is not what they wait for.
        let freed = freed(txn, registration.account_id, &lines, now).await?;
        let freed = freed.filter(|it| !it.won || it.at >= registration.submitted_at);
        match (self.open, turn(policy.version, &facts, &lines, (freed, self.passed_at), busy, self.open.is_some())) {
            (Some(offer), Turn::At(_)) => Ok(Some(Busy { lines, until: offer.expires_at })),
            (Some(_), Turn::None) => {
                call.tell(registration.id.to_string());
                store::offers::answer(txn, call, registration.id, OfferAnswer::Withdrawn).await?;
                Ok(None)
            }
            (None, Turn::At(starts_at)) => {
                let until = starts_at.plus_days(policy.policy.offer_days);
                call.tell(registration.id.to_string());
                store::offers::plan(txn, call, registration, Some((starts_at, until))).await?;
                Ok(Some(Busy { lines, until }))
            }
            (None, Turn::None) => {
                store::offers::plan(txn, call, registration, None).await?;
                Ok(None)
            }
        }
    }
}

/// When whoever held one of these places held it last, and whether the deal was won.
async fn freed(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    lines: &[ProductLineId],
    now: Timestamp,
) -> AppResult<Option<Freed>> {
    let protection = store::offers::last_protection_end(txn, account_id, lines, now).await?;
    let direct = direct_opportunities::last_closed(txn, account_id, lines).await?;
    let reservation = reservations::last_released(txn, account_id, lines).await?.map(|at| (at, false));
    let ends = [protection, direct, reservation].into_iter().flatten();
    Ok(ends.max().map(|(at, won)| Freed { at, won }))
}

/// Accepts the place that is offered: it is protected from now on, unless a rule stands against it.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE` when no offer is open, `VERSION_CONFLICT`; the code of the rule that refuses, as a partner may
/// read it.
pub async fn accept(call: Call, change: Change<()>) -> AppResult<Registration> {
    call.may(Action::UpdateRegistration)?;
    call.once(async |txn| {
        let before = hold_waiting(txn, &call, &change).await?;
        if !store::offers::answer(txn, &call, before.id, OfferAnswer::Accepted).await? {
            return Err(no_offer());
        }
        let partner = partners::facts(txn, before.partner_id).await?;
        let policy = policies::in_force::<DealPolicy>(txn, call.now()).await?;
        let lines = lines(txn, &before).await?;
        let facts = gather(txn, &call, &policy.policy, &before, &partner, &lines).await?;
        let (row, from) = ((&before, lines.as_slice()), (&partner, &policy));
        let granted = grant(txn, &call, Action::UpdateRegistration, row, from, &facts);
        Box::pin(granted).await.map_err(as_partners_read)
    })
    .await
}

/// Declines the place that is offered: the registration stays on the waiting list, and the next one has its turn.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE` when no offer is open, `VERSION_CONFLICT`.
pub async fn decline(call: Call, change: Change<()>) -> AppResult<Registration> {
    call.may(Action::UpdateRegistration)?;
    call.once(async |txn| {
        let before = hold_waiting(txn, &call, &change).await?;
        if !store::offers::answer(txn, &call, before.id, OfferAnswer::Declined).await? {
            return Err(no_offer());
        }
        let after = before.changed();
        record(txn, &call, Action::UpdateRegistration, &before, &after).await?;
        replan(txn, &call, after.account_id).await?;
        Ok(after)
    })
    .await
}

/// The registration, held, at the version that the caller has seen, while it waits.
async fn hold_waiting(txn: &DatabaseTransaction, call: &Call, change: &Change<()>) -> AppResult<Registration> {
    let found = store::find_for_update(txn, call.scope(), change.id).await?.ok_or_else(|| AppError::not_found("id"))?;
    let registration = found.as_of(call.now());
    registration.expect_version(change.expected_version)?;
    if registration.state == State::Waitlisted { Ok(registration) } else { Err(no_offer()) }
}

fn no_offer() -> AppError {
    AppError::refused(Code::WrongState, "No place is offered to this registration at the moment.")
}

/// What refuses the acceptance is about somebody else, or about the partner itself: it reads only the latter.
fn as_partners_read(error: AppError) -> AppError {
    match error {
        AppError::Refused(mut problems) => {
            for problem in &mut problems {
                if !matches!(
                    problem.code,
                    Code::PartnerNotActive | Code::TerritoryNotAuthorised | Code::EvidenceInsufficient
                ) {
                    problem.code = Code::AccountNotAvailable;
                    "The place is not available any more.".clone_into(&mut problem.message);
                    problem.receipt = None;
                }
            }
            AppError::Refused(problems)
        }
        other => other,
    }
}

/// The offers of these registrations that have begun: for whoever has found the registrations.
///
/// # Errors
/// Those of the database.
pub async fn offers_of(call: &Call, ids: &[RegistrationId]) -> AppResult<Vec<(RegistrationId, Offer)>> {
    let now = call.now();
    let found = store::offers::of(&call.reader(), ids).await?;
    Ok(found.into_iter().filter(|(_, offer)| offer.starts_at <= now).collect())
}
