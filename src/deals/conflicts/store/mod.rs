//! SQL of conflict cases.

mod rows;

use entity::{
    deal_conflict, deal_conflict_party, deal_conflict_staff,
    value::{DealConflictId, DealConflictState as State, RegistrationId, Timestamp, UserId},
};
use rows::{read, read_party, write, write_party};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};

use super::model::{Conflict, ConflictFilter, Party};
use crate::platform::{
    auth::Scope,
    db::dialect,
    error::{AppError, AppResult},
    graphql::page::{Page, Rows},
};

/// The cases of these ids. No scope: only staff ask.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[DealConflictId]) -> AppResult<Vec<Conflict>> {
    let found = deal_conflict::Entity::find().filter(deal_conflict::Column::Id.is_in(ids.iter().copied()));
    Ok(found.all(db).await?.into_iter().map(read).collect())
}

/// The case of an id, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, id: DealConflictId) -> AppResult<Option<Conflict>> {
    Ok(dialect::for_update(db, deal_conflict::Entity::find_by_id(id)).one(db).await?.map(read))
}

/// The parties of these cases, in the order of their registrations' ids. No scope: the case was found before.
pub async fn parties_of(db: &impl ConnectionTrait, ids: &[DealConflictId]) -> AppResult<Vec<Party>> {
    let found = deal_conflict_party::Entity::find()
        .filter(deal_conflict_party::Column::ConflictId.is_in(ids.iter().copied()))
        .order_by_asc(deal_conflict_party::Column::RegistrationId);
    Ok(found.all(db).await?.into_iter().map(read_party).collect())
}

/// What these registrations are and were in cases, as far as they exist for the caller, the latest last.
pub async fn entries_of(db: &impl ConnectionTrait, scope: Scope, ids: &[RegistrationId]) -> AppResult<Vec<Party>> {
    let found = deal_conflict_party::Entity::find()
        .filter(deal_conflict_party::Column::RegistrationId.is_in(ids.iter().copied()))
        .filter(scope.rows_of(deal_conflict_party::Column::PartnerId))
        .order_by_asc(deal_conflict_party::Column::ConflictId);
    Ok(found.all(db).await?.into_iter().map(read_party).collect())
}

/// The open cases that these registrations are in, in the order of their ids. No scope: what a case holds does not depend
/// on who asks.
pub async fn open_of(db: &impl ConnectionTrait, ids: &[RegistrationId]) -> AppResult<Vec<DealConflictId>> {
    let found = deal_conflict_party::Entity::find()
        .select_only()
        .column(deal_conflict_party::Column::ConflictId)
        .distinct()
        .filter(deal_conflict_party::Column::RegistrationId.is_in(ids.iter().copied()))
        .filter(deal_conflict_party::Column::ClosedAt.is_null())
        .order_by_asc(deal_conflict_party::Column::ConflictId);
    Ok(found.into_tuple().all(db).await?)
}

/// Undecided cases that are over by the clock, the longest first. No scope: the product itself asks.
pub async fn over(db: &impl ConnectionTrait, now: Timestamp, most: u64) -> AppResult<Vec<DealConflictId>> {
    use deal_conflict::Column;
    let found = deal_conflict::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.is_in([State::Open, State::Offered, State::Appealed]))
        // The second deadline comes after the first, which has the index.
        .filter(Column::DueAt.lte(now))
        .filter(Column::DefaultAt.lte(now))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(most);
    Ok(found.into_tuple().all(db).await?)
}

/// Inserts a case with its parties.
pub async fn insert(db: &impl ConnectionTrait, conflict: &Conflict, parties: &[Party]) -> AppResult<()> {
    deal_conflict::Entity::insert(write(conflict)).exec_without_returning(db).await?;
    deal_conflict_party::Entity::insert_many(parties.iter().map(write_party)).exec_without_returning(db).await?;
    Ok(())
}

/// Records a change of a case that was held.
pub async fn update(db: &impl ConnectionTrait, before_version: i64, after: &Conflict) -> AppResult<()> {
    let updated = deal_conflict::Entity::update_many()
        .set(write(after))
        .filter(deal_conflict::Column::Id.eq(after.id))
        .filter(deal_conflict::Column::Version.eq(before_version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// Records a change of a party whose case was held.
pub async fn update_party(db: &impl ConnectionTrait, after: &Party) -> AppResult<()> {
    deal_conflict_party::Entity::update_many()
        .set(write_party(after))
        .filter(deal_conflict_party::Column::ConflictId.eq(after.conflict_id))
        .filter(deal_conflict_party::Column::RegistrationId.eq(after.registration_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes that somebody of staff took part in a case.
pub async fn note_staff(
    db: &impl ConnectionTrait,
    id: DealConflictId,
    people: &[UserId],
    now: Timestamp,
) -> AppResult<()> {
    if people.is_empty() {
        return Ok(());
    }
    let rows = people.iter().map(|user_id| deal_conflict_staff::ActiveModel {
        conflict_id: Set(id),
        user_id: Set(*user_id),
        since: Set(now),
    });
    let noted = OnConflict::new().do_nothing().to_owned();
    deal_conflict_staff::Entity::insert_many(rows).on_conflict(noted).exec_without_returning(db).await?;
    Ok(())
}

/// Who of staff took part in a case.
pub async fn staff_of(db: &impl ConnectionTrait, id: DealConflictId) -> AppResult<Vec<UserId>> {
    let found = deal_conflict_staff::Entity::find()
        .select_only()
        .column(deal_conflict_staff::Column::UserId)
        .filter(deal_conflict_staff::Column::ConflictId.eq(id));
    Ok(found.into_tuple().all(db).await?)
}

/// A page of the cases, what is due first in front.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &ConflictFilter,
    page: &Page,
    now: Timestamp,
) -> AppResult<Rows<Conflict>> {
    use deal_conflict::Column;
    let ConflictFilter { states, owner_id, is_unassigned, is_overdue } = filter;
    let mut select = deal_conflict::Entity::find();
    if !states.is_empty() {
        select = select.filter(states.iter().fold(Condition::any(), |any, state| any.add(in_state(*state, now))));
    }
    if let Some(id) = owner_id {
        select = select.filter(Column::OwnerId.eq(*id));
    }
    if let Some(unassigned) = is_unassigned {
        select = select.filter(if *unassigned { Column::OwnerId.is_null() } else { Column::OwnerId.is_not_null() });
    }
    if let Some(overdue) = is_overdue {
        let missed = Condition::all()
            .add(Column::State.ne(State::Decided))
            .add(Column::OverdueAt.lte(now))
            .add(Column::DefaultAt.gt(now));
        select = select.filter(if *overdue { missed } else { missed.not() });
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, Some(Column::DueAt), Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(read).collect(), total))
}

/// In a state at an instant: what nobody accepted or decided in time has moved on, whether or not that was written down.
fn in_state(state: State, now: Timestamp) -> Condition {
    use deal_conflict::Column;
    let all = Condition::all;
    let lapsed = || all().add(Column::State.eq(State::Offered)).add(Column::DueAt.lte(now));
    let undecided = |stored: State, appealed: bool| {
        let which = if appealed { Column::AppealedAt.is_not_null() } else { Column::AppealedAt.is_null() };
        let any = Condition::any().add(Column::State.eq(stored)).add(lapsed().add(which));
        all().add(Column::DefaultAt.gt(now)).add(any)
    };
    match state {
        State::Open => undecided(State::Open, false),
        State::Appealed => undecided(State::Appealed, true),
        State::Offered => all().add(Column::State.eq(State::Offered)).add(Column::DueAt.gt(now)),
        State::Decided => Condition::any().add(Column::State.eq(State::Decided)).add(Column::DefaultAt.lte(now)),
    }
}
