//! Use cases of partners.

use entity::value::{PartnerId, PartnerState, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{NewPartner, Partner, PartnerAction, PartnerFacts, PartnerFilter, PartnerOrder},
    store,
};
use crate::platform::{
    audit,
    auth::{policy::Action, remembered::Stale},
    call::Call,
    error::{AppError, AppResult},
    graphql::page::{Page, Rows},
};

/// Creates a partner in the transaction of the use case that it comes in by.
///
/// # Errors
/// `DOMAIN_TAKEN`.
pub async fn create(txn: &DatabaseTransaction, call: &Call, action: Action, new: NewPartner) -> AppResult<Partner> {
    let partner = store::insert(txn, call, new).await?;
    record(txn, call, action, None, &partner).await?;
    Ok(partner)
}

/// The partner of an id, if it exists for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find(call: &Call, id: PartnerId) -> AppResult<Option<Partner>> {
    Ok(find_many(call, &[id]).await?.pop())
}

/// The partners of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[PartnerId]) -> AppResult<Vec<Partner>> {
    if call.may(Action::ReadPartners).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The partners with one of these registrable domains that exist for the caller.
pub async fn find_of_domains(call: &Call, domains: &[String]) -> AppResult<Vec<Partner>> {
    store::find_of_domains(&call.reader(), call.scope(), domains).await
}

/// A page of the partners that exist for the caller.
///
/// # Errors
/// `Unauthenticated`; those of the database.
pub async fn list(call: &Call, filter: PartnerFilter, order: PartnerOrder, page: &Page) -> AppResult<Rows<Partner>> {
    call.may(Action::ReadPartners)?;
    store::list(&call.reader(), call.scope(), &filter, order, page).await
}

/// What the caller may begin for a partner now: what their roles allow, unless the partner is suspended. Deals and
/// funds are asked for by the partner's own people.
pub fn allowed(call: &Call, partner: &Partner) -> Vec<PartnerAction> {
    if !matches!(partner.state, PartnerState::Onboarding | PartnerState::Active) {
        return Vec::new();
    }
    let own = call.partner_id() == Some(partner.id);
    [
        (PartnerAction::CompleteOnboardingStep, Action::CompleteOnboardingStep, true),
        (PartnerAction::RegisterDeal, Action::RegisterDeal, own),
        (PartnerAction::RequestMdf, Action::RequestMdf, own),
    ]
    .into_iter()
    .filter(|(_, action, possible)| *possible && call.may(*action).is_ok())
    .map(|(allowed, ..)| allowed)
    .collect()
}

/// What another area's decision needs to know of a partner, read in its transaction: with the row held until the
/// transaction ends, so that the partner is not suspended in between. No scope: the caller's own row named it.
///
/// # Errors
/// Those of the database, and a fault when there is no such partner.
pub async fn facts(txn: &DatabaseTransaction, id: PartnerId) -> AppResult<PartnerFacts> {
    Ok(hold(txn, id).await?.into())
}

/// The partner, held until the transaction ends.
pub async fn hold(txn: &DatabaseTransaction, id: PartnerId) -> AppResult<Partner> {
    store::find_for_update(txn, id).await?.ok_or_else(|| AppError::internal(format!("there is no partner {id}")))
}

/// Whether a partner has this registrable domain.
pub async fn domain_is_taken(db: &impl ConnectionTrait, domain: &str) -> AppResult<Option<PartnerId>> {
    store::find_by_domain(db, domain).await
}

/// Makes a held partner active: its required onboarding steps are done. Nothing when it is not onboarding any more.
pub async fn activate(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    partner: Partner,
    now: Timestamp,
) -> AppResult<Partner> {
    let Some(after) = partner.activated(now) else { return Ok(partner) };
    store::update(txn, &partner, &after).await?;
    record(txn, call, action, Some(&partner), &after).await?;
    Ok(after)
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Option<&Partner>,
    after: &Partner,
) -> AppResult<()> {
    // A partner's state is part of what its people may do.
    call.forget(Stale::Partner(after.id));
    let change = audit::Change {
        action,
        object_id: after.id.to_string(),
        partner_id: Some(after.id),
        before,
        after: Some(after),
    };
    audit::record(txn, call, change).await
}
