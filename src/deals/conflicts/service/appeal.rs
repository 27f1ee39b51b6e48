//! One appeal of what was decided: the case is open once more, and what its parties have stands still meanwhile.

use entity::value::{DealRegistrationState as Registered, RegistrationId, Timestamp};
use sea_orm::DatabaseTransaction;

use super::{Held, audited, open::role_of, or_refused, party::own};
use crate::{
    deals::{
        conflicts::{
            model::{Appeal, Appealed, Case, Decided, Party},
            rules::party::{AppealFacts, appeal as rule},
            store,
        },
        registrations::{
            contest,
            model::{Registration, has_ended},
        },
    },
    kernel::code::Code,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        receipts,
    },
};

/// A partner appeals what was decided about its registration.
///
/// # Errors
/// `NOT_APPEALABLE` with the receipt; `OWN_DUPLICATE` when it has registered the same anew; `NOT_FOUND`, `WRONG_STATE`.
pub async fn appeal(call: Call, command: Appeal) -> AppResult<Registration> {
    call.may(Action::DisputeRegistration)?;
    call.once(async |txn| {
        let (Held { case, stored, now }, party) = own(txn, &call, command.registration_id).await?;
        let facts = AppealFacts {
            now,
            result: party.result_in(&case.conflict).filter(|_| !case.conflict.is_open()),
            appealed_before: case.conflict.appeal.is_some(),
            appealable_until: case.conflict.appealable_until(),
        };
        let receipt = or_refused(rule(case.conflict.policy_version, &facts), |_| "registrationId")?;
        let Some(decision) = case.conflict.decision.clone() else {
            return Err(AppError::internal("a case that can be appealed without its decision"));
        };
        let appealed = Appealed {
            at: now,
            by: call.responsible(),
            registration_id: party.registration_id,
            statement: command.statement.clone(),
        };
        let conflict = case.conflict.appealed(appealed);
        let befores = in_it_again(txn, &case, &party, &decision, now).await?;
        let afters = contest::contest(txn, &call, &befores, None, (conflict.default_at, now)).await?;
        opened_again(txn, &case.parties, &afters).await?;
        store::update(txn, stored.version, &conflict).await?;
        audited(txn, &call, Action::DisputeRegistration, Some(&stored), &conflict).await?;
        receipts::save(txn, &call, party.registration_id.to_string(), Some(party.partner_id), &receipt).await?;
        let own = contest::find(txn, &call, party.registration_id).await?;
        own.ok_or_else(|| AppError::not_found("registrationId"))
    })
    .await
}

/// The registrations that the appeal is about: the one of the party that appeals, and those that are protected or wait.
async fn in_it_again(
    txn: &DatabaseTransaction,
    case: &Case,
    party: &Party,
    decision: &Decided,
    now: Timestamp,
) -> AppResult<Vec<Registration>> {
    let ids: Vec<RegistrationId> = case.parties.iter().map(|it| it.registration_id).collect();
    let held = contest::hold_all(txn, &ids).await?;
    let mut found = Vec::with_capacity(held.len());
    for stored in held {
        let (own, same) = (stored.id == party.registration_id, stored.state);
        let present = stored.as_of(now);
        let goes_on = matches!(
            present.state,
            Registered::Submitted | Registered::InReview | Registered::Waitlisted | Registered::Protected
        );
        let ended_by_it = has_ended(present.state) && present.ended_at == Some(decision.at);
        if own && !goes_on && !ended_by_it {
            let sentence = format!("The registration is {} by now: there is nothing to appeal.", present.state);
            return Err(AppError::refused(Code::WrongState, sentence));
        }
        if (own || goes_on) && present.state == same {
            found.push(present);
        }
    }
    Ok(found)
}

/// The parties whose registrations are contested once more.
async fn opened_again(txn: &DatabaseTransaction, parties: &[Party], contested: &[Registration]) -> AppResult<()> {
    for party in parties {
        let registration = contested.iter().find(|it| it.id == party.registration_id);
        let Some((it, contest)) = registration.and_then(|it| it.contest.as_ref().map(|contest| (it, contest))) else {
            continue;
        };
        let left = it.protection_left().and_then(|left| left.num_microseconds());
        let next = Party {
            role: role_of(contest.stood),
            stood: contest.stood,
            time_left: left.or(party.time_left),
            closed_at: None,
            ..party.clone()
        };
        store::update_party(txn, &next).await?;
    }
    Ok(())
}
