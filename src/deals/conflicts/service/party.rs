//! What a party does in a case: it says what speaks for it, and accepts or declines the part that it is offered.

use entity::value::{
    DealConflictId, DealConflictOutcome as Outcome, DealConflictState as State, RegistrationId, Timestamp,
};
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::{
    Held,
    decide::{carry_out, gather},
    hold, record, withdrawn,
};
use crate::{
    deals::{
        conflicts::{
            model::{Acceptance, Case, Conflict, Decided, Declining, Party, Share, Statement},
            rules::decide as rules,
            store,
        },
        registrations::{contest, model::Registration},
    },
    kernel::code::Code,
    platform::{
        audit,
        auth::policy::{Action, Target},
        call::Call,
        error::{AppError, AppResult},
        receipts,
    },
};

/// What a partner reads of its side in its audit events.
#[derive(Serialize)]
struct Side<'a> {
    statement: Option<&'a str>,
    offered_bp: Option<i32>,
    accepted: bool,
}

impl<'a> Side<'a> {
    fn of(party: &'a Party) -> Self {
        let (statement, offered_bp) = (party.statement.as_deref(), party.offered_bp);
        Self { statement, offered_bp, accepted: party.accepted_at.is_some() }
    }
}

/// The latest case of a registration that exists for the caller, held, and its party.
pub(super) async fn own(txn: &DatabaseTransaction, call: &Call, id: RegistrationId) -> AppResult<(Held, Party)> {
    let found = store::entries_of(txn, call.scope(), &[id]).await?;
    let latest: Option<DealConflictId> = found.last().map(|party| party.conflict_id);
    let latest = match latest {
        Some(latest) => latest,
        None if contest::find(txn, call, id).await?.is_none() => {
            return Err(AppError::not_found("registrationId"));
        }
        None => return Err(AppError::refused(Code::WrongState, "No conflict about this registration is open.")),
    };
    call.may_on(Action::DisputeRegistration, &Target::default())?;
    let held = hold(txn, call, latest, "registrationId").await?;
    let party = held.case.party(id).cloned().ok_or_else(|| AppError::not_found("registrationId"))?;
    Ok((held, party))
}

/// Nothing while a party is in an open case.
fn expect_in(held: &Held, party: &Party) -> AppResult<()> {
    held.case.conflict.expect_open()?;
    if party.is_in() {
        return Ok(());
    }
    Err(AppError::refused(Code::WrongState, "This registration is not in the case any more."))
}

async fn changed(txn: &DatabaseTransaction, call: &Call, before: &Party, after: &Party) -> AppResult<()> {
    store::update_party(txn, after).await?;
    call.tell(after.registration_id.to_string());
    let change = audit::Change {
        action: Action::DisputeRegistration,
        object_id: after.registration_id.to_string(),
        partner_id: Some(after.partner_id),
        before: Some(&Side::of(before)),
        after: Some(&Side::of(after)),
    };
    audit::record(txn, call, change).await
}

async fn answered(txn: &DatabaseTransaction, call: &Call, id: RegistrationId) -> AppResult<Registration> {
    contest::find(txn, call, id).await?.ok_or_else(|| AppError::not_found("registrationId"))
}

/// A partner says what speaks for it; said anew, it stands in the place of what was said before.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`.
pub async fn state(call: Call, command: Statement) -> AppResult<Registration> {
    call.may(Action::DisputeRegistration)?;
    call.once(async |txn| {
        let (held, party) = own(txn, &call, command.registration_id).await?;
        expect_in(&held, &party)?;
        let after = Party {
            statement: Some(command.statement.clone()),
            stated_at: Some(held.now),
            stated_by: call.responsible(),
            ..party.clone()
        };
        changed(txn, &call, &party, &after).await?;
        answered(txn, &call, party.registration_id).await
    })
    .await
}

/// Nothing while a party is offered a part.
fn expect_offered(held: &Held, party: &Party) -> AppResult<i32> {
    expect_in(held, party)?;
    match party.offered_bp.filter(|_| held.case.conflict.state == State::Offered) {
        Some(offered) => Ok(offered),
        None => Err(AppError::refused(Code::WrongState, "Nothing is offered to you at the moment.")),
    }
}

/// What was offered is taken back, and the case is its owner's again. To the others it is nobody's act: staff read in the
/// audit event of the party whose it was.
async fn fall_apart(
    txn: &DatabaseTransaction,
    call: &Call,
    (case, stored): (Case, &Conflict),
    now: Timestamp,
) -> AppResult<()> {
    let parties = withdrawn(txn, case.parties).await?;
    let after = Case { conflict: case.conflict.declined(now), parties };
    record(txn, &contest::nobody(call), Action::DecideConflict, stored, &after).await
}

/// A partner accepts the part that it is offered. With the last acceptance the case is decided, by what is known by then:
/// where the one that would be protected may not have the place any more, what was offered falls apart.
///
/// # Errors
/// `PREVIEW_OUTDATED` when another part is offered by now; `NOT_FOUND`, `WRONG_STATE`.
pub async fn accept(call: Call, command: Acceptance) -> AppResult<Registration> {
    call.may(Action::DisputeRegistration)?;
    call.once(async |txn| {
        let (held, party) = own(txn, &call, command.registration_id).await?;
        let offered = expect_offered(&held, &party)?;
        if offered != command.basis_points {
            let sentence = format!("You are offered {offered} basis points by now. Look at it again.");
            return Err(AppError::invalid("basisPoints", Code::PreviewOutdated, sentence));
        }
        let (accepted_at, accepted_by) = (Some(held.now), call.responsible());
        let after = Party { accepted_at, accepted_by, ..party.clone() };
        changed(txn, &call, &party, &after).await?;
        let Held { mut case, stored, now } = held;
        for it in &mut case.parties {
            if it.registration_id == after.registration_id {
                *it = after.clone();
            }
        }
        let offer = case.conflict.offer.clone();
        if let Some(offer) = offer.filter(|_| case.present().all(|it| it.accepted_at.is_some())) {
            // To the others nobody learns whose acceptance was the last.
            let nobody = contest::nobody(&call);
            let shares: Vec<Share> = case.present().filter_map(Party::offered_share).collect();
            let facts = gather(txn, &call, &case, (Outcome::Shared, offer.winner_id, &shares)).await?;
            let (receipt, refused) = rules::decide(case.conflict.policy_version, &facts, &offer.rationale).finish();
            receipts::save(txn, &nobody, case.conflict.id.to_string(), None, &receipt).await?;
            if refused.is_some() {
                // What was possible when it was offered is not any more: it is the vendor's turn again.
                fall_apart(txn, &call, (case, &stored), now).await?;
                return answered(txn, &call, party.registration_id).await;
            }
            let decided = Decided {
                outcome: Outcome::Shared,
                rationale: offer.rationale,
                winner_id: offer.winner_id,
                at: now,
                by: offer.by,
                by_default: false,
            };
            Box::pin(carry_out(txn, &nobody, (case, &stored), decided)).await?;
        }
        answered(txn, &call, party.registration_id).await
    })
    .await
}

/// A partner declines the part that it is offered: the case is its owner's again.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`.
pub async fn decline(call: Call, command: Declining) -> AppResult<Registration> {
    call.may(Action::DisputeRegistration)?;
    call.once(async |txn| {
        let (held, party) = own(txn, &call, command.registration_id).await?;
        expect_offered(&held, &party)?;
        let declined = Party { offered_bp: None, accepted_at: None, accepted_by: None, ..party.clone() };
        changed(txn, &call, &party, &declined).await?;
        let Held { case, stored, now } = held;
        fall_apart(txn, &call, (case, &stored), now).await?;
        answered(txn, &call, party.registration_id).await
    })
    .await
}
