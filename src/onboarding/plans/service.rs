//! Use cases of onboarding plans.

mod read;
mod staff;

use entity::value::{OnboardingStepId, OnboardingStepKind, OnboardingStepState, PartnerId, PartnerState, UserId};
use sea_orm::DatabaseTransaction;

pub use read::{find_many, find_of_partners, plans_of, policy, stalled};
pub use staff::{add, allowed, change, set_policy};

use super::{
    model::{Complete, Completed, Details, Happened, Signature, Step},
    rules::{self, Facts, SigningFacts, policy::OnboardingPolicy},
    store,
};
use crate::{
    kernel::{code::Code, event::DomainEvent},
    onboarding::{
        agreements,
        partners::{self, model::Partner},
    },
    people::users,
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        events, policies, receipts,
    },
};

/// What the decision to complete a step looks at, for a caller.
pub fn facts_of(call: &Call, step: &Step, partner_state: PartnerState) -> Facts {
    let by_partner = call.partner_id() == Some(step.partner_id);
    Facts { kind: step.kind, state: step.state, partner_state, by_partner }
}

/// Whether the caller may complete a step of a partner in a state: the same rules as [`complete`].
pub fn may_complete(call: &Call, step: &Step, partner_state: PartnerState) -> bool {
    call.may(Action::CompleteOnboardingStep).is_ok() && rules::may_complete(&facts_of(call, step, partner_state))
}

/// Makes the plan of a partner that was just created, by the templates in force.
///
/// # Errors
/// Those of the database.
pub async fn begin(txn: &DatabaseTransaction, call: &Call, partner: &Partner) -> AppResult<()> {
    let policy = policies::in_force::<OnboardingPolicy>(txn, call.now()).await?;
    store::insert(txn, call, partner.id, policy.version, &policy.policy.plan_of(&partner.types)).await?;
    Ok(())
}

/// A person completes a step. With the last required one the partner is active.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `REQUIRED`, and what the rules refuse.
pub async fn complete(call: Call, command: Complete) -> AppResult<Completed> {
    call.may(Action::CompleteOnboardingStep)?;
    call.once(async |txn| {
        let (partner, steps, step) = held(txn, &call, command.step_id, command.expected_version).await?;
        let open = match step.kind {
            OnboardingStepKind::SignAgreement => agreements::open_texts(txn, &call, &partner).await?,
            _ => Vec::new(),
        };
        let facts = SigningFacts {
            step: facts_of(&call, &step, partner.state),
            signed: command.given.agreement.clone(),
            open: open.iter().map(|(_, signature)| signature.clone()).collect(),
        };
        if rules::may_complete(&facts.step)
            && let Some(field) = rules::missing(step.kind, &command.given)
        {
            return Err(AppError::invalid(field, Code::Required, format!("{} is not complete without it.", step.kind)));
        }
        let (receipt, refused) = rules::decide(&facts).finish();
        if let Some((code, sentence)) = refused {
            let field = if code == Code::AgreementOutdated { "agreement" } else { "stepId" };
            return Err(AppError::decided(field, code, sentence, receipt));
        }
        receipts::save(txn, &call, step.id.to_string(), Some(partner.id), &receipt).await?;
        let signed = open.into_iter().find(|(_, open)| facts.signed.as_ref() == Some(open));
        if let Some((agreement_id, signature)) = signed {
            return sign(txn, &call, partner, &step, agreement_id, signature).await;
        }
        let how = How { by: call.user_id(), details: Some(command.given.clone()) };
        finish(txn, &call, partner, steps, step.id, how).await
    })
    .await
}

/// Accepts the text, with which the step completes itself unless another text is to be accepted too.
async fn sign(
    txn: &DatabaseTransaction,
    call: &Call,
    partner: Partner,
    step: &Step,
    agreement_id: entity::value::AgreementId,
    signature: Signature,
) -> AppResult<Completed> {
    let id = partner.id;
    agreements::accepted(txn, call, partner, agreement_id, signature.sha256).await?;
    let found = store::find_many(txn, Scope::Everything, &[step.id]).await?.pop();
    let step = found.ok_or_else(|| AppError::internal("a step that was held is not there"))?;
    Ok(Completed { step, partner: partners::hold(txn, id).await? })
}

/// A step that exists for the caller, with its siblings and its partner, which is held: whatever changes a plan takes
/// turns, and the last one sees all others.
async fn held(
    txn: &DatabaseTransaction,
    call: &Call,
    id: OnboardingStepId,
    expected_version: Option<i64>,
) -> AppResult<(Partner, Vec<Step>, Step)> {
    let unseen = || AppError::not_found("stepId");
    let found = store::find_many(txn, call.scope(), &[id]).await?.pop().ok_or_else(unseen)?;
    let partner = partners::hold(txn, found.partner_id).await?;
    let steps = store::find_of_partners(txn, call.scope(), &[partner.id]).await?;
    let step = steps.iter().find(|step| step.id == id).cloned().ok_or_else(unseen)?;
    if expected_version.is_some_and(|expected| expected != step.version) {
        return Err(AppError::version_conflict(step.version));
    }
    Ok((partner, steps, step))
}

/// Something happened that completes a step of a partner's plan, if it is still pending. Called by reactions, in the
/// transaction of what happened.
///
/// # Errors
/// Those of the database.
pub async fn happened(txn: &DatabaseTransaction, call: &Call, partner_id: PartnerId, what: Happened) -> AppResult<()> {
    let Happened { kind, by, details } = what;
    // Nothing is held, and nobody waits, once the step is done: what happens every day stays cheap.
    if pending(&store::find_of_partners(txn, Scope::Everything, &[partner_id]).await?, kind).is_none() {
        return Ok(());
    }
    let partner = partners::hold(txn, partner_id).await?;
    if kind == OnboardingStepKind::InviteColleague && users::count_of_partner(txn, partner_id).await? < 2 {
        return Ok(());
    }
    let steps = store::find_of_partners(txn, Scope::Everything, &[partner_id]).await?;
    let Some(id) = pending(&steps, kind) else { return Ok(()) };
    finish(txn, call, partner, steps, id, How { by, details }).await?;
    Ok(())
}

/// Makes a held partner active whose required steps are all done: they may have completed themselves while it was not
/// onboarding.
///
/// # Errors
/// Those of the database.
pub async fn catch_up(txn: &DatabaseTransaction, call: &Call, action: Action, partner: Partner) -> AppResult<Partner> {
    let steps = store::find_of_partners(txn, Scope::Everything, &[partner.id]).await?;
    if steps.is_empty() || !rules::is_done(&steps) {
        return Ok(partner);
    }
    partners::activate(txn, call, action, partner, call.now()).await
}

fn pending(steps: &[Step], kind: OnboardingStepKind) -> Option<OnboardingStepId> {
    let step = steps.iter().find(|step| step.kind == kind && step.state == OnboardingStepState::Pending)?;
    Some(step.id)
}

/// How a step is completed: nothing of it when it completes itself.
#[derive(Default)]
struct How {
    by: Option<UserId>,
    details: Option<Details>,
}

async fn finish(
    txn: &DatabaseTransaction,
    call: &Call,
    partner: Partner,
    steps: Vec<Step>,
    id: OnboardingStepId,
    how: How,
) -> AppResult<Completed> {
    let Some(before) = steps.iter().find(|step| step.id == id).cloned() else {
        return Err(AppError::not_found("stepId"));
    };
    let after = before.done(how.by, how.details, call.now());
    let on_time = call.now() <= after.due_at;
    let completed = record(txn, call, Action::CompleteOnboardingStep, partner, steps, (&before, after)).await?;
    let event = DomainEvent::OnboardingStepCompleted {
        partner_id: completed.partner.id,
        // Of steps of another kind there may be several, and each counts.
        step: match completed.step.kind {
            OnboardingStepKind::Other => completed.step.id.to_string(),
            kind => kind.to_string(),
        },
        on_time,
    };
    events::publish(txn, call, event).await?;
    Ok(completed)
}

/// Records a change of a step, with how far the plan is by it. With the last required step the partner is active.
async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    partner: Partner,
    mut steps: Vec<Step>,
    (before, after): (&Step, Step),
) -> AppResult<Completed> {
    for step in steps.iter_mut().filter(|step| step.id == after.id) {
        *step = after.clone();
    }
    store::update(txn, before, &after).await?;
    let change = audit::Change {
        action,
        object_id: after.id.to_string(),
        partner_id: Some(partner.id),
        before: Some(before),
        after: Some(&after),
    };
    audit::record(txn, call, change).await?;
    let progressed = before.state == OnboardingStepState::Pending && after.state != OnboardingStepState::Pending;
    let partner = advance(txn, call, action, partner, &steps, progressed).await?;
    Ok(Completed { step: after, partner })
}

/// Records how far the plan is by its steps. With the last required step the partner is active.
async fn advance(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    partner: Partner,
    steps: &[Step],
    progressed: bool,
) -> AppResult<Partner> {
    let now = call.now();
    let plan = store::find_plans(txn, Scope::Everything, &[partner.id]).await?.pop();
    let plan = plan.ok_or_else(|| AppError::internal(format!("the steps of {} are of no plan", partner.id)))?;
    store::update_plan(txn, &plan, &plan.with(steps, progressed, now)).await?;
    if rules::is_done(steps) { partners::activate(txn, call, action, partner, now).await } else { Ok(partner) }
}
