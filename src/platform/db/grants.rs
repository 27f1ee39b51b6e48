//! What the application's role may do on PostgreSQL: read and write rows, and nothing to what is never changed.
//!
//! The tables belong to the role that runs the migrations. The servers sign in as another one, so that nobody who
//! takes over a server can rewrite the audit log or take a trigger away.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, TransactionTrait};

use super::{
    super::error::{AppError, AppResult},
    Db, walls,
};
use crate::kernel::code::Code;

/// Tables whose rows are written once. A trigger refuses to change or delete them, whoever tries, and the
/// application's role is not granted it in the first place.
pub const APPEND_ONLY: &[&str] = &[
    "activities",
    "agreement_acceptances",
    "audit_events",
    "decision_receipts",
    "mdf_ledger_entries",
    "mdf_ledger_transactions",
];

/// What migrations were run: the servers only look.
const READ_ONLY: &[&str] = &["seaql_migrations"];

/// How far chains reach: they grow and never go.
const NEVER_DELETED: &[&str] = &["audit_chains"];

/// Grants a role exactly what the application needs on every table that there is, and takes away what it had beyond
/// that. Run again after each migration; a second run changes nothing.
///
/// # Errors
/// A refusal with a sentence for operators; those of the database.
pub async fn grant(db: &Db, role: &str) -> AppResult<()> {
    if db.pool().get_database_backend() != DbBackend::Postgres {
        return Err(unfit("only PostgreSQL has roles; leave the application role out".to_owned()));
    }
    let txn = db.pool().begin().await?;
    check(&txn, role).await?;
    let name = quoted(role);
    let database: String = one(&txn, "select current_database()::text as found", []).await?.unwrap_or_default();
    let mut statements = vec![
        format!("grant connect on database {} to {name}", quoted(&database)),
        format!("revoke all on schema public from {name}"),
        format!("grant usage on schema public to {name}"),
        format!("revoke all on all tables in schema public from {name}"),
    ];
    for table in tables(&txn).await? {
        let verbs = match table.as_str() {
            table if READ_ONLY.contains(&table) => "select",
            table if APPEND_ONLY.contains(&table) => "select, insert",
            table if NEVER_DELETED.contains(&table) => "select, insert, update",
            _ => "select, insert, update, delete",
        };
        statements.push(format!("grant {verbs} on {} to {name}", quoted(&table)));
    }
    statements.extend(wall_off(&txn, role).await?);
    for statement in statements {
        txn.execute_unprepared(&statement).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// The statements that let the servers read for partners under a role that sees the rows of one partner only.
async fn wall_off(txn: &DatabaseTransaction, role: &str) -> AppResult<Vec<String>> {
    let partner = walls::partner_role(role);
    let is_there = "select case
            when r.rolsuper or r.rolbypassrls then 'sees every row'
            when pg_has_role(r.oid, current_user, 'member') then 'belongs to the owner of the tables'
            when not pg_has_role($2::name, r.oid, 'member') then 'is not granted to the servers'' role'
            else '' end as found
        from pg_roles r where r.rolname = $1";
    let found = one(txn, is_there, [partner.as_str().into(), role.into()]).await?;
    let (name, servers) = (quoted(&partner), quoted(role));
    let make = format!("create role {name} nologin; grant {name} to {servers}");
    let mut statements = match found.as_deref() {
        Some("") => Vec::new(),
        Some(fault) => return Err(unfit(format!("the role {partner:?} {fault}; as an administrator: {make}"))),
        None => match one(
            txn,
            "select (rolcreaterole or rolsuper)::text as found from pg_roles where rolname = current_user",
            [],
        )
        .await?
        .as_deref()
        {
            Some("true") => vec![make],
            _ => return Err(unfit(format!("there is no role {partner:?}; as an administrator: {make}"))),
        },
    };
    let owner = one(txn, "select current_user::text as found", []).await?.unwrap_or_default();
    statements.push(format!("grant usage on schema public to {name}"));
    statements.push(format!("revoke all on all tables in schema public from {name}"));
    for table in tables(txn).await? {
        statements.extend(walls::statements(&table, &quoted(&table), &servers, &name, &quoted(&owner)));
    }
    Ok(statements)
}

/// A role that can take every right, or is the owner, is none that holds anybody back.
async fn check(txn: &DatabaseTransaction, role: &str) -> AppResult<()> {
    let found = "select case
            when r.rolsuper then 'is a superuser'
            when r.rolbypassrls then 'may bypass row-level security'
            when pg_has_role(r.oid, current_user, 'member') then 'is, or belongs to, the role that owns the tables'
            else '' end as found
        from pg_roles r where r.rolname = $1";
    match one(txn, found, [role.into()]).await?.as_deref() {
        Some("") => Ok(()),
        Some(fault) => Err(unfit(format!("the role {role:?} {fault}; the servers need one of their own"))),
        None => Err(unfit(format!("there is no role {role:?}; create it first: create role {} login", quoted(role)))),
    }
}

async fn tables(txn: &DatabaseTransaction) -> AppResult<Vec<String>> {
    let sql = "select tablename::text as found from pg_tables where schemaname = 'public' order by 1";
    let rows = txn.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(rows.iter().map(|row| row.try_get("", "found")).collect::<Result<_, _>>()?)
}

async fn one<const N: usize>(
    txn: &DatabaseTransaction,
    sql: &str,
    values: [sea_orm::Value; N],
) -> AppResult<Option<String>> {
    let row = txn.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "found")).transpose()?)
}

/// A name as an identifier: nothing in it ends the quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn unfit(sentence: String) -> AppError {
    AppError::refused(Code::Malformed, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_identifier() {
        assert_eq!(quoted("portal"), "\"portal\"");
        assert_eq!(quoted("a\" superuser; --"), "\"a\"\" superuser; --\"");
    }
}
