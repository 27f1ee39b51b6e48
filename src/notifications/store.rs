//! SQL of notifications.

use entity::{
    notification, notification_position, notification_preference,
    value::{NotificationId, NotificationKind, RegistrationId, Timestamp, TypedId as _, UserId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Statement,
    sea_query::{Expr, OnConflict},
};

use super::model::{Notification, Place, Preference, Slot, Told};
use crate::{
    people::users::model::User,
    platform::{
        call::Call,
        db::{Db, dialect},
        error::AppResult,
        graphql::page::{Page, Rows},
    },
};

/// How many rows one statement writes: each has nine values, and SQLite takes 32,766 of them.
const AT_ONCE: usize = 1_000;

/// How many unread ones are counted.
const MOST_COUNTED: u64 = 1_000;

/// How many are forgotten in one statement, so that none holds the writer's place for long.
const FORGOTTEN_AT_ONCE: u64 = 1_000;

fn read(row: notification::Model) -> Notification {
    let notification::Model { id, user_id, partner_id: _, kind, object_id, mark: _, sentence, created_at, read_at } =
        row;
    Notification { id, user_id, kind, object_id, sentence, created_at, read_at }
}

/// Tells these people, and returns whom it told and under which ids. Who was told before is not told again, and is not
/// among them.
pub async fn insert(
    db: &impl ConnectionTrait,
    call: &Call,
    told: &Told,
    people: &[User],
) -> AppResult<Vec<(UserId, NotificationId)>> {
    use notification::Column;
    let mut ids = Vec::with_capacity(people.len());
    for people in people.chunks(AT_ONCE) {
        let rows: Vec<_> = people
            .iter()
            .map(|person| notification::ActiveModel {
                id: Set(call.new_id()),
                user_id: Set(person.id),
                partner_id: Set(person.partner_id),
                kind: Set(told.kind),
                object_id: Set(told.object_id.clone()),
                mark: Set(told.mark.clone()),
                sentence: Set(told.sentence.clone()),
                created_at: Set(call.now()),
                read_at: Set(None),
            })
            .collect();
        let wanted: Vec<_> = people.iter().zip(&rows).map(|(person, row)| (person.id, *row.id.as_ref())).collect();
        let again = [Column::UserId, Column::ObjectId, Column::Kind, Column::Mark];
        let again = OnConflict::columns(again).do_nothing().to_owned();
        let inserted = notification::Entity::insert_many(rows).on_conflict(again).exec_without_returning(db).await?;
        ids.extend(really(db, wanted, inserted).await?);
    }
    Ok(ids)
}

/// Those of what was to be inserted that are there: all or none by their number, otherwise those that are found. Only
/// the last is another statement; `returning` is not used, for SQLite has it in some builds only.
async fn really(
    db: &impl ConnectionTrait,
    wanted: Vec<(UserId, NotificationId)>,
    inserted: u64,
) -> AppResult<Vec<(UserId, NotificationId)>> {
    use notification::Column;
    let inserted = usize::try_from(inserted).unwrap_or(usize::MAX);
    if inserted == 0 {
        return Ok(Vec::new());
    }
    if inserted >= wanted.len() {
        return Ok(wanted);
    }
    let found: Vec<(UserId, NotificationId)> = notification::Entity::find()
        .select_only()
        .column(Column::UserId)
        .column(Column::Id)
        .filter(Column::Id.is_in(wanted.iter().map(|(_, id)| *id)))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found)
}

/// Which of these people want no mail about a kind.
pub async fn without_mail(
    db: &impl ConnectionTrait,
    kind: NotificationKind,
    people: impl Iterator<Item = UserId>,
) -> AppResult<Vec<UserId>> {
    use notification_preference::Column;
    let found = notification_preference::Entity::find()
        .filter(Column::Kind.eq(kind))
        .filter(Column::ByMail.eq(false))
        .filter(Column::UserId.is_in(people))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|row| row.user_id).collect())
}

/// A notification, whoever's it is: for the mail about it.
pub async fn find(db: &impl ConnectionTrait, id: NotificationId) -> AppResult<Option<Notification>> {
    Ok(notification::Entity::find_by_id(id).one(db).await?.map(read))
}

/// The person's own notifications of these ids.
pub async fn find_many(
    db: &impl ConnectionTrait,
    user_id: UserId,
    ids: &[NotificationId],
) -> AppResult<Vec<Notification>> {
    let found = notification::Entity::find()
        .filter(notification::Column::Id.is_in(ids.iter().copied()))
        .filter(notification::Column::UserId.eq(user_id));
    Ok(found.all(db).await?.into_iter().map(read).collect())
}

/// A page of the person's own notifications.
pub async fn list(
    db: &impl ConnectionTrait,
    user_id: UserId,
    unread_only: bool,
    page: &Page,
) -> AppResult<Rows<Notification>> {
    use notification::Column;
    let mut select = notification::Entity::find().filter(Column::UserId.eq(user_id));
    if unread_only {
        select = select.filter(Column::ReadAt.is_null());
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(read).collect(), total))
}

/// How many the person has not read, counted so far and no further.
pub async fn count_unread(db: &impl ConnectionTrait, user_id: UserId) -> AppResult<u64> {
    let sql = format!(
        "select count(*) as n from (
            select id from notifications where user_id = $1 and read_at is null limit {MOST_COUNTED}
        ) as unread"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [user_id.into()]);
    let counted: Option<i64> = match db.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "n")?,
        None => None,
    };
    Ok(counted.and_then(|counted| u64::try_from(counted).ok()).unwrap_or(0))
}

/// Marks the person's own as read: these, or all; how many were not yet.
pub async fn mark_read(
    db: &impl ConnectionTrait,
    user_id: UserId,
    ids: Option<&[NotificationId]>,
    now: Timestamp,
) -> AppResult<u64> {
    use notification::Column;
    let mut update = notification::Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(now))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ReadAt.is_null());
    if let Some(ids) = ids {
        update = update.filter(Column::Id.is_in(ids.iter().copied()));
    }
    Ok(update.exec(db).await?.rows_affected)
}

/// What the person has wished, by kind. What is missing was not wished otherwise.
pub async fn preferences(db: &impl ConnectionTrait, user_id: UserId) -> AppResult<Vec<Preference>> {
    let found = notification_preference::Entity::find()
        .filter(notification_preference::Column::UserId.eq(user_id))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|row| Preference { kind: row.kind, email: row.by_mail }).collect())
}

/// Keeps what the person wishes.
pub async fn prefer(db: &impl ConnectionTrait, user_id: UserId, wishes: &[Preference]) -> AppResult<()> {
    use notification_preference::Column;
    if wishes.is_empty() {
        return Ok(());
    }
    let rows = wishes.iter().map(|wish| notification_preference::ActiveModel {
        user_id: Set(user_id),
        kind: Set(wish.kind),
        by_mail: Set(wish.email),
    });
    let anew = OnConflict::columns([Column::UserId, Column::Kind]).update_column(Column::ByMail).to_owned();
    notification_preference::Entity::insert_many(rows).on_conflict(anew).exec_without_returning(db).await?;
    Ok(())
}

/// The place of a slot, held until the transaction ends: who holds it tells what comes next. `beginning` is where a slot
/// stands that has none yet.
pub async fn hold_position(db: &impl ConnectionTrait, slot: Slot, beginning: Timestamp) -> AppResult<Place> {
    use notification_position::{ActiveModel, Column, Entity};
    let first = RegistrationId::from_uuid(uuid::Uuid::nil());
    let row = ActiveModel { slot: Set(slot.name()), at: Set(beginning), object_id: Set(first.uuid()) };
    let there = OnConflict::column(Column::Slot).do_nothing().to_owned();
    Entity::insert(row).on_conflict(there).exec_without_returning(db).await?;
    let held = dialect::for_update(db, Entity::find_by_id(slot.name())).one(db).await?;
    Ok(held.map_or((beginning, first), |row| (row.at, RegistrationId::from_uuid(row.object_id))))
}

/// Moves the place of a slot that is held.
pub async fn move_position(db: &impl ConnectionTrait, slot: Slot, (at, id): Place) -> AppResult<()> {
    use notification_position::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::At, Expr::value(at))
        .col_expr(Column::ObjectId, Expr::value(id.uuid()))
        .filter(Column::Slot.eq(slot.name()))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets some of those that were told before an instant, the oldest first; how many.
pub async fn purge(db: &Db, before: Timestamp) -> AppResult<u64> {
    use notification::{Column, Entity};
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CreatedAt.lt(before))
        .order_by_asc(Column::CreatedAt)
        .limit(FORGOTTEN_AT_ONCE);
    let forgotten = Entity::delete_many().filter(Column::Id.in_subquery(old.into_query())).exec(db.pool()).await?;
    Ok(forgotten.rows_affected)
}
