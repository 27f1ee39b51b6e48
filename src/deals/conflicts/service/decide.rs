//! Staff decide a case: somebody owns it, and one outcome ends it.

use std::collections::HashSet;

use entity::value::{DealConflictOutcome as Outcome, DealConflictRole as Role, RegistrationId};
use sea_orm::DatabaseTransaction;

use super::{
    Held,
    conclude::{Conclusion, conclude},
    expect_decider, hold, or_refused, record,
};
use crate::{
    deals::{
        conflicts::{
            model::{Assign, Case, Conflict, Decide, Decided, Offer, Party, Share},
            rules::{
                decide::{self as rules, DecisionFacts, PartyFact},
                fates::{Claimed, fates},
            },
            store,
        },
        registrations::{contest, rules::policy::DealPolicy},
    },
    platform::{
        auth::policy::{Action, Target},
        call::Call,
        error::{AppError, AppResult},
        policies, receipts,
    },
};

/// Somebody of staff is to decide a case; an appeal only somebody who took no part.
///
/// # Errors
/// `FOUR_EYES`, `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn assign(call: Call, command: Assign) -> AppResult<Conflict> {
    call.may(Action::DecideConflict)?;
    call.once(async |txn| {
        let Held { case, stored, now } = hold(txn, &call, command.id, "id").await?;
        stored.expect_version(command.expected_version)?;
        case.conflict.expect_open()?;
        expect_decider(txn, command.owner_id).await?;
        if case.conflict.appeal.is_some() && store::staff_of(txn, command.id).await?.contains(&command.owner_id) {
            let sentence = "This person took part in the case before. Somebody else has to decide the appeal.";
            return Err(AppError::invalid("ownerId", crate::kernel::code::Code::FourEyes, sentence));
        }
        let conflict = Conflict { owner_id: Some(command.owner_id), ..case.conflict.changed() };
        let after = Case { conflict, ..case };
        record(txn, &call, Action::DecideConflict, &stored, &after).await?;
        if after.conflict.appeal.is_none() {
            store::note_staff(txn, command.id, &[command.owner_id], now).await?;
        }
        Ok(after.conflict)
    })
    .await
}

/// Decides a case, or offers the parties to share the deal.
///
/// # Errors
/// The code of the rule that refuses, with the receipt; `FOUR_EYES` in an appeal; `NOT_FOUND`, `WRONG_STATE`,
/// `VERSION_CONFLICT`.
pub async fn decide(call: Call, command: Decide) -> AppResult<Conflict> {
    call.may(Action::DecideConflict)?;
    call.once(async |txn| {
        let Held { case, stored, now } = hold(txn, &call, command.id, "id").await?;
        let before = if case.conflict.appeal.is_some() { store::staff_of(txn, command.id).await? } else { Vec::new() };
        call.may_on(Action::DecideConflict, &Target::touched_by(before.into_iter().map(Some)))?;
        stored.expect_version(command.expected_version)?;
        case.conflict.expect_open()?;
        let facts = gather(txn, &call, &case, (command.outcome, command.winner_id, &command.shares)).await?;
        let decision = rules::decide(case.conflict.policy_version, &facts, &command.rationale);
        let receipt = or_refused(decision, rules::field_of)?;
        receipts::save(txn, &call, command.id.to_string(), None, &receipt).await?;
        let (by, rationale) = (call.responsible(), command.rationale.clone());
        // Who decides an appeal decides it until it is decided: an offer that was declined is theirs still.
        if case.conflict.appeal.is_none() {
            store::note_staff(txn, command.id, by.as_slice(), now).await?;
        }
        if command.outcome == Outcome::Shared {
            let offer = Offer { rationale, winner_id: command.winner_id, at: now, by };
            return offered(txn, &call, (case, &stored), offer, &command).await;
        }
        let (outcome, winner_id) = (command.outcome, command.winner_id);
        let decided = Decided { outcome, rationale, winner_id, at: now, by, by_default: false };
        Ok(carry_out(txn, &call, (case, &stored), decided).await?.conflict)
    })
    .await
}

/// What the decision is made of that a case has this outcome, with who gets the place and the part of each party.
pub(super) async fn gather(
    txn: &DatabaseTransaction,
    call: &Call,
    case: &Case,
    (outcome, winner_id, shares): (Outcome, Option<RegistrationId>, &[Share]),
) -> AppResult<DecisionFacts> {
    let newcomer = case.present().find(|it| Some(it.registration_id) == winner_id && it.role == Role::Claimant);
    let winner = match newcomer {
        None => None,
        Some(party) => {
            let policy = policies::in_force::<DealPolicy>(txn, call.now()).await?;
            let found = contest::hold_all(txn, &[party.registration_id]).await?.pop();
            let registration = found.ok_or_else(|| AppError::internal("a party without its registration"))?;
            Some(contest::facts_of(txn, call, &policy.policy, &registration).await?)
        }
    };
    let party = |it: &Party| PartyFact { registration_id: it.registration_id, role: it.role, stood: it.stood };
    Ok(DecisionFacts {
        now: call.now(),
        outcome,
        parties: case.present().map(party).collect(),
        winner_id,
        shares: shares.to_vec(),
        winner,
    })
}

/// The parties are offered their parts; nothing is decided before each of them has accepted.
async fn offered(
    txn: &DatabaseTransaction,
    call: &Call,
    (case, stored): (Case, &Conflict),
    offer: Offer,
    command: &Decide,
) -> AppResult<Conflict> {
    let mut parties = Vec::with_capacity(case.parties.len());
    for party in case.parties {
        let share = command.shares.iter().find(|it| it.registration_id == party.registration_id && party.is_in());
        let offered_bp = share.map(|share| share.basis_points);
        let after = Party { offered_bp, accepted_at: None, accepted_by: None, ..party };
        store::update_party(txn, &after).await?;
        parties.push(after);
    }
    let after = Case { conflict: case.conflict.offered(offer), parties };
    record(txn, call, Action::DecideConflict, stored, &after).await?;
    Ok(after.conflict)
}

/// Ends a case that is held, as it was decided.
pub(super) async fn carry_out(
    txn: &DatabaseTransaction,
    hand: &Call,
    (case, stored): (Case, &Conflict),
    decided: Decided,
) -> AppResult<Case> {
    let (outcome, winner, at) = (decided.outcome, decided.winner_id, decided.at);
    let ids: Vec<RegistrationId> = case.present().map(|it| it.registration_id).collect();
    let lines = contest::lines_of(txn, &ids).await?;
    let claimed = |it: &Party| Claimed {
        registration_id: it.registration_id,
        role: it.role,
        lines: lines.iter().filter(|(id, _)| *id == it.registration_id).map(|(_, line)| *line).collect::<HashSet<_>>(),
    };
    let claimed: Vec<Claimed> = case.present().map(claimed).collect();
    let mut fates = fates(outcome, winner, &claimed);
    if outcome == Outcome::Upheld {
        // In an appeal: what was decided before.
        for (id, _, result) in &mut fates {
            *result = case.party(*id).and_then(|party| party.result).unwrap_or(*result);
        }
    }
    let shared = outcome == Outcome::Shared;
    let after = Case { conflict: case.conflict.decided(decided), ..case };
    conclude(txn, hand, stored, Conclusion { case: after, fates, at, shared }).await
}
