//! SQL of onboarding plans.

use entity::{
    onboarding_plan, onboarding_step, partner,
    value::{OnboardingStepId, OnboardingStepState, PartnerId, PartnerState, Timestamp},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};

use super::model::{Plan, Planned, Step};
use crate::platform::{
    auth::Scope,
    call::Call,
    error::{AppError, AppResult},
    graphql::page::{Page, Rows},
};

impl TryFrom<onboarding_step::Model> for Step {
    type Error = AppError;
    fn try_from(row: onboarding_step::Model) -> AppResult<Self> {
        let onboarding_step::Model {
            id,
            partner_id,
            kind,
            title,
            required,
            due_at,
            state,
            completed_at,
            completed_by,
            details,
            version,
        } = row;
        let details = details.as_deref().map(serde_json::from_str).transpose()?;
        Ok(Self { id, partner_id, kind, title, required, due_at, state, completed_at, completed_by, details, version })
    }
}

impl From<onboarding_plan::Model> for Plan {
    fn from(row: onboarding_plan::Model) -> Self {
        let onboarding_plan::Model {
            partner_id,
            template_version,
            begun_at,
            last_progress_at,
            next_due_at,
            finished_at,
            version,
        } = row;
        Self { partner_id, template_version, begun_at, last_progress_at, next_due_at, finished_at, version }
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
    steps.sort_by_key(|step| (step.kind, step.id));
    Ok(steps)
}

/// Inserts the plan of a partner that begins now, made under a version of the templates; its steps.
pub async fn insert(
    db: &impl ConnectionTrait,
    call: &Call,
    id: PartnerId,
    template_version: i32,
    planned: &[Planned],
) -> AppResult<Vec<Step>> {
    let now = call.now();
    let step = |planned: &Planned| Step {
        id: call.new_id(),
        partner_id: id,
        kind: planned.kind,
        title: None,
        required: planned.required,
        due_at: now.plus_days(planned.due_days),
        state: OnboardingStepState::Pending,
        completed_at: None,
        completed_by: None,
        details: None,
        version: 1,
    };
    let steps: Vec<Step> = planned.iter().map(step).collect();
    let open = steps.iter().filter(|step| step.required).map(|step| step.due_at).min();
    let plan = onboarding_plan::ActiveModel {
        partner_id: Set(id),
        template_version: Set(template_version),
        begun_at: Set(now),
        last_progress_at: Set(now),
        next_due_at: Set(open),
        finished_at: Set(open.is_none().then_some(now)),
        version: Set(1),
    };
    onboarding_plan::Entity::insert(plan).exec_without_returning(db).await?;
    insert_steps(db, &steps).await?;
    Ok(steps)
}

/// Inserts steps.
pub async fn insert_steps(db: &impl ConnectionTrait, steps: &[Step]) -> AppResult<()> {
    if steps.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(steps.len());
    for step in steps {
        rows.push(onboarding_step::ActiveModel {
            id: Set(step.id),
            partner_id: Set(step.partner_id),
            kind: Set(step.kind),
            title: Set(step.title.clone()),
            required: Set(step.required),
            due_at: Set(step.due_at),
            state: Set(step.state),
            completed_at: Set(step.completed_at),
            completed_by: Set(step.completed_by),
            details: Set(step.details.as_ref().map(serde_json::to_string).transpose()?),
            version: Set(step.version),
        });
    }
    onboarding_step::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Records a change of a step.
pub async fn update(db: &impl ConnectionTrait, before: &Step, after: &Step) -> AppResult<()> {
    let details = after.details.as_ref().map(serde_json::to_string).transpose()?;
    let updated = onboarding_step::Entity::update_many()
        .col_expr(onboarding_step::Column::State, Expr::value(after.state))
        .col_expr(onboarding_step::Column::DueAt, Expr::value(after.due_at))
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

/// The plans of these partners that exist for the caller.
pub async fn find_plans(db: &impl ConnectionTrait, scope: Scope, partners: &[PartnerId]) -> AppResult<Vec<Plan>> {
    let rows = onboarding_plan::Entity::find()
        .filter(onboarding_plan::Column::PartnerId.is_in(partners.iter().copied()))
        .filter(scope.rows_of(onboarding_plan::Column::PartnerId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Plan::from).collect())
}

/// Records how far a plan is.
pub async fn update_plan(db: &impl ConnectionTrait, before: &Plan, after: &Plan) -> AppResult<()> {
    let updated = onboarding_plan::Entity::update_many()
        .col_expr(onboarding_plan::Column::LastProgressAt, Expr::value(after.last_progress_at))
        .col_expr(onboarding_plan::Column::NextDueAt, Expr::value(after.next_due_at))
        .col_expr(onboarding_plan::Column::FinishedAt, Expr::value(after.finished_at))
        .col_expr(onboarding_plan::Column::Version, Expr::value(after.version))
        .filter(onboarding_plan::Column::PartnerId.eq(before.partner_id))
        .filter(onboarding_plan::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// A page of the plans of partners that are onboarding, of which a required step was due before `now` or no step was
/// done since `still_since`.
pub async fn stalled(
    db: &impl ConnectionTrait,
    now: Timestamp,
    still_since: Timestamp,
    page: &Page,
) -> AppResult<Rows<Plan>> {
    let onboarding = partner::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(
            Expr::col((partner::Entity, partner::Column::Id))
                .equals((onboarding_plan::Entity, onboarding_plan::Column::PartnerId)),
        )
        .filter(partner::Column::State.eq(PartnerState::Onboarding))
        .into_query();
    let select = onboarding_plan::Entity::find()
        .filter(onboarding_plan::Column::FinishedAt.is_null())
        .filter(
            Condition::any()
                .add(onboarding_plan::Column::NextDueAt.lt(now))
                .add(onboarding_plan::Column::LastProgressAt.lt(still_since)),
        )
        .filter(Expr::exists(onboarding));
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let key = Some(onboarding_plan::Column::LastProgressAt);
    let rows = page.select(select, key, onboarding_plan::Column::PartnerId).all(db).await?;
    Ok(page.finish(rows.into_iter().map(Plan::from).collect(), total))
}
