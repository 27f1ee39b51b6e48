//! The only place where the two databases differ at run time.

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QuerySelect, Select, sea_query::LockType};

/// Locks the rows that are read until the transaction ends. On SQLite the transaction holds the writer's place
/// already, so there is nothing to add. Ids never change, so inserts of rows that point here need not wait:
/// `FOR NO KEY UPDATE`; with `FOR UPDATE` two transactions that each inserted such a row before would deadlock.
pub fn for_update<E: EntityTrait>(db: &impl ConnectionTrait, select: Select<E>) -> Select<E> {
    match db.get_database_backend() {
        DbBackend::Postgres => select.lock(LockType::NoKeyUpdate),
        _ => select,
    }
}

/// Holds the rows that are read as they are until the transaction ends: others may hold them too, and nobody changes
/// them. On SQLite the transaction holds the writer's place already.
pub fn for_share<E: EntityTrait>(db: &impl ConnectionTrait, select: Select<E>) -> Select<E> {
    match db.get_database_backend() {
        DbBackend::Postgres => select.lock(LockType::Share),
        _ => select,
    }
}

/// Whether this is PostgreSQL.
pub fn is_postgres(db: &impl ConnectionTrait) -> bool {
    db.get_database_backend() == DbBackend::Postgres
}

/// `column = any($n)` on PostgreSQL, where one array parameter plans once and runs twice as fast as a list
/// (`speed.md`); a list of the values elsewhere. For statements written by hand.
#[must_use]
pub fn placeholders(from: usize, count: usize) -> String {
    (from..from.saturating_add(count)).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}
