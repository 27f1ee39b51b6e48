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

/// The tables of the index.
pub const TABLES: &[&str] = &["account_match_subjects", "account_match_keys"];

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

/// An account that the index does not hold yet, what is compared of it, and its keys.
pub type New = (AccountId, Subject, Vec<Key>);

/// As [`put_new`], of many accounts: the statements are a few, however many they are.
pub async fn put_all_new(txn: &DatabaseTransaction, accounts: &[New]) -> AppResult<()> {
    let keys: Vec<(AccountId, Key)> =
        accounts.iter().flat_map(|(id, _, keys)| keys.iter().map(|key| (*id, *key))).collect();
    insert_all_keys(txn, &keys).await?;
    let rows = accounts.iter().map(|(id, subject, keys)| row(*id, subject, keys)).collect::<AppResult<Vec<_>>>()?;
    put_rows(txn, rows).await
}

async fn insert_keys(txn: &DatabaseTransaction, id: AccountId, keys: &[Key]) -> AppResult<()> {
    insert_all_keys(txn, &keys.iter().map(|key| (id, *key)).collect::<Vec<_>>()).await
}

async fn insert_all_keys(txn: &DatabaseTransaction, keys: &[(AccountId, Key)]) -> AppResult<()> {
    for some in keys.chunks(KEYS_AT_ONCE) {
        let rows = some.iter().map(|(id, key)| account_match_key::ActiveModel { key: Set(*key), account_id: Set(*id) });
        account_match_key::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    Ok(())
}

async fn put_subject(txn: &DatabaseTransaction, id: AccountId, subject: &Subject, keys: &[Key]) -> AppResult<()> {
    put_rows(txn, vec![row(id, subject, keys)?]).await
}

fn row(id: AccountId, subject: &Subject, keys: &[Key]) -> AppResult<account_match_subject::ActiveModel> {
    Ok(account_match_subject::ActiveModel {
        account_id: Set(id),
        subject: Set(serde_json::to_string(subject)?),
        keys: Set(serde_json::to_string(keys)?),
        matcher_version: Set(VERSION),
    })
}

async fn put_rows(txn: &DatabaseTransaction, rows: Vec<account_match_subject::ActiveModel>) -> AppResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let over = OnConflict::column(account_match_subject::Column::AccountId)
        .update_columns([
            account_match_subject::Column::Subject,
            account_match_subject::Column::Keys,
            account_match_subject::Column::MatcherVersion,
        ])
        .to_owned();
    account_match_subject::Entity::insert_many(rows).on_conflict(over).exec_without_returning(txn).await?;
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

/// The next accounts behind `after`: those that the index does not hold, or holds as another matcher wrote them, and the
/// last one that was looked at. Each time so many are looked at, however large the index is by then.
pub async fn not_indexed(
    db: &impl ConnectionTrait,
    after: Option<AccountId>,
    most: i64,
) -> AppResult<(Vec<AccountId>, Option<AccountId>)> {
    let sql = "select a.id as account_id, s.matcher_version as matcher_version
        from (select id from accounts where merged_into_id is null and id > $1 order by id limit $2) a
        left join account_match_subjects s on s.account_id = a.id
        order by a.id";
    let after = after.unwrap_or(AccountId(Uuid::nil()));
    let values: [Value; 2] = [after.into(), most.into()];
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    let (mut found, mut last) = (Vec::new(), None);
    for row in rows {
        let id: AccountId = row.try_get("", "account_id")?;
        let version: Option<i32> = row.try_get("", "matcher_version")?;
        if version != Some(VERSION) {
            found.push(id);
        }
        last = Some(id);
    }
    Ok((found, last))
}
