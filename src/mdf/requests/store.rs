//! SQL of requests.

use std::collections::HashMap;

use entity::{
    mdf_request,
    value::{Day, MdfRequestId, MdfRequestState, PartnerId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    Select, Statement,
};

use super::model::{OutcomeContract, Request, RequestFilter, RequestOrder};
use crate::{
    kernel::figure::Figure,
    platform::{
        auth::Scope,
        db::dialect,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

impl From<mdf_request::Model> for Request {
    fn from(row: mdf_request::Model) -> Self {
        Self {
            id: row.id,
            program_id: row.program_id,
            partner_id: row.partner_id,
            state: row.state,
            activity_type: row.activity_type,
            title: row.title,
            audience: row.audience,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            currency: row.currency,
            rate_bp: row.rate_bp,
            planned_cost: row.planned_cost,
            requested_amount: row.requested_amount,
            approved_amount: row.approved_amount,
            contract: OutcomeContract {
                qualified_lead_definition: row.qualified_lead_definition,
                target_leads: row.target_leads,
                target_pipeline: row.target_pipeline,
            },
            claim_by: row.claim_by,
            measured_by: row.measured_by,
            requested_by: row.requested_by,
            requested_at: row.requested_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            decision_reason: row.decision_reason,
            version: row.version,
        }
    }
}

/// Inserts a request.
pub async fn insert(db: &impl ConnectionTrait, new: &Request) -> AppResult<()> {
    let row = mdf_request::ActiveModel {
        id: Set(new.id),
        program_id: Set(new.program_id),
        partner_id: Set(new.partner_id),
        state: Set(new.state),
        activity_type: Set(new.activity_type),
        title: Set(new.title.clone()),
        audience: Set(new.audience.clone()),
        starts_on: Set(new.starts_on),
        ends_on: Set(new.ends_on),
        currency: Set(new.currency),
        rate_bp: Set(new.rate_bp),
        planned_cost: Set(new.planned_cost),
        requested_amount: Set(new.requested_amount),
        approved_amount: Set(new.approved_amount),
        qualified_lead_definition: Set(new.contract.qualified_lead_definition.clone()),
        target_leads: Set(new.contract.target_leads),
        target_pipeline: Set(new.contract.target_pipeline),
        claim_by: Set(new.claim_by),
        measured_by: Set(new.measured_by),
        requested_by: Set(new.requested_by),
        requested_at: Set(new.requested_at),
        decided_by: Set(new.decided_by),
        decided_at: Set(new.decided_at),
        decision_reason: Set(new.decision_reason.clone()),
        version: Set(new.version),
    };
    mdf_request::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// A request that exists for the caller, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, scope: Scope, id: MdfRequestId) -> AppResult<Option<Request>> {
    let found = mdf_request::Entity::find_by_id(id).filter(scope.rows_of(mdf_request::Column::PartnerId));
    Ok(dialect::for_update(db, found).one(db).await?.map(Request::from))
}

/// The requests of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[MdfRequestId]) -> AppResult<Vec<Request>> {
    let rows = mdf_request::Entity::find()
        .filter(mdf_request::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(mdf_request::Column::PartnerId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Request::from).collect())
}

/// The requests of a partner that nothing was claimed of and that did not end in their stored state, oldest first; held
/// until the transaction ends where that is asked for. No scope: the partner was found before.
pub async fn find_open_of_partner(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    held: bool,
) -> AppResult<Vec<Request>> {
    let open = [
        MdfRequestState::Draft,
        MdfRequestState::Submitted,
        MdfRequestState::ActionRequired,
        MdfRequestState::Approved,
        MdfRequestState::InExecution,
    ];
    let found = mdf_request::Entity::find()
        .filter(mdf_request::Column::PartnerId.eq(partner_id))
        .filter(mdf_request::Column::State.is_in(open))
        .order_by_asc(mdf_request::Column::Id);
    let found = if held { dialect::for_update(db, found) } else { found };
    Ok(found.all(db).await?.into_iter().map(Request::from).collect())
}

/// Writes what changed, if nobody else did since `before` was read.
pub async fn update(db: &impl ConnectionTrait, before: &Request, after: &Request) -> AppResult<()> {
    let row = mdf_request::ActiveModel {
        state: Set(after.state),
        approved_amount: Set(after.approved_amount),
        decided_by: Set(after.decided_by),
        decided_at: Set(after.decided_at),
        decision_reason: Set(after.decision_reason.clone()),
        version: Set(after.version),
        ..Default::default()
    };
    let updated = mdf_request::Entity::update_many()
        .set(row)
        .filter(mdf_request::Column::Id.eq(before.id))
        .filter(mdf_request::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// A page of the requests that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &RequestFilter,
    today: Day,
    order: RequestOrder,
    page: &Page,
) -> AppResult<Rows<Request>> {
    let scoped = mdf_request::Entity::find().filter(scope.rows_of(mdf_request::Column::PartnerId));
    let select = filtered(scoped, filter, today);
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let key = match order {
        RequestOrder::Created => None,
        RequestOrder::StartsOn => Some(mdf_request::Column::StartsOn),
    };
    let rows = page.select(select, key, mdf_request::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(Request::from).collect(), total))
}

fn filtered(
    mut select: Select<mdf_request::Entity>,
    filter: &RequestFilter,
    today: Day,
) -> Select<mdf_request::Entity> {
    use mdf_request::Column;
    if !filter.states.is_empty() {
        let any = filter.states.iter().fold(Condition::any(), |any, state| any.add(in_state(*state, today)));
        select = select.filter(any);
    }
    if !filter.activity_types.is_empty() {
        select = select.filter(Column::ActivityType.is_in(filter.activity_types.iter().copied()));
    }
    if let Some(id) = filter.program_id {
        select = select.filter(Column::ProgramId.eq(id));
    }
    if let Some(id) = filter.partner_id {
        select = select.filter(Column::PartnerId.eq(id));
    }
    select
}

/// The rows that are in a state on a day: as `Request::state_on`, in SQL.
fn in_state(state: MdfRequestState, today: Day) -> Condition {
    use mdf_request::Column;
    let approved = || Condition::all().add(Column::State.eq(MdfRequestState::Approved));
    let in_time = || approved().add(Column::ClaimBy.gte(today));
    match state {
        MdfRequestState::Approved => in_time().add(Column::StartsOn.gt(today)),
        MdfRequestState::InExecution => in_time().add(Column::StartsOn.lte(today)),
        MdfRequestState::Expired => {
            Condition::any().add(Column::State.eq(state)).add(approved().add(Column::ClaimBy.lt(today)))
        }
        _ => Condition::all().add(Column::State.eq(state)),
    }
}

/// How many approved activities of these partners began between two days, both included: without those of which nothing
/// was claimed in time, which have expired by `today`.
pub async fn activities(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    (from, to): (Day, Day),
    today: Day,
) -> AppResult<HashMap<PartnerId, Figure>> {
    if partners.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "select partner_id, count(*) as considered, count(case when starts_on between $1 and $2 and (
                state in ('CLAIMED', 'SETTLED') or state in ('APPROVED', 'IN_EXECUTION') and claim_by >= $3
            ) then 1 end) as counted
         from mdf_requests where partner_id in ({}) group by partner_id",
        dialect::placeholders(4, partners.len())
    );
    let days = [from.into(), to.into(), today.into()];
    let values = days.into_iter().chain(partners.iter().map(|id| (*id).into()));
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    let mut found = HashMap::new();
    for row in rows {
        let counted = row.try_get("", "counted")?;
        let figure = Figure { value: counted, rows: counted, considered: row.try_get("", "considered")?, left_out: 0 };
        found.insert(row.try_get("", "partner_id")?, figure);
    }
    Ok(found)
}
