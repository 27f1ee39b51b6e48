//! SQL over everything that is held of a person.

use entity::value::{Timestamp, TypedId as _, UserId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Statement, Value as Bound};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::model::{About, Erasing, HELD, Held, Shown};
use crate::{
    people::users::model::User,
    platform::{auth::Scope, error::AppResult, idempotency, personal},
};

/// The rows of one kind that are about a person: the condition with its values. Rows that are found by address are
/// those of the caller's own company: what others hold of the same address is theirs.
fn about(held: &Held, scope: Scope, user: &User) -> (String, Vec<Bound>) {
    match held.about {
        About::Person(columns) => {
            let any: Vec<_> = columns.iter().map(|column| format!("{column} = $1")).collect();
            (format!("({})", any.join(" or ")), vec![user.id.into()])
        }
        About::Address(column) => {
            let condition = format!("lower({column}) = lower($1)");
            match scope {
                Scope::Everything => (condition, vec![user.email.clone().into()]),
                Scope::Partner(id) => {
                    (format!("{condition} and partner_id = $2"), vec![user.email.clone().into(), id.into()])
                }
                Scope::Nothing => ("1 = 0".to_owned(), Vec::new()),
            }
        }
        About::Caller(column) => {
            let key = format!("{}_{}", UserId::PREFIX, user.id.uuid().simple());
            (format!("{column} = $1"), vec![key.into()])
        }
    }
}

fn shown(row: &QueryResult, column: &str, how: Shown) -> AppResult<Value> {
    Ok(match how {
        Shown::Id(prefix) => {
            let id: Option<Uuid> = row.try_get("", column)?;
            id.map_or(Value::Null, |id| format!("{prefix}_{}", id.simple()).into())
        }
        Shown::Instant => {
            let at: Option<i64> = row.try_get("", column)?;
            at.map_or(Value::Null, |at| Timestamp::from_micros(at).to_string().into())
        }
        Shown::Text => row.try_get::<Option<String>>("", column)?.map_or(Value::Null, Value::String),
    })
}

/// What is held of a person, by category. Categories without anything are empty lists.
pub async fn export(db: &impl ConnectionTrait, scope: Scope, user: &User) -> AppResult<Map<String, Value>> {
    let mut document = Map::new();
    for held in HELD {
        let columns: Vec<_> = held.shown.iter().map(|(column, _)| *column).collect();
        let (condition, values) = about(held, scope, user);
        let (columns, table) = (columns.join(", "), held.table);
        let sql = format!("select {columns} from {table} where {condition} order by 1");
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let mut rows = Vec::new();
        for row in db.query_all_raw(statement).await? {
            let mut fields = Map::new();
            for (column, how) in held.shown {
                fields.insert(camel(column), shown(&row, column, *how)?);
            }
            rows.push(Value::Object(fields));
        }
        document.insert(held.category.to_owned(), Value::Array(rows));
    }
    Ok(document)
}

/// A column's name as the API would write it.
fn camel(column: &str) -> String {
    let mut parts = column.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let mut letters = part.chars();
        let head: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        name + &head + letters.as_str()
    })
}

/// Erases what is held of a person beside their profile, which is the pseudonym's already.
pub async fn erase(
    txn: &DatabaseTransaction,
    scope: Scope,
    before: &User,
    after: &User,
    now: Timestamp,
) -> AppResult<()> {
    let mut subjects = vec![after.id.to_string()];
    for held in HELD {
        let (condition, values) = about(held, scope, before);
        let table = held.table;
        match held.erasing {
            Erasing::Stay(_) => {}
            Erasing::Delete(pointing) => {
                if let Some((other, column)) = pointing {
                    let sql =
                        format!("delete from {other} where {column} in (select id from {table} where {condition})");
                    run(txn, sql, values.clone()).await?;
                }
                run(txn, format!("delete from {table} where {condition}"), values).await?;
            }
            Erasing::Rename(name, email) => {
                subjects.extend(ids(txn, held, &condition, values.clone()).await?);
                let next = values.len().saturating_add(1);
                let last = next.saturating_add(1);
                let sql = format!("update {table} set {name} = ${next}, {email} = ${last} where {condition}");
                let more = [after.name.clone().into(), after.email.clone().into()];
                run(txn, sql, values.into_iter().chain(more).collect()).await?;
            }
        }
    }
    // Who holds the link of an open invitation does not come in by it.
    let sql = "update invitations set revoked_at = $1 where email = $2 and accepted_at is null and revoked_at is null";
    run(txn, sql.to_owned(), vec![now.into(), after.email.clone().into()]).await?;
    let sql = "update invitations set email_key = email where email = $1";
    run(txn, sql.to_owned(), vec![after.email.clone().into()]).await?;
    let sql = "update partner_applications set email_key = contact_email where contact_email = $1";
    run(txn, sql.to_owned(), vec![after.email.clone().into()]).await?;
    personal::forget(txn, &subjects).await?;
    idempotency::forget(txn, &before.email).await
}

async fn run(txn: &DatabaseTransaction, sql: String, values: Vec<Bound>) -> AppResult<()> {
    txn.execute_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await?;
    Ok(())
}

async fn ids(txn: &DatabaseTransaction, held: &Held, condition: &str, values: Vec<Bound>) -> AppResult<Vec<String>> {
    let Some((column, Shown::Id(prefix))) = held.shown.first() else { return Ok(Vec::new()) };
    let sql = format!("select {column} from {} where {condition}", held.table);
    let rows = txn.query_all_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await?;
    let id = |row: &QueryResult| row.try_get::<Uuid>("", column).map(|id| format!("{prefix}_{}", id.simple()));
    Ok(rows.iter().map(id).collect::<Result<_, _>>()?)
}
