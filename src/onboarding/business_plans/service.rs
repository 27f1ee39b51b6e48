//! Use cases of joint business plans.

use chrono::Datelike as _;
use entity::value::{BusinessPlanId, BusinessPlanState, PartnerId, PartnerState};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Act, BusinessPlan, BusinessPlanAction, BusinessPlanFilter, NewPlan, Revision, Side, Targets},
    rules::{self, Facts, MOST_REVISIONS},
    store,
};
use crate::{
    kernel::{
        calendar::{VENDOR_TIME_ZONE, day_of},
        code::Code,
        event::DomainEvent,
    },
    onboarding::partners,
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
        graphql::page::{Page, Rows},
        receipts,
    },
};

/// The plans of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[BusinessPlanId]) -> AppResult<Vec<BusinessPlan>> {
    if call.may(Action::ReadBusinessPlans).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The latest plans of each of these partners, as far as they exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn latest_of(call: &Call, partners: &[PartnerId], most: i64) -> AppResult<Vec<BusinessPlan>> {
    let visible: Vec<_> = partners.iter().copied().filter(|id| call.scope().includes(*id)).collect();
    if visible.is_empty() || call.may(Action::ReadBusinessPlans).is_err() {
        return Ok(Vec::new());
    }
    store::latest_of(&call.reader(), &visible, most).await
}

/// The revisions of these plans that exist for the caller, the latest first.
///
/// # Errors
/// Those of the database.
pub async fn revisions_of(call: &Call, plans: &[BusinessPlanId]) -> AppResult<Vec<Revision>> {
    store::revisions_of(&call.reader(), call.scope(), plans).await
}

/// A page of the plans that exist for the caller.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: &BusinessPlanFilter, page: &Page) -> AppResult<Rows<BusinessPlan>> {
    call.may(Action::ReadBusinessPlans)?;
    store::list(&call.reader(), call.scope(), filter, page).await
}

/// What the caller may do with a plan of a partner in a state: the same rules as the use cases.
pub fn allowed(call: &Call, plan: &BusinessPlan, partner_state: PartnerState) -> Vec<BusinessPlanAction> {
    let may = |action: &BusinessPlanAction| {
        call.may(verb(*action)).is_ok() && rules::decide(&facts(call, plan, *action, partner_state)).is_granted()
    };
    BusinessPlanAction::ALL.into_iter().filter(may).collect()
}

fn verb(action: BusinessPlanAction) -> Action {
    match action {
        BusinessPlanAction::Close => Action::CloseBusinessPlans,
        BusinessPlanAction::Change | BusinessPlanAction::Propose | BusinessPlanAction::Agree => {
            Action::WriteBusinessPlans
        }
    }
}

fn facts(call: &Call, plan: &BusinessPlan, action: BusinessPlanAction, partner_state: PartnerState) -> Facts {
    Facts { action, state: plan.state, has_agreed: plan.has_agreed(side_of(call)), partner_state }
}

fn side_of(call: &Call) -> Side {
    if call.partner_id().is_some() { Side::Partner } else { Side::Vendor }
}

/// Begins a plan: a partner's people for their own company, the vendor's for the one they name.
///
/// # Errors
/// `REQUIRED`, `NOT_FOUND`, `OUT_OF_RANGE`, `BUSINESS_PLAN_EXISTS`, `PARTNER_NOT_ACTIVE`.
pub async fn create(call: Call, new: NewPlan) -> AppResult<BusinessPlan> {
    const ACTION: Action = Action::WriteBusinessPlans;
    call.may(ACTION)?;
    let unseen = || AppError::not_found("partnerId");
    let partner_id = match (call.partner_id(), new.partner_id) {
        (Some(own), Some(named)) if own != named => return Err(unseen()),
        (Some(own), _) => own,
        (None, Some(named)) => named,
        (None, None) => return Err(AppError::invalid("partnerId", Code::Required, "Say which partner it is with.")),
    };
    call.once(async |txn| {
        let partner = partners::hold_in(txn, call.scope(), partner_id).await?.ok_or_else(unseen)?;
        if !matches!(partner.state, PartnerState::Onboarding | PartnerState::Active) {
            let sentence = format!("The partner is {}.", partner.state);
            return Err(AppError::invalid("partnerId", Code::PartnerNotActive, sentence));
        }
        let now = call.now();
        let present = day_of(now, VENDOR_TIME_ZONE).0.year();
        if !rules::is_plannable(new.year, present) {
            let sentence = format!("A plan is for one of the years {} to {}.", present - 1, present + 2);
            return Err(AppError::invalid("year", Code::OutOfRange, sentence));
        }
        let id = call.new_id();
        let latest = Revision {
            plan_id: id,
            number: 1,
            targets: new.targets.clone(),
            created_by: call.user_id(),
            created_at: now,
            partner_agreed: None,
            vendor_agreed: None,
        };
        let plan = BusinessPlan {
            id,
            partner_id,
            year: new.year,
            currency: new.currency,
            state: BusinessPlanState::Draft,
            latest,
            agreed_revision: None,
            agreed_at: None,
            created_by: call.user_id(),
            created_at: now,
            closed_by: None,
            closed_at: None,
            close_reason: None,
            version: 1,
        };
        store::insert(txn, &plan).await.map_err(|error| {
            error.on_violation(&store::ONE_PER_YEAR, || {
                let sentence = format!("There is a plan with this partner for {} already. Change that one.", new.year);
                AppError::invalid("year", Code::BusinessPlanExists, sentence)
            })
        })?;
        record(txn, &call, ACTION, None, &plan).await?;
        Ok(plan)
    })
    .await
}

/// Changes the targets. Both sides have to agree to them, again if they had.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`, `TOO_LONG` after very many revisions, `PARTNER_NOT_ACTIVE`.
pub async fn change(call: Call, act: Act<Targets>) -> AppResult<BusinessPlan> {
    done(call, BusinessPlanAction::Change, act, |call, before, targets| {
        before.changed(targets, call.user_id(), call.now())
    })
    .await
}

/// Asks both sides to agree.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`, `PARTNER_NOT_ACTIVE`.
pub async fn propose(call: Call, act: Act<()>) -> AppResult<BusinessPlan> {
    done(call, BusinessPlanAction::Propose, act, |_, before, ()| before.proposed()).await
}

/// Agrees for the caller's side. With the second side the plan is agreed, and with it the step of onboarding.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`, `PARTNER_NOT_ACTIVE`.
pub async fn agree(call: Call, act: Act<()>) -> AppResult<BusinessPlan> {
    done(call, BusinessPlanAction::Agree, act, |call, before, ()| {
        before.agreed(side_of(call), call.user_id(), call.now())
    })
    .await
}

/// Ends a plan.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`.
pub async fn close(call: Call, act: Act<Option<String>>) -> AppResult<BusinessPlan> {
    done(call, BusinessPlanAction::Close, act, |call, before, reason| before.closed(reason, call.user_id(), call.now()))
        .await
}

async fn done<T: Clone>(
    call: Call,
    action: BusinessPlanAction,
    act: Act<T>,
    change: impl Fn(&Call, &BusinessPlan, T) -> BusinessPlan,
) -> AppResult<BusinessPlan> {
    call.may(verb(action))?;
    call.once(async |txn| {
        let found = store::find_many(txn, call.scope(), &[act.id]).await?.pop();
        let found = found.ok_or_else(|| AppError::not_found("planId"))?;
        // The partner before its plan, as everywhere: two who hold both never wait for each other.
        let partner = partners::hold(txn, found.partner_id).await?;
        let held = store::find_for_update(txn, call.scope(), act.id).await?;
        let before = held.ok_or_else(|| AppError::not_found("planId"))?;
        if act.expected_version.is_some_and(|expected| expected != before.version) {
            return Err(AppError::version_conflict(before.version));
        }
        let (receipt, refused) = rules::decide(&facts(&call, &before, action, partner.state)).finish();
        if let Some((code, sentence)) = refused {
            return Err(AppError::decided("planId", code, sentence, receipt));
        }
        let after = change(&call, &before, act.what.clone());
        if after.latest.number > MOST_REVISIONS {
            let sentence = format!("A plan has at most {MOST_REVISIONS} revisions.");
            return Err(AppError::invalid("planId", Code::TooLong, sentence));
        }
        store::update(txn, &before, &after).await?;
        receipts::save(txn, &call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
        record(txn, &call, verb(action), Some(&before), &after).await?;
        if after.state == BusinessPlanState::Agreed && before.state != BusinessPlanState::Agreed {
            events::publish(txn, &call, DomainEvent::BusinessPlanAgreed { partner_id: after.partner_id }).await?;
        }
        Ok(after)
    })
    .await
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Option<&BusinessPlan>,
    after: &BusinessPlan,
) -> AppResult<()> {
    let (object_id, partner_id) = (after.id.to_string(), Some(after.partner_id));
    audit::record(txn, call, audit::Change { action, object_id, partner_id, before, after: Some(after) }).await
}
