//! Use cases of onboarding plans.

use entity::value::{OnboardingStepId, OnboardingStepKind, OnboardingStepState, PartnerId, PartnerState, UserId};
use sea_orm::DatabaseTransaction;

use super::{
    agreement,
    model::{Complete, Completed, Details, Signature, Step},
    rules::{self, Facts, SigningFacts},
    store,
};
use crate::{
    kernel::{code::Code, event::DomainEvent},
    onboarding::partners::{self, model::Partner},
    people::users,
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        events, receipts,
    },
};

/// The steps of these ids that exist for the caller.
pub async fn find_many(call: &Call, ids: &[OnboardingStepId]) -> AppResult<Vec<Step>> {
    if call.may(Action::ReadPartners).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The steps of these partners that exist for the caller, in the order of the plan.
pub async fn find_of_partners(call: &Call, partner_ids: &[PartnerId]) -> AppResult<Vec<Step>> {
    store::find_of_partners(&call.reader(), call.scope(), partner_ids).await
}

/// The text of the agreement in force.
pub fn agreement_in_force() -> (Signature, &'static str) {
    (Signature { version: agreement::VERSION, sha256: agreement::sha256() }, agreement::TEXT)
}

/// What the decision to complete a step looks at, for a caller.
pub fn facts_of(call: &Call, step: &Step, partner_state: PartnerState) -> Facts {
    let by_partner = call.partner_id() == Some(step.partner_id);
    Facts { kind: step.kind, state: step.state, partner_state, by_partner }
}

/// Whether the caller may complete a step of a partner in a state: the same rules as [`complete`].
pub fn may_complete(call: &Call, step: &Step, partner_state: PartnerState) -> bool {
    call.may(Action::CompleteOnboardingStep).is_ok() && rules::may_complete(&facts_of(call, step, partner_state))
}

/// Makes the plan of a partner that was just created.
///
/// # Errors
/// Those of the database.
pub async fn begin(txn: &DatabaseTransaction, call: &Call, partner: &Partner) -> AppResult<()> {
    store::insert(txn, call, partner.id, &rules::template(&partner.types)).await
}

/// A person completes a step. With the last required one the partner is active.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `REQUIRED`, and what the rules refuse.
pub async fn complete(call: Call, command: Complete) -> AppResult<Completed> {
    call.may(Action::CompleteOnboardingStep)?;
    call.once(async |txn| {
        let unseen = || AppError::not_found("stepId");
        let found = store::find_many(txn, call.scope(), &[command.step_id]).await?.pop().ok_or_else(unseen)?;
        // The partner's row is what completions of its steps wait for: the last one sees all others.
        let partner = partners::hold(txn, found.partner_id).await?;
        let steps = store::find_of_partners(txn, call.scope(), &[partner.id]).await?;
        let step = steps.iter().find(|step| step.id == found.id).ok_or_else(unseen)?;
        if command.expected_version.is_some_and(|expected| expected != step.version) {
            return Err(AppError::version_conflict(step.version));
        }
        let facts = SigningFacts {
            step: facts_of(&call, step, partner.state),
            signed: command.given.agreement.clone(),
            in_force: agreement_in_force().0,
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
        let (id, how) = (step.id, How { by: call.user_id(), details: Some(command.given.clone()) });
        finish(txn, &call, partner, steps, id, how).await
    })
    .await
}

/// Something happened that completes a step of a partner's plan, if it is still pending. Called by reactions, in the
/// transaction of what happened.
///
/// # Errors
/// Those of the database.
pub async fn happened(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: PartnerId,
    kind: OnboardingStepKind,
) -> AppResult<()> {
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
    finish(txn, call, partner, steps, id, How::default()).await?;
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
    mut steps: Vec<Step>,
    id: OnboardingStepId,
    how: How,
) -> AppResult<Completed> {
    let now = call.now();
    let Some(slot) = steps.iter_mut().find(|step| step.id == id) else { return Err(AppError::not_found("stepId")) };
    let before = slot.clone();
    let after = before.done(how.by, how.details, now);
    *slot = after.clone();
    store::complete(txn, &before, &after).await?;
    let action = Action::CompleteOnboardingStep;
    let change = audit::Change {
        action,
        object_id: id.to_string(),
        partner_id: Some(partner.id),
        before: Some(&before),
        after: Some(&after),
    };
    audit::record(txn, call, change).await?;
    let partner_id = partner.id;
    let partner =
        if rules::is_done(&steps) { partners::activate(txn, call, action, partner, now).await? } else { partner };
    let on_time = now <= after.due_at;
    let event = DomainEvent::OnboardingStepCompleted { partner_id, step: after.kind.to_string(), on_time };
    events::publish(txn, call, event).await?;
    Ok(Completed { step: after, partner })
}
