//! SQL of merging. The one place that knows every table of this area which hangs on an account: what moves, moves in
//! whole sets, and is noted by its id in `account_merge_moves`.

use std::collections::HashMap;

use entity::{
    account_merge, account_merge_move,
    value::{AccountId, AccountMergeId, AccountMoveKind as Kind, AccountNameKind, Timestamp, TypedId as _, UserId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, Statement, Value,
};
use uuid::Uuid;

use super::model::{Merge, MergeFilter};
use crate::{
    accounts::{accounts::rules::name_key, reservations::model::MOST_INCUMBENTS},
    kernel::merging::{Merging, Union},
    platform::{
        call::Call,
        db::{Unique, dialect},
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// How many ids one statement takes.
const AT_ONCE: usize = 500;

/// An account is merged once at a time.
const ONE_MERGE_IN_FORCE: Unique =
    Unique { name: "one_merge_in_force_per_account", columns: "account_merges.merged_id" };

fn read(row: account_merge::Model) -> AppResult<Merge> {
    Ok(Merge {
        id: row.id,
        survivor_id: row.survivor_id,
        merged_id: row.merged_id,
        reason: row.reason,
        policy_version: row.policy_version,
        merged_at: row.merged_at,
        merged_by: row.merged_by,
        undo_until: row.undo_until,
        survivor_before: serde_json::from_str(&row.survivor_before)?,
        survivor_after: serde_json::from_str(&row.survivor_after)?,
        merged_before: serde_json::from_str(&row.merged_before)?,
        undone_at: row.undone_at,
        undone_by: row.undone_by,
        undo_reason: row.undo_reason,
        version: row.version,
    })
}

/// Inserts the record of a merge.
pub async fn insert(db: &impl ConnectionTrait, merge: &Merge) -> AppResult<()> {
    let row = account_merge::ActiveModel {
        id: Set(merge.id),
        survivor_id: Set(merge.survivor_id),
        merged_id: Set(merge.merged_id),
        reason: Set(merge.reason.clone()),
        policy_version: Set(merge.policy_version),
        merged_at: Set(merge.merged_at),
        merged_by: Set(merge.merged_by),
        undo_until: Set(merge.undo_until),
        survivor_before: Set(serde_json::to_string(&merge.survivor_before)?),
        survivor_after: Set(serde_json::to_string(&merge.survivor_after)?),
        merged_before: Set(serde_json::to_string(&merge.merged_before)?),
        undone_at: Set(merge.undone_at),
        undone_by: Set(merge.undone_by),
        undo_reason: Set(merge.undo_reason.clone()),
        version: Set(merge.version),
    };
    let inserted = account_merge::Entity::insert(row).exec_without_returning(db).await.map_err(AppError::from);
    inserted.map(drop).map_err(|error| {
        error.on_violation(&ONE_MERGE_IN_FORCE, || AppError::overtaken("an account was merged by somebody else"))
    })
}

/// Writes that a merge was undone, at the version that was seen.
pub async fn undo(db: &impl ConnectionTrait, before_version: i64, after: &Merge) -> AppResult<()> {
    let row = account_merge::ActiveModel {
        undone_at: Set(after.undone_at),
        undone_by: Set(after.undone_by),
        undo_reason: Set(after.undo_reason.clone()),
        version: Set(after.version),
        ..Default::default()
    };
    let updated = account_merge::Entity::update_many()
        .set(row)
        .filter(account_merge::Column::Id.eq(after.id))
        .filter(account_merge::Column::Version.eq(before_version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// The merges of these ids.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[AccountMergeId]) -> AppResult<Vec<Merge>> {
    let found = account_merge::Entity::find().filter(account_merge::Column::Id.is_in(ids.iter().copied()));
    found.all(db).await?.into_iter().map(read).collect()
}

/// The merge of an id, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, id: AccountMergeId) -> AppResult<Option<Merge>> {
    dialect::for_update(db, account_merge::Entity::find_by_id(id)).one(db).await?.map(read).transpose()
}

/// A page of the merges, newest first.
pub async fn list(db: &impl ConnectionTrait, filter: &MergeFilter, page: &Page) -> AppResult<Rows<Merge>> {
    use account_merge::Column;
    let mut select = account_merge::Entity::find();
    if let Some(id) = filter.account_id {
        select = select.filter(Condition::any().add(Column::SurvivorId.eq(id)).add(Column::MergedId.eq(id)));
    }
    select = match filter.undone {
        None => select,
        Some(true) => select.filter(Column::UndoneAt.is_not_null()),
        Some(false) => select.filter(Column::UndoneAt.is_null()),
    };
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(read).collect::<AppResult<_>>()?, total))
}

/// Notes what a merge moved.
pub async fn note(
    db: &impl ConnectionTrait,
    merge_id: AccountMergeId,
    kind: Kind,
    ids: impl IntoIterator<Item = Uuid>,
) -> AppResult<()> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    for some in ids.chunks(AT_ONCE) {
        let rows = some.iter().map(|id| account_merge_move::ActiveModel {
            merge_id: Set(merge_id),
            kind: Set(kind),
            object_id: Set(*id),
        });
        account_merge_move::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

/// What a merge moved of a kind.
pub async fn moved(db: &impl ConnectionTrait, merge_id: AccountMergeId, kind: Kind) -> AppResult<Vec<Uuid>> {
    let found = account_merge_move::Entity::find()
        .filter(account_merge_move::Column::MergeId.eq(merge_id))
        .filter(account_merge_move::Column::Kind.eq(kind))
        .order_by_asc(account_merge_move::Column::ObjectId);
    Ok(found.all(db).await?.into_iter().map(|row| row.object_id).collect())
}

#[derive(FromQueryResult)]
struct Counted {
    merge_id: AccountMergeId,
    kind: Kind,
    things: i64,
}

/// How many things of each kind these merges moved.
pub async fn counts(
    db: &impl ConnectionTrait,
    ids: &[AccountMergeId],
) -> AppResult<HashMap<AccountMergeId, Vec<(Kind, i64)>>> {
    let sql = format!(
        "select merge_id, kind, count(*) as things from account_merge_moves where merge_id in ({})
         group by merge_id, kind order by merge_id, kind",
        dialect::placeholders(1, ids.len())
    );
    let values = ids.iter().map(|id| Value::from(*id));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let mut found: HashMap<AccountMergeId, Vec<(Kind, i64)>> = HashMap::new();
    for Counted { merge_id, kind, things } in Counted::find_by_statement(statement).all(db).await? {
        found.entry(merge_id).or_default().push((kind, things));
    }
    Ok(found)
}

/// What moves whole: table, the column that points to the account, which rows, and as what it is noted.
const MOVING: &[(&str, &str, &str, Kind)] = &[
    ("account_names", "account_id", "", Kind::Name),
    ("account_domains", "account_id", "", Kind::Domain),
    ("account_registry_ids", "account_id", "", Kind::RegistryId),
    ("account_references", "account_id", "", Kind::Reference),
    ("accounts", "parent_id", "and id <> $1", Kind::Subsidiary),
    ("accounts", "merged_into_id", "", Kind::EarlierMerge),
    ("account_reservations", "account_id", RESERVED_ALONE, Kind::Reservation),
    ("account_incumbents", "account_id", SERVED_ALONE, Kind::Incumbent),
    ("direct_opportunities", "account_id", "", Kind::DirectOpportunity),
];

/// Reservations in force of what the other account has not reserved.
const RESERVED_ALONE: &str = "and released_at is null and not exists (select 1 from account_reservations o
    where o.account_id = $1 and o.released_at is null and (o.product_line_id = account_reservations.product_line_id
        or (o.product_line_id is null and account_reservations.product_line_id is null)))";

/// Incumbents of today that do not serve the other account.
const SERVED_ALONE: &str = "and ended_at is null and not exists (select 1 from account_incumbents o
    where o.account_id = $1 and o.ended_at is null and o.partner_id = account_incumbents.partner_id)";

/// How many things of each kind would move from the merged account to the other.
pub async fn count_moving(db: &impl ConnectionTrait, union: Union) -> AppResult<Vec<(Kind, i64)>> {
    let mut counted = Vec::new();
    let partners = "select 'PARTNER' as kind, count(*) as things from account_partners where account_id = $2
        and partner_id not in (select partner_id from account_partners where account_id = $1)";
    let duplicates = "select 'DUPLICATE' as kind, count(*) as things from account_pairs where state = 'OPEN'
        and ((first_id = $2 and second_id <> $1) or (second_id = $2 and first_id <> $1))";
    let moving = MOVING.iter().map(|(table, column, which, kind)| {
        format!(
            "select '{kind}' as kind, count(*) as things from {table} where {column} = $2 and {column} <> $1 {which}"
        )
    });
    let all: Vec<String> = moving.chain([partners.to_owned(), duplicates.to_owned()]).collect();
    let sql = all.join(" union all ");
    let values = [union.survivor_id.into(), union.merged_id.into()];
    for row in db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await? {
        counted.push((row.try_get::<Kind>("", "kind")?, row.try_get::<i64>("", "things")?));
    }
    Ok(counted)
}

async fn run(db: &impl ConnectionTrait, sql: String, values: impl IntoIterator<Item = Value>) -> AppResult<u64> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// Moves everything of this area from the merged account to the other, and notes it.
pub async fn follow(db: &impl ConnectionTrait, call: &Call, merging: Merging) -> AppResult<()> {
    let Merging { merge_id, union: Union { survivor_id, merged_id }, .. } = merging;
    let (survivor, merged, merge): (Value, Value, Value) = (survivor_id.into(), merged_id.into(), merge_id.into());
    fold(db, merging, call.now(), call.responsible()).await?;
    for (table, column, which, kind) in MOVING {
        let noted = format!(
            "insert into account_merge_moves (merge_id, kind, object_id)
             select $3, '{kind}', id from {table} where {column} = $2 and {column} <> $1 {which}"
        );
        run(db, noted, [survivor.clone(), merged.clone(), merge.clone()]).await?;
        let sql = format!(
            "update {table} set {column} = $1 where {column} = $2
             and id in (select object_id from account_merge_moves where merge_id = $3 and kind = '{kind}')"
        );
        run(db, sql, [survivor.clone(), merged.clone(), merge.clone()]).await?;
    }
    let noted = "insert into account_merge_moves (merge_id, kind, object_id)
        select $3, 'PARTNER', partner_id from account_partners where account_id = $2
            and partner_id not in (select partner_id from account_partners where account_id = $1)";
    run(db, noted.to_owned(), [survivor.clone(), merged.clone(), merge.clone()]).await?;
    let known = "insert into account_partners (partner_id, account_id, since)
        select partner_id, $1, since from account_partners where account_id = $2
            and partner_id in (select object_id from account_merge_moves where merge_id = $3 and kind = 'PARTNER')";
    run(db, known.to_owned(), [survivor, merged, merge]).await?;
    Ok(())
}

/// Ends what the merged account has and the other has too: a reservation of the same thing in the same way, and a
/// partner that serves both.
async fn fold(db: &impl ConnectionTrait, merging: Merging, now: Timestamp, by: Option<UserId>) -> AppResult<()> {
    let Merging { merge_id, union: Union { survivor_id, merged_id }, .. } = merging;
    for (table, alone, ended, by_column, kind) in [
        ("account_reservations", RESERVED_ALONE, "released_at", "released_by", Kind::ReservationFolded),
        ("account_incumbents", SERVED_ALONE, "ended_at", "ended_by", Kind::IncumbentFolded),
    ] {
        let noted = format!(
            "insert into account_merge_moves (merge_id, kind, object_id)
             select $3, '{kind}', id from {table} where account_id = $2 and {ended} is null and id not in
                (select id from {table} where account_id = $2 {alone})"
        );
        run(db, noted, [survivor_id.into(), merged_id.into(), merge_id.into()]).await?;
        let sql = format!(
            "update {table} set {ended} = $1, {by_column} = $2 where id in
                (select object_id from account_merge_moves where merge_id = $3 and kind = '{kind}')"
        );
        run(db, sql, [now.into(), by.into(), merge_id.into()]).await?;
    }
    Ok(())
}

/// The survivor is called so too, from now on.
pub async fn add_name(db: &impl ConnectionTrait, call: &Call, merging: Merging, name: &str) -> AppResult<()> {
    use entity::{account_name, value::AccountItemId};
    let id: AccountItemId = call.new_id();
    let row = account_name::ActiveModel {
        id: Set(id),
        account_id: Set(merging.union.survivor_id),
        name: Set(name.to_owned()),
        name_key: Set(name_key(name)),
        kind: Set(AccountNameKind::Trading),
        language: Set(None),
        added_at: Set(call.now()),
    };
    account_name::Entity::insert(row).exec_without_returning(db).await?;
    note(db, merging.merge_id, Kind::MainName, [id.uuid()]).await
}

/// Moves everything of this area back, as far as it is still where the merge has put it.
pub async fn follow_undo(db: &impl ConnectionTrait, merging: Merging) -> AppResult<()> {
    let Merging { merge_id, union: Union { survivor_id, merged_id }, .. } = merging;
    let (survivor, merged, merge): (Value, Value, Value) = (survivor_id.into(), merged_id.into(), merge_id.into());
    for (table, column, _, kind) in MOVING {
        let sql = format!(
            "update {table} set {column} = $2 where {column} = $1
             and id in (select object_id from account_merge_moves where merge_id = $3 and kind = '{kind}')"
        );
        run(db, sql, [survivor.clone(), merged.clone(), merge.clone()]).await?;
    }
    let sql = "delete from account_names where account_id = $1
        and id in (select object_id from account_merge_moves where merge_id = $2 and kind = 'MAIN_NAME')";
    run(db, sql.to_owned(), [survivor, merge.clone()]).await?;
    for (table, ended, rest, kind) in [
        ("account_reservations", "released_at", "released_by = null, release_reason = null", Kind::ReservationFolded),
        ("account_incumbents", "ended_at", "ended_by = null", Kind::IncumbentFolded),
    ] {
        let sql = format!(
            "update {table} set {ended} = null, {rest} where account_id = $1
             and id in (select object_id from account_merge_moves where merge_id = $2 and kind = '{kind}')"
        );
        run(db, sql, [merged.clone(), merge.clone()]).await?;
    }
    Ok(())
}

/// Notes at two accounts for whom they are reserved as a whole, by the reservations that they have now.
pub async fn note_reservations(db: &impl ConnectionTrait, union: Union) -> AppResult<()> {
    let sql = "update accounts set reserved_for = coalesce((select r.reserved_for from account_reservations r
            where r.account_id = accounts.id and r.product_line_id is null and r.released_at is null), 'OPEN')
        where id in ($1, $2)";
    run(db, sql.to_owned(), [union.survivor_id.into(), union.merged_id.into()]).await.map(drop)
}

/// Whether there are more incumbents together than one account may have.
pub async fn too_many_incumbents(db: &impl ConnectionTrait, union: Union) -> AppResult<bool> {
    let sql = "select count(distinct partner_id) as things from account_incumbents
        where account_id in ($1, $2) and ended_at is null";
    let values = [union.survivor_id.into(), union.merged_id.into()];
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    let together: i64 = row.map(|row| row.try_get("", "things")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(together).unwrap_or_default() > MOST_INCUMBENTS)
}

/// The domains that an account has now.
pub async fn has_domain(db: &impl ConnectionTrait, id: AccountId, domain: &str) -> AppResult<bool> {
    use entity::account_domain::{Column, Entity};
    let found = Entity::find().filter(Column::AccountId.eq(id)).filter(Column::Domain.eq(domain));
    Ok(found.count(db).await? > 0)
}
