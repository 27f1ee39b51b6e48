//! The waiting list: whose turn it is when a place becomes free.
//!
//! Offers are planned ahead. Whatever changes who holds a place plans anew in the same transaction: when a protection will
//! end by the clock, the offers that begin at that instant, and the ones behind them, are written down already. An offer
//! begins and ends at its instants, and no job has to run.

use std::collections::{BTreeSet, HashMap};

use entity::value::{
    AccountId, AccountReservation, DealRegistrationState as State, OfferAnswer, PartnerId, ProductLineId,
    RegistrationId, Timestamp, TypedId as _,
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::facts::{self, Asked, Surroundings};
use crate::{
    accounts::{
        accounts::{self, model::AccountFacts},
        direct_opportunities, reservations,
    },
    deals::registrations::{
        model::Registration,
        rules::{
            facts::Facts,
            offers::{Busy, Freed, Turn, turn},
            policy::DealPolicy,
        },
        store::{self, offers::Plan},
    },
    onboarding::{
        authorisations::{self, model::Coverage},
        partners::{self, model::PartnerFacts},
    },
    platform::{
        call::Call,
        error::{AppError, AppResult},
        policies,
    },
};

/// Plans whose turn it is on an account: called by whatever changes who holds a place there.
///
/// # Errors
/// Those of the database.
pub async fn replan(txn: &DatabaseTransaction, call: &Call, account_id: AccountId) -> AppResult<()> {
    store::offers::take_turns(txn, account_id).await?;
    let waiting = store::offers::hold_waiting(txn, account_id).await?;
    if waiting.is_empty() { Ok(()) } else { Box::pin(plan(txn, call, account_id, waiting)).await }
}

/// Plans the turns of those who wait on an account. The same statements run however many they are: whose act this is may
/// be a rival's, who would learn from its time how many wait.
async fn plan(
    txn: &DatabaseTransaction,
    call: &Call,
    account_id: AccountId,
    mut waiting: Vec<Registration>,
) -> AppResult<()> {
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
    let (mut busy, mut had_their_turn): (Vec<Busy>, BTreeSet<RegistrationId>) = (Vec::new(), BTreeSet::new());
    let (mut plans, mut withdrawn): (Vec<Plan>, Vec<RegistrationId>) = (Vec::new(), Vec::new());
    let queue = Box::pin(Queue::read(txn, call, account_id, waiting)).await?;
    for candidate in &queue.waiting {
        let Candidate { registration, lines, .. } = candidate;
        let mut facts = queue.facts(&policy.policy, candidate)?;
        facts.claims.retain(|claim| !had_their_turn.contains(&claim.registration_id));
        had_their_turn.insert(registration.id);
        let passed =
            offers.iter().filter(|(of, _)| *of == registration.id).filter_map(|(_, offer)| offer.passed_at(now)).max();
        let open = open(registration.id);
        let turn = turn(policy.version, &facts, lines, (queue.freed(candidate), passed), &busy, open.is_some());
        let Registration { id: registration_id, partner_id, .. } = *registration;
        match (open, turn) {
            (Some(offer), Turn::At(_)) => busy.push(Busy { lines: lines.clone(), until: offer.expires_at }),
            (Some(_), Turn::None) => {
                call.tell(registration_id.to_string());
                withdrawn.push(registration_id);
            }
            (None, Turn::At(starts_at)) => {
                let until = starts_at.plus_days(policy.policy.offer_days);
                call.tell(registration_id.to_string());
                plans.push(Plan { registration_id, partner_id, turn: Some((starts_at, until)) });
                busy.push(Busy { lines: lines.clone(), until });
            }
            (None, Turn::None) => plans.push(Plan { registration_id, partner_id, turn: None }),
        }
    }
    store::offers::answer(txn, call, &withdrawn, OfferAnswer::Withdrawn).await?;
    store::offers::plan(txn, call, &plans).await
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
    // What ends by the clock was planned for; a draft claims nothing.
    if place(before) == place(after) || after.state == State::Expired || before.state == State::Draft {
        return Ok(());
    }
    // Nobody takes a place with evidence that is not sufficient any more.
    if after.state != State::Waitlisted || after.qualified_at.is_none() {
        leave(txn, call, before).await?;
    }
    store::offers::take_turns(txn, after.account_id).await?;
    let waiting = store::offers::hold_waiting(txn, after.account_id).await?;
    // A partner does not learn from the time of what it does whether anybody waits.
    if waiting.is_empty() && call.scope().is_everything() {
        return Ok(());
    }
    Box::pin(plan(txn, call, after.account_id, waiting)).await
}

/// A registration leaves the waiting list, if it was on it: it has no offer any more.
pub(super) async fn leave(txn: &DatabaseTransaction, call: &Call, before: &Registration) -> AppResult<()> {
    if before.state != State::Waitlisted {
        return Ok(());
    }
    let now = call.now();
    store::offers::lapse(txn, &[before.id], now).await?;
    store::offers::forget_planned(txn, &[before.id], now).await?;
    store::offers::answer(txn, call, &[before.id], OfferAnswer::Withdrawn).await?;
    Ok(())
}

/// Somebody who waits.
struct Candidate {
    registration: Registration,
    lines: Vec<ProductLineId>,
    /// For whom these lines are reserved.
    reserved_for: AccountReservation,
    coverage: Coverage,
}

/// Those who wait on an account, and what their turns are made of.
struct Queue {
    now: Timestamp,
    waiting: Vec<Candidate>,
    partners: HashMap<PartnerId, PartnerFacts>,
    account: AccountFacts,
    surroundings: Surroundings,
    places: Places,
}

impl Queue {
    /// Reads it, for those who wait, in their order.
    async fn read(
        txn: &DatabaseTransaction,
        call: &Call,
        account_id: AccountId,
        waiting: Vec<Registration>,
    ) -> AppResult<Self> {
        let now = call.now();
        let ids: Vec<RegistrationId> = waiting.iter().map(|it| it.id).collect();
        let claimed = store::find_lines(txn, &ids).await?;
        let lines_of = |id| claimed.iter().filter(|(of, _)| *of == id).map(|(_, line)| *line).collect::<Vec<_>>();
        let own: Vec<Vec<ProductLineId>> = waiting.iter().map(|it| lines_of(it.id)).collect();
        let lists: Vec<&[ProductLineId]> = own.iter().map(Vec::as_slice).collect();
        let mut lines = lists.concat();
        // The line of nobody: the same statements run when nobody waits.
        lines.push(ProductLineId::from_uuid(Uuid::nil()));
        lines.sort_unstable();
        lines.dedup();
        let partner_ids: Vec<PartnerId> = waiting.iter().map(|it| it.partner_id).collect();
        let partners = partners::facts_of(txn, &partner_ids).await?;
        // Whoever's act this is, the account is looked at for the one who waits.
        let itself = call.by_itself("waiting list");
        let account = accounts::facts(txn, &itself, account_id, &[]).await?;
        let account = account.ok_or_else(|| AppError::internal("registrations without their account"))?;
        let reserved = reservations::in_force_each(txn, account.id, account.reserved_for, &lists).await?;
        let surroundings = Surroundings::read(txn, account.id, true, &lines).await?;
        let asked: Vec<_> = partner_ids.into_iter().zip(lists).collect();
        let coverages = authorisations::coverages(txn, &asked, facts::place(&account), now).await?;
        let places = Places::read(txn, account_id, &lines, now).await?;
        let found = waiting.into_iter().zip(own).zip(reserved).zip(coverages);
        let waiting = found.map(|(((registration, lines), reserved_for), coverage)| Candidate {
            registration,
            lines,
            reserved_for,
            coverage,
        });
        Ok(Self { now, waiting: waiting.collect(), partners, account, surroundings, places })
    }

    /// What the decision about one of them is made of.
    fn facts(&self, policy: &DealPolicy, candidate: &Candidate) -> AppResult<Facts> {
        let Candidate { registration, lines, reserved_for, coverage } = candidate;
        let partner = self.partners.get(&registration.partner_id);
        let partner = partner.ok_or_else(|| AppError::internal("a registration without its partner"))?;
        let account = AccountFacts { reserved_for: *reserved_for, ..self.account.clone() };
        let asked = Asked::about(registration, partner, &account, lines, self.now);
        Ok(self.surroundings.facts(policy, &asked, Some(coverage.clone())))
    }

    /// How one of their places became free last. What was won before they began to wait is not what they wait for.
    fn freed(&self, candidate: &Candidate) -> Option<Freed> {
        let since = candidate.registration.submitted_at;
        self.places.freed(&candidate.lines).filter(|it| !it.won || it.at >= since)
    }
}

/// When whoever held places of an account held them last, and whether the deal was won; no product line is all of them.
struct Places(Vec<(Option<ProductLineId>, Timestamp, bool)>);

impl Places {
    async fn read(
        txn: &DatabaseTransaction,
        account_id: AccountId,
        lines: &[ProductLineId],
        now: Timestamp,
    ) -> AppResult<Self> {
        let protections = store::offers::last_protection_ends(txn, account_id, lines, now).await?;
        let direct = direct_opportunities::last_closed(txn, account_id, lines).await?;
        let reservations = reservations::last_released(txn, account_id, lines).await?;
        let held = protections.into_iter().chain(direct).map(|(line, at, won)| (Some(line), at, won));
        Ok(Self(held.chain(reservations.into_iter().map(|(line, at)| (line, at, false))).collect()))
    }

    /// How one of these places became free last.
    fn freed(&self, lines: &[ProductLineId]) -> Option<Freed> {
        let those = self.0.iter().filter(|(line, ..)| line.is_none_or(|line| lines.contains(&line)));
        those.map(|&(_, at, won)| (at, won)).max().map(|(at, won)| Freed { at, won })
    }
}
