//! SQL of completions.

use std::collections::HashMap;

use entity::{
    training_completion,
    value::{CompletionId, PartnerId, Timestamp},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement, sea_query::OnConflict,
};

use super::model::{Completion, NewCompletion};
use crate::{
    kernel::figure::Figure,
    platform::{
        auth::Scope,
        call::Call,
        db::dialect,
        error::{AppError, AppResult},
    },
};

impl From<training_completion::Model> for Completion {
    fn from(row: training_completion::Model) -> Self {
        let training_completion::Model {
            id,
            course_id,
            user_id,
            partner_id,
            source,
            external_id,
            score_bp,
            is_passed,
            completed_at,
            expires_at,
            recorded_at,
        } = row;
        Self {
            id,
            course_id,
            user_id,
            partner_id,
            source,
            external_id,
            score_bp,
            is_passed,
            completed_at,
            expires_at,
            recorded_at,
        }
    }
}

/// Inserts a completion; nothing when its (source, external id) is recorded already.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, new: &NewCompletion) -> AppResult<Option<Completion>> {
    let completion = Completion {
        id: call.new_id(),
        course_id: new.course_id,
        user_id: new.user_id,
        partner_id: new.partner_id,
        source: new.source.clone(),
        external_id: new.external_id.clone(),
        score_bp: new.score_bp,
        is_passed: new.is_passed,
        completed_at: new.completed_at,
        expires_at: new.expires_at,
        recorded_at: call.now(),
    };
    let row = training_completion::ActiveModel {
        id: Set(completion.id),
        course_id: Set(completion.course_id),
        user_id: Set(completion.user_id),
        partner_id: Set(completion.partner_id),
        source: Set(completion.source.clone()),
        external_id: Set(completion.external_id.clone()),
        score_bp: Set(completion.score_bp),
        is_passed: Set(completion.is_passed),
        completed_at: Set(completion.completed_at),
        expires_at: Set(completion.expires_at),
        recorded_at: Set(completion.recorded_at),
    };
    // The constraint `a_completion_is_recorded_once` decides who was first.
    let columns = [training_completion::Column::Source, training_completion::Column::ExternalId];
    let recorded = OnConflict::columns(columns).do_nothing().to_owned();
    let inserted = training_completion::Entity::insert(row).on_conflict(recorded).exec_without_returning(db).await?;
    Ok((inserted > 0).then_some(completion))
}

/// What was recorded under a (source, external id).
pub async fn find_recorded(db: &impl ConnectionTrait, source: &str, external_id: &str) -> AppResult<Completion> {
    training_completion::Entity::find()
        .filter(training_completion::Column::Source.eq(source))
        .filter(training_completion::Column::ExternalId.eq(external_id))
        .one(db)
        .await?
        .map(Completion::from)
        .ok_or_else(|| AppError::internal("a completion was recorded before and is not there"))
}

/// The completions of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[CompletionId]) -> AppResult<Vec<Completion>> {
    let rows = training_completion::Entity::find()
        .filter(training_completion::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(training_completion::Column::PartnerId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Completion::from).collect())
}

/// The latest completions of each of these partners in one statement, latest first.
pub async fn latest_of(db: &impl ConnectionTrait, partners: &[PartnerId], most: i64) -> AppResult<Vec<Completion>> {
    let sql = format!(
        "select * from (select c.*, row_number() over (partition by partner_id order by completed_at desc, id desc) as place \
         from training_completions c where partner_id in ({})) ranked where place <= $1 order by completed_at desc, id desc",
        dialect::placeholders(2, partners.len())
    );
    let values = std::iter::once(most.into()).chain(partners.iter().map(|id| (*id).into()));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = training_completion::Entity::find().from_raw_sql(statement).all(db).await?;
    Ok(rows.into_iter().map(Completion::from).collect())
}

/// How many certifications were live at an instant at each of these partners: passed courses that expire and had not,
/// each once per person, of people who belong to the partner and may sign in.
pub async fn certified(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    at: Timestamp,
) -> AppResult<HashMap<PartnerId, Figure>> {
    if partners.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "select partner_id, cast(sum(live) as bigint) as live, cast(sum(taken) as bigint) as taken from (
            select c.partner_id, c.user_id, k.code, count(*) as taken,
                max(case when c.is_passed and c.completed_at <= $1 and c.expires_at > $1 and u.state = 'ACTIVE'
                    and u.partner_id = c.partner_id then 1 else 0 end) as live
            from training_completions c join courses k on k.id = c.course_id join users u on u.id = c.user_id
            where c.partner_id in ({}) group by c.partner_id, c.user_id, k.code
         ) courses group by partner_id",
        dialect::placeholders(2, partners.len())
    );
    let values = std::iter::once(at.into()).chain(partners.iter().map(|id| (*id).into()));
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    let mut found = HashMap::new();
    for row in rows {
        let live = row.try_get("", "live")?;
        let figure = Figure { value: live, rows: live, considered: row.try_get("", "taken")?, left_out: 0 };
        found.insert(row.try_get("", "partner_id")?, figure);
    }
    Ok(found)
}
