//! SQL of onboarding plans.

use entity::{
    onboarding_step,
    value::{OnboardingStepId, OnboardingStepState, PartnerId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::model::{Planned, Step};
use crate::platform::{
    auth::Scope,
    call::Call,
    error::{AppError, AppResult},
};

impl TryFrom<onboarding_step::Model> for Step {
    type Error = AppError;
    fn try_from(row: onboarding_step::Model) -> AppResult<Self> {
        let onboarding_step::Model {
            id,
            partner_id,
            kind,
            required,
            due_at,
            state,
            completed_at,
            completed_by,
            details,
            version,
        } = row;
        let details = details.as_deref().map(serde_json::from_str).transpose()?;
        Ok(Self { id, partner_id, kind, required, due_at, state, completed_at, completed_by, details, version })
    }
}

/// The steps of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[OnboardingStepId]) -> AppResult<Vec<Step>> {
    let rows = onboarding_step::Entity::find()
        .filter(onboarding_step::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(onboarding_step::Column::PartnerId))
        .all(db)
        .await?;
    rows.into_iter().map(Step::try_from).collect()
}

/// The steps of these partners that exist for the caller, in the order of the plan.
pub async fn find_of_partners(
    db: &impl ConnectionTrait,
    scope: Scope,
    partner_ids: &[PartnerId],
) -> AppResult<Vec<Step>> {
    let rows = onboarding_step::Entity::find()
        .filter(onboarding_step::Column::PartnerId.is_in(partner_ids.iter().copied()))
        .filter(scope.rows_of(onboarding_step::Column::PartnerId))
        .all(db)
        .await?;
    let mut steps: Vec<Step> = rows.into_iter().map(Step::try_from).collect::<AppResult<_>>()?;
    steps.sort_by_key(|step| step.kind);
    Ok(steps)
}

/// Inserts the plan of a partner.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, id: PartnerId, plan: &[Planned]) -> AppResult<()> {
    let rows = plan.iter().map(|planned| onboarding_step::ActiveModel {
        id: Set(call.new_id()),
        partner_id: Set(id),
        kind: Set(planned.kind),
        required: Set(planned.required),
        due_at: Set(call.now().plus_days(planned.due_days)),
        state: Set(OnboardingStepState::Pending),
        completed_at: Set(None),
        completed_by: Set(None),
        details: Set(None),
        version: Set(1),
    });
    onboarding_step::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Records that a step was completed.
pub async fn complete(db: &impl ConnectionTrait, before: &Step, after: &Step) -> AppResult<()> {
    let details = after.details.as_ref().map(serde_json::to_string).transpose()?;
    let updated = onboarding_step::Entity::update_many()
        .col_expr(onboarding_step::Column::State, Expr::value(after.state))
        .col_expr(onboarding_step::Column::CompletedAt, Expr::value(after.completed_at))
        .col_expr(onboarding_step::Column::CompletedBy, Expr::value(after.completed_by))
        .col_expr(onboarding_step::Column::Details, Expr::value(details))
        .col_expr(onboarding_step::Column::Version, Expr::value(after.version))
        .filter(onboarding_step::Column::Id.eq(before.id))
        .filter(onboarding_step::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}
