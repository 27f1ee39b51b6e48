//! Whether the database has the shape that this program was built for. Looks only; `migrate up` changes it.

use std::collections::HashSet;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbErr, Statement};

/// The shape of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// As this program wants it (or newer: a later version is being rolled out).
    Current,
    /// These migrations have not been run.
    Pending(Vec<String>),
}

/// Every migration by its name, and whether it was run.
///
/// # Errors
/// Those of the database.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<(String, bool)>, DbErr> {
    let backend = db.get_database_backend();
    let sql = "select version from seaql_migrations";
    let run: HashSet<String> = if let Ok(rows) = db.query_all_raw(Statement::from_string(backend, sql)).await {
        rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?
    } else {
        // No table yet: nothing was ever run. Any other trouble shows again in the ping.
        db.execute_unprepared("select 1").await?;
        HashSet::new()
    };
    let all = Migrator::migrations();
    Ok(all.iter().map(|migration| (migration.name().to_owned(), run.contains(migration.name()))).collect())
}

/// The shape of the database.
///
/// # Errors
/// Those of the database.
pub async fn schema(db: &impl ConnectionTrait) -> Result<Schema, DbErr> {
    let all = list(db).await?;
    let pending: Vec<String> = all.into_iter().filter(|(_, run)| !run).map(|(name, _)| name).collect();
    Ok(if pending.is_empty() { Schema::Current } else { Schema::Pending(pending) })
}
