//! A case is opened: a partner disputes what was decided, or staff see a conflict.

use std::collections::HashSet;

use entity::value::{DealConflictRole as Role, DealRegistrationState, ProductLineId, RegistrationId, Timestamp};
use sea_orm::DatabaseTransaction;

use super::{audited, clock::settle, expect_decider, or_refused};
use crate::{
    deals::{
        conflicts::{
            model::{Case, Conflict, Dispute, OpenConflict, Party},
            rules::party::{self, DisputeFacts},
            store,
        },
        registrations::{
            contest,
            model::{Change, Registration},
            rules::policy::DealPolicy,
        },
    },
    kernel::code::Code,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies, receipts,
    },
};

/// What a case is opened with.
struct Opening<'a> {
    registrations: &'a [Registration],
    disputing: Option<(RegistrationId, &'a str)>,
    rationale: Option<String>,
    owner_id: Option<entity::value::UserId>,
}

/// A partner disputes what was decided about its registration. Whoever is protected or waits on the account with a common
/// product line is the other side; the answer is the same whether there is anybody.
///
/// # Errors
/// `ALREADY_DISPUTED`, `OWN_DUPLICATE`, `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn dispute(call: Call, change: Change<Dispute>) -> AppResult<Registration> {
    call.may(Action::DisputeRegistration)?;
    call.once(async |txn| {
        let (own, now) = contest::hold_disputed(txn, &call, &change).await?;
        let policy = policies::in_force::<DealPolicy>(txn, now).await?;
        let facts = DisputeFacts { now, state: own.state, disputed_before: own.disputed_at.is_some() };
        let receipt = or_refused(party::dispute(policy.version, &facts), |_| "registrationId")?;
        let beside = contest::beside(txn, &call, &own).await?;
        settle(txn, &call, &beside).await?;
        let held = contest::hold_all(txn, &beside).await?;
        // Who is in a case already stays there, and who has ended meanwhile is no side of it.
        let others = held.into_iter().filter(|it| can_be_contested(it.clone().as_of(now).state));
        let registrations: Vec<Registration> = std::iter::once(own.clone()).chain(others).collect();
        let opening = Opening {
            registrations: &registrations,
            disputing: Some((own.id, &change.what.statement)),
            rationale: None,
            owner_id: None,
        };
        let (_, after) = begin(txn, &call, opening, now).await?;
        receipts::save(txn, &call, own.id.to_string(), Some(own.partner_id), &receipt).await?;
        after.into_iter().find(|it| it.id == own.id).ok_or_else(|| AppError::internal("a case without who opened it"))
    })
    .await
}

/// Staff open a case between registrations on one account with common product lines.
///
/// # Errors
/// `NO_CONFLICT` when they are not about the same, or one of them is decided or in a case already; `NOT_FOUND`.
pub async fn open(call: Call, command: OpenConflict) -> AppResult<Conflict> {
    call.may(Action::DecideConflict)?;
    call.once(async |txn| {
        let OpenConflict { registration_ids, rationale, owner_id } = command.clone();
        settle(txn, &call, &registration_ids).await?;
        let registrations = contest::hold_all(txn, &registration_ids).await?;
        let now = call.now();
        for (index, id) in registration_ids.iter().enumerate() {
            let field = format!("registrationIds.{index}");
            let found = registrations.iter().find(|it| it.id == *id).ok_or_else(|| AppError::not_found(&field))?;
            let present = found.clone().as_of(now);
            if !can_be_contested(present.state) {
                let sentence = format!("It is {}: nobody contests it now.", present.state);
                return Err(AppError::invalid(&field, Code::NoConflict, sentence));
            }
        }
        expect_common(txn, &registrations, &registration_ids).await?;
        if let Some(owner) = owner_id {
            expect_decider(txn, owner).await?;
        }
        let opening = Opening { registrations: &registrations, disputing: None, rationale: Some(rationale), owner_id };
        let (case, _) = begin(txn, &call, opening, now).await?;
        let took_part: Vec<_> =
            [call.responsible(), owner_id].into_iter().flatten().collect::<HashSet<_>>().into_iter().collect();
        store::note_staff(txn, case.conflict.id, &took_part, now).await?;
        Ok(case.conflict)
    })
    .await
}

const fn can_be_contested(state: DealRegistrationState) -> bool {
    use DealRegistrationState::{ActionRequired, InReview, Protected, Submitted, Waitlisted};
    matches!(state, Submitted | InReview | ActionRequired | Waitlisted | Protected)
}

/// All are on one account, and each has a product line in common with another one.
async fn expect_common(
    txn: &DatabaseTransaction,
    registrations: &[Registration],
    ids: &[RegistrationId],
) -> AppResult<()> {
    let lines = contest::lines_of(txn, ids).await?;
    let of = |id: RegistrationId| -> HashSet<ProductLineId> {
        lines.iter().filter(|(it, _)| *it == id).map(|(_, line)| *line).collect()
    };
    let meets = |one: &Registration| {
        let own = of(one.id);
        registrations
            .iter()
            .any(|it| it.id != one.id && it.account_id == one.account_id && !of(it.id).is_disjoint(&own))
    };
    let account = registrations.first().map(|it| it.account_id);
    let alone = ids
        .iter()
        .position(|id| registrations.iter().any(|it| it.id == *id && (Some(it.account_id) != account || !meets(it))));
    match alone {
        None => Ok(()),
        Some(index) => Err(AppError::invalid(
            &format!("registrationIds.{index}"),
            Code::NoConflict,
            "It has no account and product line in common with the others.",
        )),
    }
}

/// The case begins, and what its registrations have stands still.
async fn begin(
    txn: &DatabaseTransaction,
    call: &Call,
    opening: Opening<'_>,
    now: Timestamp,
) -> AppResult<(Case, Vec<Registration>)> {
    let policy = policies::in_force::<DealPolicy>(txn, now).await?;
    let Opening { registrations, disputing, rationale, owner_id } = opening;
    let by = (now, call.responsible());
    let under = (policy.version, policy.policy.cases);
    let conflict = Conflict::opened(call.new_id(), under, (rationale, owner_id), by);
    let own = disputing.map(|(id, _)| id);
    let after = contest::contest(txn, call, registrations, own, (conflict.default_at, now)).await?;
    let party = |it: &Registration| {
        let statement = disputing.filter(|(id, _)| *id == it.id).map(|(_, statement)| statement.to_owned());
        let stood = it.contest.as_ref().map_or(it.state, |contest| contest.stood);
        Party {
            conflict_id: conflict.id,
            registration_id: it.id,
            partner_id: it.partner_id,
            role: role_of(stood),
            stood,
            time_left: it.protection_left().and_then(|left| left.num_microseconds()),
            stated_at: statement.as_ref().map(|_| now),
            stated_by: statement.as_ref().and(call.responsible()),
            statement,
            offered_bp: None,
            accepted_at: None,
            accepted_by: None,
            share_bp: None,
            result: None,
            closed_at: None,
        }
    };
    let parties: Vec<Party> = after.iter().map(party).collect();
    store::insert(txn, &conflict, &parties).await?;
    let action = if own.is_some() { Action::DisputeRegistration } else { Action::DecideConflict };
    audited(txn, call, action, None, &conflict).await?;
    Ok((Case { conflict, parties }, after))
}

/// The side of a registration that stood so.
pub(super) fn role_of(stood: DealRegistrationState) -> Role {
    if stood == DealRegistrationState::Protected { Role::Holder } else { Role::Claimant }
}
