//! SQL of activities.

use entity::{
    activity,
    value::{ActivityId, PartnerId, Timestamp},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::OnConflict,
};

use super::model::{Activity, Counted, Entry};
use crate::platform::{
    auth::Scope,
    db::dialect,
    error::{AppError, AppResult},
};

impl From<activity::Model> for Activity {
    fn from(row: activity::Model) -> Self {
        let activity::Model {
            id,
            partner_id,
            sequence,
            kind,
            component,
            value_micros,
            object_id,
            user_id,
            dedupe_key: _,
            occurred_at,
            recorded_at,
        } = row;
        Self { id, partner_id, sequence, kind, component, value_micros, object_id, user_id, occurred_at, recorded_at }
    }
}

/// Takes places at the end of a partner's stream, and holds the stream until the transaction ends. Returns the first
/// of them. Places of events that turn out to be told again stay empty.
pub async fn take_places(db: &impl ConnectionTrait, partner_id: PartnerId, places: i64) -> AppResult<i64> {
    let sql = "insert into activity_streams (partner_id, last_sequence) values ($1, $2) \
               on conflict (partner_id) do update set last_sequence = activity_streams.last_sequence + excluded.last_sequence \
               returning last_sequence";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [partner_id.into(), places.into()]);
    let row = db.query_one_raw(statement).await?;
    let last: i64 = row.ok_or_else(|| AppError::internal("a stream that has no end"))?.try_get("", "last_sequence")?;
    Ok(last.saturating_sub(places).saturating_add(1))
}

/// What the activity of a name counts; nothing when there is none.
pub async fn value_of(db: &impl ConnectionTrait, partner_id: PartnerId, dedupe_key: &str) -> AppResult<i64> {
    let found = activity::Entity::find()
        .select_only()
        .column(activity::Column::ValueMicros)
        .filter(activity::Column::PartnerId.eq(partner_id))
        .filter(activity::Column::DedupeKey.eq(dedupe_key))
        .into_tuple::<i64>()
        .one(db)
        .await?;
    Ok(found.unwrap_or(0))
}

/// Appends an activity; nothing when one of its name is in the stream already.
pub async fn insert(
    db: &impl ConnectionTrait,
    id: ActivityId,
    partner_id: PartnerId,
    sequence: i64,
    entry: Entry,
    now: Timestamp,
) -> AppResult<Option<Activity>> {
    let Entry { kind, component, value_micros, object_id, user_id, dedupe_key, occurred_at } = entry;
    let row = activity::ActiveModel {
        id: Set(id),
        partner_id: Set(partner_id),
        sequence: Set(sequence),
        kind: Set(kind),
        component: Set(component),
        value_micros: Set(value_micros),
        object_id: Set(object_id.clone()),
        user_id: Set(user_id),
        dedupe_key: Set(dedupe_key),
        occurred_at: Set(occurred_at),
        recorded_at: Set(now),
    };
    // The constraint `an_event_counts_once_per_partner` decides whether it is new.
    let columns = [activity::Column::PartnerId, activity::Column::DedupeKey];
    let known = OnConflict::columns(columns).do_nothing().to_owned();
    let inserted = activity::Entity::insert(row).on_conflict(known).exec_without_returning(db).await?;
    let appended = Activity {
        id,
        partner_id,
        sequence,
        kind,
        component,
        value_micros,
        object_id,
        user_id,
        occurred_at,
        recorded_at: now,
    };
    Ok((inserted > 0).then_some(appended))
}

/// The activities of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[ActivityId]) -> AppResult<Vec<Activity>> {
    let rows = activity::Entity::find()
        .filter(activity::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(activity::Column::PartnerId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Activity::from).collect())
}

/// The latest activities of each of these partners in one statement, latest first.
pub async fn latest_of(db: &impl ConnectionTrait, partners: &[PartnerId], most: i64) -> AppResult<Vec<Activity>> {
    latest(db, partners, most, "partner_id", "").await
}

/// The latest activities of each component of each of these partners in one statement, latest first.
pub async fn latest_by_component(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    most: i64,
) -> AppResult<Vec<Activity>> {
    latest(db, partners, most, "partner_id, component", "and component is not null").await
}

async fn latest(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    most: i64,
    each: &str,
    and: &str,
) -> AppResult<Vec<Activity>> {
    let wanted = dialect::placeholders(2, partners.len());
    let sql = format!(
        "select * from (select a.*, row_number() over (partition by {each} order by occurred_at desc, sequence desc) as place \
         from activities a where partner_id in ({wanted}) {and}) ranked where place <= $1 \
         order by partner_id, occurred_at desc, sequence desc"
    );
    let values = std::iter::once(most.into()).chain(partners.iter().map(|id| (*id).into()));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = activity::Entity::find().from_raw_sql(statement).all(db).await?;
    Ok(rows.into_iter().map(Activity::from).collect())
}

/// What counted for these partners after an instant.
pub async fn counted_since(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    since: Timestamp,
) -> AppResult<Vec<Counted>> {
    let rows = activity::Entity::find()
        .select_only()
        .columns([
            activity::Column::PartnerId,
            activity::Column::Component,
            activity::Column::ValueMicros,
            activity::Column::OccurredAt,
        ])
        .filter(activity::Column::PartnerId.is_in(partners.iter().copied()))
        .filter(activity::Column::OccurredAt.gt(since))
        .filter(activity::Column::Component.is_not_null())
        .into_tuple::<(PartnerId, entity::value::EngagementComponent, i64, Timestamp)>()
        .all(db)
        .await?;
    let counted = |(partner_id, component, value_micros, occurred_at)| Counted {
        partner_id,
        component,
        value_micros,
        occurred_at,
    };
    Ok(rows.into_iter().map(counted).collect())
}

/// The whole stream of a partner in its order.
pub async fn stream_of(db: &impl ConnectionTrait, scope: Scope, partner_id: PartnerId) -> AppResult<Vec<Activity>> {
    let rows = activity::Entity::find()
        .filter(activity::Column::PartnerId.eq(partner_id))
        .filter(scope.rows_of(activity::Column::PartnerId))
        .order_by_asc(activity::Column::Sequence)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Activity::from).collect())
}
