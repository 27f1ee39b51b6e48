//! SQL of the index: the keys of accounts and what is compared. No scope: whether a customer is known already does not
//! depend on who asks, and nobody but staff learns which account it is.

use std::collections::HashMap;

use entity::{account_match_key, account_match_subject, value::AccountId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Statement, Value,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::rules::{self, Key, MOST_OF_A_KEY, Sought, Subject, VERSION};
use crate::platform::{db::dialect, error::AppResult};

/// Of how many keys one statement of the writer inserts rows.
const KEYS_AT_ONCE: usize = 500;

/// What the index holds of an account.
#[derive(Clone, Debug)]
pub struct Indexed {
    /// The account.
    pub account_id: AccountId,
    /// What is compared.
    pub subject: Subject,
}

/// The accounts to compare, found by their keys: those of strong keys, then those that share the most weak ones.
pub async fn candidates(db: &impl ConnectionTrait, sought: &Sought) -> AppResult<Vec<AccountId>> {
    let keys: Vec<Key> = sought.strong.iter().chain(&sought.weak).copied().collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let statement = postings(db, &keys);
    let mut of_keys: HashMap<Key, Vec<AccountId>> = HashMap::with_capacity(keys.len());
    for row in db.query_all_raw(statement).await? {
        of_keys.entry(row.try_get("", "key")?).or_default().push(row.try_get("", "account_id")?);
    }
    Ok(rules::choose(sought, &of_keys))
}

/// A few accounts of each key, each by a range of the primary key's index: never a scan, however many there are.
fn postings(db: &impl ConnectionTrait, keys: &[Key]) -> Statement {
    let most = MOST_OF_A_KEY + 1;
    let sql = if dialect::is_postgres(db) {
        let listed = (1..=keys.len()).map(|n| format!("(${n}::bigint)")).collect::<Vec<_>>().join(", ");
        format!(
            "select k.key, found.account_id from (values {listed}) as k (key) cross join lateral
                (select account_id from account_match_keys where key = k.key order by account_id limit {most}) as found"
        )
    } else {
        let one = |n| {
            format!(
                "select key, account_id from (select key, account_id from account_match_keys where key = ${n}
                    order by account_id limit {most})"
            )
        };
        (1..=keys.len()).map(one).collect::<Vec<_>>().join(" union all ")
    };
    Statement::from_sql_and_values(db.get_database_backend(), sql, keys.iter().copied().map(Value::from))
}

/// What the index holds of these accounts, in their order.
pub async fn subjects(db: &impl ConnectionTrait, ids: &[AccountId]) -> AppResult<Vec<Indexed>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = account_match_subject::Entity::find();
    let rows = select.filter(account_match_subject::Column::AccountId.is_in(ids.iter().copied())).all(db).await?;
    let mut of_ids = HashMap::with_capacity(rows.len());
    for row in rows {
        of_ids.insert(row.account_id, indexed(row)?);
    }
    Ok(ids.iter().filter_map(|id| of_ids.remove(id)).collect())
}

fn indexed(row: account_match_subject::Model) -> AppResult<Indexed> {
    Ok(Indexed { account_id: row.account_id, subject: serde_json::from_str(&row.subject)? })
}

/// Writes what the index holds of an account, in the place of what it held before.
pub async fn put(txn: &DatabaseTransaction, id: AccountId, subject: &Subject, keys: &[Key]) -> AppResult<()> {
    let before = kept_keys(txn, id).await?;
    let gone: Vec<Key> = before.iter().filter(|key| !keys.contains(key)).copied().collect();
    let new: Vec<Key> = keys.iter().filter(|key| !before.contains(key)).copied().collect();
    remove_keys(txn, id, &gone).await?;
    insert_keys(txn, id, &new).await?;
    put_subject(txn, id, subject, keys).await
}

/// Writes what the index holds of an account that it does not hold yet.
pub async fn put_new(txn: &DatabaseTransaction, id: AccountId, subject: &Subject, keys: &[Key]) -> AppResult<()> {
    insert_keys(txn, id, keys).await?;
    put_subject(txn, id, subject, keys).await
}

async fn insert_keys(txn: &DatabaseTransaction, id: AccountId, keys: &[Key]) -> AppResult<()> {
    for some in keys.chunks(KEYS_AT_ONCE) {
        let rows = some.iter().map(|key| account_match_key::ActiveModel { key: Set(*key), account_id: Set(id) });
        account_match_key::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    Ok(())
}

async fn put_subject(txn: &DatabaseTransaction, id: AccountId, subject: &Subject, keys: &[Key]) -> AppResult<()> {
    let row = account_match_subject::ActiveModel {
        account_id: Set(id),
        subject: Set(serde_json::to_string(subject)?),
        keys: Set(serde_json::to_string(keys)?),
        matcher_version: Set(VERSION),
    };
    let over = OnConflict::column(account_match_subject::Column::AccountId)
        .update_columns([
            account_match_subject::Column::Subject,
            account_match_subject::Column::Keys,
            account_match_subject::Column::MatcherVersion,
        ])
        .to_owned();
    account_match_subject::Entity::insert(row).on_conflict(over).exec_without_returning(txn).await?;
    Ok(())
}

/// Takes an account out of the index.
pub async fn remove(txn: &DatabaseTransaction, id: AccountId) -> AppResult<()> {
    let before = kept_keys(txn, id).await?;
    remove_keys(txn, id, &before).await?;
    account_match_subject::Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}

async fn kept_keys(txn: &DatabaseTransaction, id: AccountId) -> AppResult<Vec<Key>> {
    let row = account_match_subject::Entity::find_by_id(id).one(txn).await?;
    Ok(row.map(|row| serde_json::from_str(&row.keys)).transpose()?.unwrap_or_default())
}

async fn remove_keys(txn: &DatabaseTransaction, id: AccountId, keys: &[Key]) -> AppResult<()> {
    for some in keys.chunks(KEYS_AT_ONCE) {
        account_match_key::Entity::delete_many()
            .filter(account_match_key::Column::Key.is_in(some.iter().copied()))
            .filter(account_match_key::Column::AccountId.eq(id))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// The next accounts behind `after` that the index does not hold, or holds as another matcher wrote them.
pub async fn not_indexed(db: &impl ConnectionTrait, after: Option<AccountId>, most: i64) -> AppResult<Vec<AccountId>> {
    let sql = "select a.id as account_id from accounts a
        left join account_match_subjects s on s.account_id = a.id
        where a.merged_into_id is null and a.id > $1 and (s.account_id is null or s.matcher_version <> $2)
        order by a.id limit $3";
    let after = after.unwrap_or(AccountId(Uuid::nil()));
    let values: [Value; 3] = [after.into(), VERSION.into(), most.into()];
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "account_id")?)).collect()
}
