//! Use cases of authorisations.

use entity::value::{Country, PartnerAuthorisationId, PartnerId, PartnerState, ProductLineId, TerritoryId, Timestamp};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Authorisation, Coverage, Grant, MOST, Revoke},
    store,
};
use crate::{
    kernel::code::Code,
    onboarding::{partners, territories},
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
    },
};

const ACTION: Action = Action::AuthorisePartner;

/// The authorisations of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[PartnerAuthorisationId]) -> AppResult<Vec<Authorisation>> {
    if call.may(Action::ReadPartners).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The authorisations of these partners that exist for the caller and were not taken back.
///
/// # Errors
/// Those of the database.
pub async fn find_of_partners(call: &Call, ids: &[PartnerId]) -> AppResult<Vec<Authorisation>> {
    store::find_of_partners(&call.reader(), call.scope(), ids).await
}

/// Whether a partner may sell product lines to a customer in a country and an industry, for the decision of another area.
///
/// # Errors
/// Those of the database.
pub async fn coverage(
    txn: &DatabaseTransaction,
    id: PartnerId,
    lines: &[ProductLineId],
    place: (Country, Option<&str>),
    now: Timestamp,
) -> AppResult<Coverage> {
    let held = store::find_in_force(txn, &[id], now).await?;
    let ever = if held.is_empty() { store::ever_authorised(txn, &[id]).await? } else { Vec::new() };
    let there = if held.is_empty() { Vec::new() } else { covering(txn, &held, place).await? };
    Ok(covered(&held, &there, &ever, (id, lines)))
}

/// The same of several partners, each with its product lines, in their order: three statements, whoever they are.
///
/// # Errors
/// Those of the database.
pub async fn coverages(
    txn: &DatabaseTransaction,
    asked: &[(PartnerId, &[ProductLineId])],
    place: (Country, Option<&str>),
    now: Timestamp,
) -> AppResult<Vec<Coverage>> {
    let partners: Vec<PartnerId> = asked.iter().map(|(id, _)| *id).collect();
    let held = store::find_in_force(txn, &partners, now).await?;
    let ever = store::ever_authorised(txn, &partners).await?;
    let there = covering(txn, &held, place).await?;
    Ok(asked.iter().map(|it| covered(&held, &there, &ever, *it)).collect())
}

/// Those of the territories of these authorisations that cover a place.
async fn covering(
    txn: &DatabaseTransaction,
    held: &[Authorisation],
    (country, industry): (Country, Option<&str>),
) -> AppResult<Vec<TerritoryId>> {
    let mut ids: Vec<TerritoryId> = held.iter().map(|it| it.territory_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = territories::of_ids(txn, &ids).await?;
    Ok(found.into_iter().filter(|territory| territory.covers(country, industry)).map(|it| it.id).collect())
}

/// What a partner may sell by the authorisations that hold, there, when it was `ever` authorised for anything.
fn covered(
    held: &[Authorisation],
    there: &[TerritoryId],
    ever: &[PartnerId],
    (id, lines): (PartnerId, &[ProductLineId]),
) -> Coverage {
    let own = || held.iter().filter(|it| it.partner_id == id);
    let covers = |line: &ProductLineId| own().any(|it| it.product_line_id == *line && there.contains(&it.territory_id));
    let uncovered = lines.iter().copied().filter(|line| !covers(line)).collect();
    Coverage { restricted: own().next().is_some() || ever.contains(&id), uncovered }
}

/// Grants product lines in territories, each of the one in each of the other. What was granted before and is over makes
/// way.
///
/// # Errors
/// `NOT_FOUND`, `OUT_OF_RANGE`, `WRONG_STATE`; `ALREADY_AUTHORISED` when one of them holds, or will.
pub async fn grant(call: Call, command: Grant) -> AppResult<Vec<Authorisation>> {
    call.may(ACTION)?;
    let granted = call
        .once(async |txn| {
            let partner = partners::hold_in(txn, call.scope(), command.partner_id).await?;
            let partner = partner.ok_or_else(|| AppError::not_found("partnerId"))?;
            if partner.state == PartnerState::Terminated {
                let message = "The partner is TERMINATED: nothing is granted to it.";
                return Err(AppError::invalid("partnerId", Code::WrongState, message));
            }
            let now = call.now();
            check(txn, &command, now).await?;
            let all = all_of(&call, &command, now);
            make_way(txn, &call, &all, now).await?;
            store::insert(txn, &all).await?;
            for it in &all {
                record(txn, &call, None, it).await?;
            }
            events::rights_changed(txn, &call, command.partner_id).await?;
            Ok(all)
        })
        .await;
    granted.map_err(|error| error.on_violation(&store::ONE_AUTHORISATION, already))
}

async fn check(txn: &DatabaseTransaction, command: &Grant, now: Timestamp) -> AppResult<()> {
    let all = |found: u64, wanted: usize| usize::try_from(found).is_ok_and(|found| found == wanted);
    if !all(store::count_lines(txn, &command.product_line_ids).await?, command.product_line_ids.len()) {
        return Err(AppError::not_found("productLineIds"));
    }
    if !all(store::count_territories(txn, &command.territory_ids).await?, command.territory_ids.len()) {
        return Err(AppError::not_found("territoryIds"));
    }
    let begins = command.starts_at.unwrap_or(now);
    if command.ends_at.is_some_and(|ends_at| ends_at <= begins || ends_at <= now) {
        return Err(AppError::invalid("until", Code::OutOfRange, "This ends after it begins, and later than now."));
    }
    Ok(())
}

fn all_of(call: &Call, command: &Grant, now: Timestamp) -> Vec<Authorisation> {
    let pairs = command
        .product_line_ids
        .iter()
        .flat_map(|line| command.territory_ids.iter().map(move |territory| (*line, *territory)));
    pairs
        .map(|(product_line_id, territory_id)| Authorisation {
            id: call.new_id(),
            partner_id: command.partner_id,
            product_line_id,
            territory_id,
            starts_at: command.starts_at.unwrap_or(now),
            ends_at: command.ends_at,
            granted_by: call.user_id(),
            granted_at: now,
            revoked_by: None,
            revoked_at: None,
            version: 1,
        })
        .collect()
}

/// Closes what is over by the clock and stands in the way; refuses when something that holds does.
async fn make_way(txn: &DatabaseTransaction, call: &Call, new: &[Authorisation], now: Timestamp) -> AppResult<()> {
    let Some(partner_id) = new.first().map(|it| it.partner_id) else { return Ok(()) };
    let old = store::find_of_partners(txn, call.scope(), &[partner_id]).await?;
    if old.len().saturating_add(new.len()) > MOST {
        return Err(AppError::invalid(
            "productLineIds",
            Code::TooLong,
            format!("A partner has at most {MOST} authorisations. Use larger territories, or revoke some."),
        ));
    }
    for before in old {
        let same =
            |it: &Authorisation| it.product_line_id == before.product_line_id && it.territory_id == before.territory_id;
        if !new.iter().any(same) {
            continue;
        }
        if !before.has_ended(now) {
            return Err(already());
        }
        let after = before.revoked(call.user_id(), now);
        store::revoke(txn, &before, &after).await?;
        record(txn, call, Some(&before), &after).await?;
    }
    Ok(())
}

fn already() -> AppError {
    AppError::invalid(
        "productLineIds",
        Code::AlreadyAuthorised,
        "The partner is authorised for one of these product lines in one of these territories already. Revoke that first.",
    )
}

/// Takes an authorisation back, from now on.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`.
pub async fn revoke(call: Call, command: Revoke) -> AppResult<Authorisation> {
    call.may(ACTION)?;
    call.once(async |txn| {
        let found = store::find_for_update(txn, call.scope(), command.id).await?;
        let before = found.ok_or_else(|| AppError::not_found("authorisationId"))?;
        if command.expected_version.is_some_and(|expected| expected != before.version) {
            return Err(AppError::version_conflict(before.version));
        }
        if before.revoked_at.is_some() {
            let message = "This authorisation was taken back before.";
            return Err(AppError::invalid("authorisationId", Code::WrongState, message));
        }
        let after = before.revoked(call.user_id(), call.now());
        store::revoke(txn, &before, &after).await?;
        record(txn, &call, Some(&before), &after).await?;
        events::rights_changed(txn, &call, after.partner_id).await?;
        Ok(after)
    })
    .await
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    before: Option<&Authorisation>,
    after: &Authorisation,
) -> AppResult<()> {
    let change = audit::Change {
        action: ACTION,
        object_id: after.id.to_string(),
        partner_id: Some(after.partner_id),
        before,
        after: Some(after),
    };
    audit::record(txn, call, change).await
}
