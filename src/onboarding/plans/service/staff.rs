//! What the vendor's staff change about plans.

use entity::value::{OnboardingStepKind, OnboardingStepState, PartnerState, Timestamp};

use super::{advance, held, record};
use crate::{
    kernel::code::Code,
    onboarding::{
        partners,
        plans::{
            model::{AddStep, ChangeStep, Completed, Details, Step},
            rules::{self, StaffFacts, policy::OnboardingPolicy},
            states::StepAction,
            store,
        },
    },
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        policies::{self, Kept, Revision},
        receipts,
    },
};

/// How many steps a plan has at most.
const MOST_STEPS: usize = 50;

/// How far away a due date may be, in days.
const MOST_DAYS: i64 = 730;

/// What staff may do with a step now.
pub fn allowed(call: &Call, step: &Step, partner_state: PartnerState) -> Vec<StepAction> {
    if call.may(Action::ManageOnboardingPlans).is_err() {
        return Vec::new();
    }
    let may = |change: &StepAction| {
        rules::decide_change(&StaffFacts { change: *change, state: step.state, partner_state }).is_granted()
    };
    [StepAction::Waive, StepAction::Unwaive, StepAction::Reschedule].into_iter().filter(may).collect()
}

/// Staff waive a step, take that back, or change its due date. When no required step is left the partner is active; it
/// stays so when a waived step is required again.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `OUT_OF_RANGE`, and what the rules refuse.
pub async fn change(call: Call, command: ChangeStep) -> AppResult<Completed> {
    const ACTION: Action = Action::ManageOnboardingPlans;
    call.may(ACTION)?;
    call.once(async |txn| {
        let (partner, steps, before) = held(txn, &call, command.step_id, command.expected_version).await?;
        let facts = StaffFacts { change: command.change, state: before.state, partner_state: partner.state };
        let (receipt, refused) = rules::decide_change(&facts).finish();
        if let Some((code, sentence)) = refused {
            return Err(AppError::decided("stepId", code, sentence, receipt));
        }
        let (now, reason) = (call.now(), command.reason.clone());
        let after = match (command.change, command.due_at) {
            (StepAction::Waive, _) => before.waived(call.user_id(), reason, now),
            (StepAction::Unwaive, _) => before.reopened(reason),
            (StepAction::Reschedule, due_at) => before.rescheduled(in_time(due_at, now)?, reason),
            (StepAction::Complete, _) => return Err(AppError::internal("a step is completed by `complete`")),
        };
        receipts::save(txn, &call, before.id.to_string(), Some(partner.id), &receipt).await?;
        record(txn, &call, ACTION, partner, steps, (&before, after)).await
    })
    .await
}

/// Staff add a step of another kind to a plan.
///
/// # Errors
/// `NOT_FOUND`, `OUT_OF_RANGE`, `TOO_LONG`, `PARTNER_NOT_ACTIVE`, `WRONG_STATE` for a partner that never had a plan.
pub async fn add(call: Call, command: AddStep) -> AppResult<Completed> {
    const ACTION: Action = Action::ManageOnboardingPlans;
    call.may(ACTION)?;
    call.once(async |txn| {
        let now = call.now();
        let partner = partners::hold_in(txn, Scope::Everything, command.partner_id).await?;
        let partner = partner.ok_or_else(|| AppError::not_found("partnerId"))?;
        if !matches!(partner.state, PartnerState::Onboarding | PartnerState::Active) {
            let sentence = format!("The partner is {}.", partner.state);
            return Err(AppError::invalid("partnerId", Code::PartnerNotActive, sentence));
        }
        if store::find_plans(txn, Scope::Everything, &[partner.id]).await?.is_empty() {
            let sentence = "The partner came without an onboarding plan, so there is none to add to.";
            return Err(AppError::invalid("partnerId", Code::WrongState, sentence));
        }
        let mut steps = store::find_of_partners(txn, Scope::Everything, &[partner.id]).await?;
        if steps.len() >= MOST_STEPS {
            let sentence = format!("A plan has at most {MOST_STEPS} steps.");
            return Err(AppError::invalid("partnerId", Code::TooLong, sentence));
        }
        let step = Step {
            id: call.new_id(),
            partner_id: partner.id,
            kind: OnboardingStepKind::Other,
            title: Some(command.title.clone()),
            required: command.required,
            due_at: in_time(Some(command.due_at), now)?,
            state: OnboardingStepState::Pending,
            completed_at: None,
            completed_by: None,
            details: Some(Details { reason: Some(command.reason.clone()), ..Details::default() }),
            version: 1,
        };
        store::insert_steps(txn, std::slice::from_ref(&step)).await?;
        let change = audit::Change {
            action: ACTION,
            object_id: step.id.to_string(),
            partner_id: Some(partner.id),
            before: None::<&Step>,
            after: Some(&step),
        };
        audit::record(txn, &call, change).await?;
        steps.push(step.clone());
        let partner = advance(txn, &call, ACTION, partner, &steps, false).await?;
        Ok(Completed { step, partner })
    })
    .await
}

fn in_time(due_at: Option<Timestamp>, now: Timestamp) -> AppResult<Timestamp> {
    let in_range = |due: &Timestamp| *due > now && *due <= now.plus_days(MOST_DAYS);
    due_at.filter(in_range).ok_or_else(|| {
        let sentence = format!("A due date lies in the future, at most {MOST_DAYS} days from now.");
        AppError::invalid("dueAt", Code::OutOfRange, sentence)
    })
}

/// Changes the policy of onboarding. Plans that exist stay as they were made.
///
/// # Errors
/// What is wrong with it; `VERSION_CONFLICT`; `OUT_OF_RANGE` for its instant.
pub async fn set_policy(call: Call, revision: Revision<OnboardingPolicy>) -> AppResult<Kept<OnboardingPolicy>> {
    call.may(Action::ManageProgramPolicies)?;
    if let Some((field, code, sentence)) = revision.policy.problem() {
        return Err(AppError::invalid(&field, code, sentence));
    }
    call.once(async |txn| policies::revise(txn, &call, Action::ManageProgramPolicies, revision.clone()).await).await
}
