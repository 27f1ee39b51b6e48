//! SQL of joint business plans.

use std::collections::HashMap;

use entity::{
    business_plan, business_plan_revision,
    value::{BusinessPlanId, PartnerId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Statement,
    sea_query::{Expr, OnConflict},
};

use super::model::{Agreed, BusinessPlan, BusinessPlanFilter, Revision, Targets};
use crate::platform::{
    auth::Scope,
    db::{Unique, dialect},
    error::{AppError, AppResult},
    graphql::page::{Page, Rows},
};

/// One plan per partner and year.
pub const ONE_PER_YEAR: Unique =
    Unique { name: "one_plan_per_partner_and_year", columns: "business_plans.partner_id, business_plans.year" };

impl From<business_plan_revision::Model> for Revision {
    fn from(row: business_plan_revision::Model) -> Self {
        let business_plan_revision::Model {
            plan_id,
            revision,
            partner_id: _,
            pipeline_minor,
            revenue_minor,
            certifications,
            mdf_activities,
            note,
            created_by,
            created_at,
            partner_agreed_by,
            partner_agreed_at,
            vendor_agreed_by,
            vendor_agreed_at,
        } = row;
        Self {
            plan_id,
            number: revision,
            targets: Targets { pipeline_minor, revenue_minor, certifications, mdf_activities, note },
            created_by,
            created_at,
            partner_agreed: partner_agreed_at.map(|at| Agreed { by: partner_agreed_by, at }),
            vendor_agreed: vendor_agreed_at.map(|at| Agreed { by: vendor_agreed_by, at }),
        }
    }
}

/// The plans of rows, each with its latest revision: one more statement for all of them.
async fn with_latest(db: &impl ConnectionTrait, rows: Vec<business_plan::Model>) -> AppResult<Vec<BusinessPlan>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id);
    let latest = "select r.* from business_plan_revisions r join business_plans p
            on p.id = r.plan_id and p.revision = r.revision where p.id in (";
    let sql = format!("{latest}{})", dialect::placeholders(1, rows.len()));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, ids.map(Into::into));
    let found = business_plan_revision::Entity::find().from_raw_sql(statement).all(db).await?;
    let mut latest: HashMap<BusinessPlanId, Revision> =
        found.into_iter().map(|row| (row.plan_id, row.into())).collect();
    rows.into_iter()
        .map(|row| {
            let business_plan::Model {
                id,
                partner_id,
                year,
                currency,
                state,
                revision: _,
                agreed_revision,
                created_by,
                created_at,
                agreed_at,
                closed_by,
                closed_at,
                close_reason,
                version,
            } = row;
            let latest = latest.remove(&id).ok_or_else(|| AppError::internal(format!("{id} has no revision")))?;
            Ok(BusinessPlan {
                id,
                partner_id,
                year,
                currency,
                state,
                latest,
                agreed_revision,
                agreed_at,
                created_by,
                created_at,
                closed_by,
                closed_at,
                close_reason,
                version,
            })
        })
        .collect()
}

/// The plans of these ids that exist for the caller.
pub async fn find_many(
    db: &impl ConnectionTrait,
    scope: Scope,
    ids: &[BusinessPlanId],
) -> AppResult<Vec<BusinessPlan>> {
    let rows = business_plan::Entity::find()
        .filter(business_plan::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(business_plan::Column::PartnerId))
        .all(db)
        .await?;
    with_latest(db, rows).await
}

/// A plan that exists for the caller, held until the transaction ends.
pub async fn find_for_update(
    db: &impl ConnectionTrait,
    scope: Scope,
    id: BusinessPlanId,
) -> AppResult<Option<BusinessPlan>> {
    let found = business_plan::Entity::find_by_id(id).filter(scope.rows_of(business_plan::Column::PartnerId));
    let row = dialect::for_update(db, found).one(db).await?;
    Ok(with_latest(db, row.into_iter().collect()).await?.pop())
}

/// The latest plans of each of these partners in two statements, the latest year first.
pub async fn latest_of(db: &impl ConnectionTrait, partners: &[PartnerId], most: i64) -> AppResult<Vec<BusinessPlan>> {
    let sql = format!(
        "select * from (select p.*, row_number() over (partition by partner_id order by year desc) as place \
         from business_plans p where partner_id in ({})) ranked where place <= $1 order by year desc, id desc",
        dialect::placeholders(2, partners.len())
    );
    let values = std::iter::once(most.into()).chain(partners.iter().map(|id| (*id).into()));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = business_plan::Entity::find().from_raw_sql(statement).all(db).await?;
    with_latest(db, rows).await
}

/// A page of the plans that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &BusinessPlanFilter,
    page: &Page,
) -> AppResult<Rows<BusinessPlan>> {
    let mut select = business_plan::Entity::find().filter(scope.rows_of(business_plan::Column::PartnerId));
    if let Some(partner_id) = filter.partner_id {
        select = select.filter(business_plan::Column::PartnerId.eq(partner_id));
    }
    if !filter.years.is_empty() {
        select = select.filter(business_plan::Column::Year.is_in(filter.years.iter().copied()));
    }
    if !filter.states.is_empty() {
        select = select.filter(business_plan::Column::State.is_in(filter.states.iter().copied()));
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, business_plan::Column::Id).all(db).await?;
    let Rows { rows, has_previous, has_next, total } = page.finish(rows, total);
    Ok(Rows { rows: with_latest(db, rows).await?, has_previous, has_next, total })
}

/// The revisions of these plans that exist for the caller, the latest first.
pub async fn revisions_of(
    db: &impl ConnectionTrait,
    scope: Scope,
    plans: &[BusinessPlanId],
) -> AppResult<Vec<Revision>> {
    let rows = business_plan_revision::Entity::find()
        .filter(business_plan_revision::Column::PlanId.is_in(plans.iter().copied()))
        .filter(scope.rows_of(business_plan_revision::Column::PartnerId))
        .order_by_desc(business_plan_revision::Column::Revision)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Revision::from).collect())
}

/// Inserts a plan with its first revision.
pub async fn insert(db: &impl ConnectionTrait, plan: &BusinessPlan) -> AppResult<()> {
    let row = business_plan::ActiveModel {
        id: Set(plan.id),
        partner_id: Set(plan.partner_id),
        year: Set(plan.year),
        currency: Set(plan.currency),
        state: Set(plan.state),
        revision: Set(plan.latest.number),
        agreed_revision: Set(plan.agreed_revision),
        created_by: Set(plan.created_by),
        created_at: Set(plan.created_at),
        agreed_at: Set(plan.agreed_at),
        closed_by: Set(plan.closed_by),
        closed_at: Set(plan.closed_at),
        close_reason: Set(plan.close_reason.clone()),
        version: Set(plan.version),
    };
    business_plan::Entity::insert(row).exec_without_returning(db).await?;
    put_latest(db, plan).await
}

/// Records a change of a plan and its latest revision; what was written of that revision before is written over.
pub async fn update(db: &impl ConnectionTrait, before: &BusinessPlan, after: &BusinessPlan) -> AppResult<()> {
    let updated = business_plan::Entity::update_many()
        .col_expr(business_plan::Column::State, Expr::value(after.state))
        .col_expr(business_plan::Column::Revision, Expr::value(after.latest.number))
        .col_expr(business_plan::Column::AgreedRevision, Expr::value(after.agreed_revision))
        .col_expr(business_plan::Column::AgreedAt, Expr::value(after.agreed_at))
        .col_expr(business_plan::Column::ClosedBy, Expr::value(after.closed_by))
        .col_expr(business_plan::Column::ClosedAt, Expr::value(after.closed_at))
        .col_expr(business_plan::Column::CloseReason, Expr::value(after.close_reason.clone()))
        .col_expr(business_plan::Column::Version, Expr::value(after.version))
        .filter(business_plan::Column::Id.eq(before.id))
        .filter(business_plan::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected != 1 {
        return Err(AppError::version_conflict(after.version));
    }
    if before.latest == after.latest { Ok(()) } else { put_latest(db, after).await }
}

async fn put_latest(db: &impl ConnectionTrait, plan: &BusinessPlan) -> AppResult<()> {
    use business_plan_revision::Column;
    let Revision { plan_id, number, targets, created_by, created_at, partner_agreed, vendor_agreed } = &plan.latest;
    let of = |agreed: &Option<Agreed>| (agreed.as_ref().and_then(|agreed| agreed.by), agreed.as_ref().map(|a| a.at));
    let ((partner_by, partner_at), (vendor_by, vendor_at)) = (of(partner_agreed), of(vendor_agreed));
    let row = business_plan_revision::ActiveModel {
        plan_id: Set(*plan_id),
        revision: Set(*number),
        partner_id: Set(plan.partner_id),
        pipeline_minor: Set(targets.pipeline_minor),
        revenue_minor: Set(targets.revenue_minor),
        certifications: Set(targets.certifications),
        mdf_activities: Set(targets.mdf_activities),
        note: Set(targets.note.clone()),
        created_by: Set(*created_by),
        created_at: Set(*created_at),
        partner_agreed_by: Set(partner_by),
        partner_agreed_at: Set(partner_at),
        vendor_agreed_by: Set(vendor_by),
        vendor_agreed_at: Set(vendor_at),
    };
    let values = [
        Column::PipelineMinor,
        Column::RevenueMinor,
        Column::Certifications,
        Column::MdfActivities,
        Column::Note,
        Column::CreatedBy,
        Column::CreatedAt,
        Column::PartnerAgreedBy,
        Column::PartnerAgreedAt,
        Column::VendorAgreedBy,
        Column::VendorAgreedAt,
    ];
    let replace = OnConflict::columns([Column::PlanId, Column::Revision]).update_columns(values).to_owned();
    business_plan_revision::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}
