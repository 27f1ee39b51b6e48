//! What is read of plans.

use entity::value::{OnboardingStepId, PartnerId};

use crate::{
    onboarding::plans::{
        model::{Plan, Stalled, Step},
        rules::policy::OnboardingPolicy,
        store,
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
        policies::{self, Kept},
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

/// How far the plans of these partners are, as far as they exist for the caller.
pub async fn plans_of(call: &Call, partner_ids: &[PartnerId]) -> AppResult<Vec<Plan>> {
    store::find_plans(&call.reader(), call.scope(), partner_ids).await
}

/// A page of the partners whose onboarding has stalled by the policy in force, those without progress for longest first;
/// each with the reasons.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn stalled(call: &Call, page: &Page) -> AppResult<Rows<(Plan, Vec<Stalled>)>> {
    call.may(Action::ManageOnboardingPlans)?;
    let (db, now) = (call.reader(), call.now());
    let days = policies::in_force::<OnboardingPolicy>(&db, now).await?.policy.stalled_after_days;
    let Rows { rows, has_previous, has_next, total } = store::stalled(&db, now, now.plus_days(-days), page).await?;
    let because = |plan: Plan| {
        let reasons = plan.stalled(days, now);
        (plan, reasons)
    };
    Ok(Rows { rows: rows.into_iter().map(because).collect(), has_previous, has_next, total })
}

/// A version of the policy of onboarding; the one in force when none is named.
///
/// # Errors
/// `NOT_FOUND`; `Unauthenticated`, `Forbidden`; those of the database.
pub async fn policy(call: &Call, version: Option<i32>) -> AppResult<Kept<OnboardingPolicy>> {
    call.may(Action::ManageOnboardingPlans)?;
    let found = policies::read(&call.reader(), version, call.now()).await?;
    found.ok_or_else(|| AppError::not_found("version"))
}
