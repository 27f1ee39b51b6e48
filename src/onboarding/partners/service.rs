//! Use cases of partners.

use std::collections::HashMap;

use entity::value::{PartnerId, PartnerState, Role, Tier, Timestamp, UserId, UserState};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{
        AssignManager, NewPartner, Partner, PartnerAction, PartnerFacts, PartnerFilter, PartnerOrder, UpdateProfile,
    },
    states::{EDGES, Move},
    store,
};
use crate::{
    kernel::{code::Code, event::DomainEvent, graph},
    people::users,
    platform::{
        audit,
        auth::{Scope, policy::Action, remembered::Stale},
        call::Call,
        error::{AppError, AppResult},
        events,
        graphql::page::{Page, Rows},
    },
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

/// What the caller may begin for a partner now: what their roles allow, in the state that the partner is in. Deals and
/// funds are asked for by the partner's own people; its life is staff's.
pub fn allowed(call: &Call, partner: &Partner) -> Vec<PartnerAction> {
    let own = call.partner_id() == Some(partner.id);
    let works = matches!(partner.state, PartnerState::Onboarding | PartnerState::Active);
    let moves = |step| graph::allows(EDGES, &partner.state, &step);
    [
        (PartnerAction::CompleteOnboardingStep, Action::CompleteOnboardingStep, works),
        (PartnerAction::RegisterDeal, Action::RegisterDeal, works && own),
        (PartnerAction::RequestMdf, Action::RequestMdf, works && own),
        (PartnerAction::UpdateProfile, Action::UpdatePartner, can_be_updated(partner)),
        (PartnerAction::Suspend, Action::ChangePartnerState, moves(Move::Suspend)),
        (PartnerAction::Reinstate, Action::ChangePartnerState, moves(Move::Reinstate)),
        (PartnerAction::Terminate, Action::ChangePartnerState, moves(Move::Terminate)),
    ]
    .into_iter()
    .filter(|(_, action, possible)| *possible && call.may(*action).is_ok())
    .map(|(allowed, ..)| allowed)
    .collect()
}

/// Whether anything of a partner is changed by people.
fn can_be_updated(partner: &Partner) -> bool {
    partner.state != PartnerState::Terminated
}

/// Which fields the caller may change.
pub fn editable(call: &Call, partner: &Partner) -> Vec<String> {
    if call.may(Action::UpdatePartner).is_err() || !can_be_updated(partner) {
        return Vec::new();
    }
    let staff = call.scope().is_everything().then_some("types");
    ["description", "regions", "industries"].into_iter().chain(staff).map(str::to_owned).collect()
}

/// Changes the profile of a partner. Once it says what it does, where and for whom, the step of the plan completes itself.
///
/// # Errors
/// `NOT_FOUND`, `REQUIRED`, `VERSION_CONFLICT`, `WRONG_STATE`; `FIELD_NOT_EDITABLE` for what only staff change.
pub async fn update_profile(call: Call, command: UpdateProfile) -> AppResult<Partner> {
    const ACTION: Action = Action::UpdatePartner;
    call.may(ACTION)?;
    let id = command.id.or_else(|| call.partner_id());
    let id = id.ok_or_else(|| AppError::invalid("partnerId", Code::Required, "Say which partner it is about."))?;
    call.once(async |txn| {
        let before = held(txn, &call, id, command.expected_version).await?;
        if command.types.is_some() && !call.scope().is_everything() {
            let message = "What your company does with our products is agreed with us: ask your channel manager.";
            return Err(AppError::invalid("types", Code::FieldNotEditable, message));
        }
        let UpdateProfile { description, regions, industries, types, .. } = command.clone();
        let after = Partner {
            description: description.unwrap_or_else(|| before.description.clone()),
            regions: regions.unwrap_or_else(|| before.regions.clone()),
            industries: industries.unwrap_or_else(|| before.industries.clone()),
            types: types.unwrap_or_else(|| before.types.clone()),
            version: before.version.saturating_add(1),
            ..before.clone()
        };
        change(txn, &call, ACTION, &before, &after).await?;
        if !after.has_profile() {
            return Ok(after);
        }
        let by = call.user_id().filter(|_| call.partner_id().is_some());
        events::publish(txn, &call, DomainEvent::PartnerProfileCompleted { partner_id: id, user_id: by }).await?;
        // With it the last step of onboarding may be done.
        hold(txn, id).await
    })
    .await
}

/// Gives a partner to a channel manager to look after, or to nobody.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`; `NOT_ALLOWED` for somebody who is no channel manager.
pub async fn assign_manager(call: Call, command: AssignManager) -> AppResult<Partner> {
    const ACTION: Action = Action::AssignManager;
    call.may(ACTION)?;
    call.once(async |txn| {
        let before = held(txn, &call, command.id, command.expected_version).await?;
        if let Some(id) = command.manager_id {
            let person = users::hold(txn, Scope::Everything, id).await?;
            let person = person.ok_or_else(|| AppError::not_found("managerId"))?;
            let manages = person.partner_id.is_none() && person.roles.has(Role::ChannelManager);
            if !manages || person.state != UserState::Active {
                let message = "This person is no channel manager. Choose one, or nobody.";
                return Err(AppError::invalid("managerId", Code::NotAllowed, message));
            }
        }
        let version = before.version.saturating_add(1);
        let after = Partner { manager_id: command.manager_id, version, ..before.clone() };
        change(txn, &call, ACTION, &before, &after).await?;
        Ok(after)
    })
    .await
}

async fn held(txn: &DatabaseTransaction, call: &Call, id: PartnerId, expected: Option<i64>) -> AppResult<Partner> {
    let found = hold_in(txn, call.scope(), id).await?.ok_or_else(|| AppError::not_found("partnerId"))?;
    if expected.is_some_and(|expected| expected != found.version) {
        return Err(AppError::version_conflict(found.version));
    }
    if !can_be_updated(&found) {
        let message = format!("The partner is {}: nothing of it is changed any more.", found.state);
        return Err(AppError::invalid("partnerId", Code::WrongState, message));
    }
    Ok(found)
}

/// What another area's decision needs to know of a partner, read in its transaction: with the row held until the
/// transaction ends, so that the partner is not suspended in between. No scope: the caller's own row named it.
///
/// # Errors
/// Those of the database, and a fault when there is no such partner.
pub async fn facts(txn: &DatabaseTransaction, id: PartnerId) -> AppResult<PartnerFacts> {
    Ok(hold(txn, id).await?.into())
}

/// The same of several, in one statement.
///
/// # Errors
/// Those of the database.
pub async fn facts_of(txn: &DatabaseTransaction, ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, PartnerFacts>> {
    let found = store::find_many_for_update(txn, ids).await?;
    Ok(found.into_iter().map(|partner| (partner.id, partner.into())).collect())
}

/// Whether there is a partner of this id, for the decision of another area about staff's own affairs.
///
/// # Errors
/// Those of the database.
pub async fn exists(txn: &DatabaseTransaction, id: PartnerId) -> AppResult<bool> {
    Ok(!store::find_many(txn, Scope::Everything, &[id]).await?.is_empty())
}

/// The channel manager who looks after a partner, if somebody does.
///
/// # Errors
/// Those of the database.
pub async fn manager_of(txn: &DatabaseTransaction, id: PartnerId) -> AppResult<Option<UserId>> {
    let found = store::find_many(txn, Scope::Everything, &[id]).await?;
    Ok(found.into_iter().find_map(|partner| partner.manager_id))
}

/// The partner, held until the transaction ends.
pub async fn hold(txn: &DatabaseTransaction, id: PartnerId) -> AppResult<Partner> {
    store::find_for_update(txn, id).await?.ok_or_else(|| AppError::internal(format!("there is no partner {id}")))
}

/// The partner of an id, if it exists in a scope, held until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn hold_in(txn: &DatabaseTransaction, scope: Scope, id: PartnerId) -> AppResult<Option<Partner>> {
    Ok(store::find_for_update(txn, id).await?.filter(|partner| scope.includes(partner.id)))
}

/// Records a change of a held partner, in the transaction of the use case that makes it.
///
/// # Errors
/// `VERSION_CONFLICT`; those of the database.
pub async fn change(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: &Partner,
    after: &Partner,
) -> AppResult<()> {
    store::update(txn, before, after).await?;
    record(txn, call, action, Some(before), after).await
}

/// Changes the level of a held partner.
pub async fn set_tier(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    partner: &Partner,
    tier: Tier,
) -> AppResult<Partner> {
    let after = Partner { tier, version: partner.version.saturating_add(1), ..partner.clone() };
    change(txn, call, action, partner, &after).await?;
    Ok(after)
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
    change(txn, call, action, &partner, &after).await?;
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
