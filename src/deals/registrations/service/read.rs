//! Reading registrations. What exists, exists as of now.

use entity::value::{ProductLineId, RegistrationId};

use crate::{
    deals::registrations::{
        model::{Evidence, Long, Registration, RegistrationFilter, RegistrationOrder},
        rules::policy::DealPolicy,
        store,
    },
    onboarding::tiers::{self, rules::policy::TierPolicy},
    platform::{
        auth::policy::Action,
        call::Call,
        error::AppResult,
        graphql::page::{Page, Rows},
    },
};

/// The registration of an id, if it exists for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find(call: &Call, id: RegistrationId) -> AppResult<Option<Registration>> {
    Ok(find_many(call, &[id]).await?.pop())
}

/// The registrations of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[RegistrationId]) -> AppResult<Vec<Registration>> {
    if call.may(Action::ReadRegistrations).is_err() {
        return Ok(Vec::new());
    }
    let now = call.now();
    let found = store::find_many(&call.reader(), call.scope(), ids).await?;
    Ok(found.into_iter().map(|registration| registration.as_of(now)).collect())
}

/// A page of the registrations that exist for the caller, without what is long unless it is wanted.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn list(
    call: &Call,
    filter: &RegistrationFilter,
    order: RegistrationOrder,
    page: &Page,
    long: Long,
) -> AppResult<Rows<Registration>> {
    call.may(Action::ReadRegistrations)?;
    let now = call.now();
    let Rows { rows, has_previous, has_next, total } =
        store::list(&call.reader(), call.scope(), filter, order, page, now, long).await?;
    let rows = rows.into_iter().map(|registration| registration.as_of(now)).collect();
    Ok(Rows { rows, has_previous, has_next, total })
}

/// The product lines of registrations that the caller has found.
///
/// # Errors
/// Those of the database.
pub async fn lines_of(call: &Call, ids: &[RegistrationId]) -> AppResult<Vec<(RegistrationId, ProductLineId)>> {
    store::find_lines(&call.reader(), ids).await
}

/// The evidence of registrations that the caller has found, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn evidence_of(call: &Call, ids: &[RegistrationId]) -> AppResult<Vec<Evidence>> {
    store::find_evidence(&call.reader(), ids).await
}

/// The policies of tiers and of deals that are in force.
///
/// # Errors
/// Those of the database.
pub async fn policies(call: &Call) -> AppResult<(TierPolicy, DealPolicy)> {
    let (db, now) = (call.reader(), call.now());
    let tiers = tiers::in_force(&db, now).await?;
    let deals = crate::platform::policies::in_force(&db, now).await?;
    Ok((tiers.policy, deals.policy))
}
