//! SQL written once for both databases.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Runs SQL statements separated by blank lines, after filling in what differs between the databases:
///
/// | placeholder | PostgreSQL | SQLite | holds |
/// |---|---|---|---|
/// | `{uuid}` | `uuid` | `blob` | an id |
/// | `{bytes}` | `bytea` | `blob` | a hash |
/// | `{int}` | `bigint` | `integer` | a count, minor units, microseconds since 1970 |
/// | `{bool}` | `boolean` | `integer` | yes or no |
/// | `{real}` | `double precision` | `real` | a decayed sum |
/// | `{text}` | `text collate "C"` | `text` | text that is compared or sorted, byte by byte on both |
/// | `{strict}` | nothing | `strict` | behind a table: SQLite refuses values of another type |
///
/// A statement that begins with `{postgres}` or `{sqlite}` runs on that database only.
pub async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
    let (own, other) = if is_postgres { ("{postgres}", "{sqlite}") } else { ("{sqlite}", "{postgres}") };
    let words: [(&str, &str); 7] = match manager.get_database_backend() {
        DbBackend::Postgres => [
            ("{uuid}", "uuid"),
            ("{bytes}", "bytea"),
            ("{int}", "bigint"),
            ("{bool}", "boolean"),
            ("{real}", "double precision"),
            ("{text}", "text collate \"C\""),
            ("{strict}", ""),
        ],
        _ => [
            ("{uuid}", "blob"),
            ("{bytes}", "blob"),
            ("{int}", "integer"),
            ("{bool}", "integer"),
            ("{real}", "real"),
            ("{text}", "text"),
            ("{strict}", "strict"),
        ],
    };
    let sql = words.iter().fold(sql.to_owned(), |sql, (placeholder, word)| sql.replace(placeholder, word));
    for statement in sql.split("\n\n").map(str::trim).filter(|statement| !statement.is_empty()) {
        if statement.starts_with(other) {
            continue;
        }
        let statement = statement.strip_prefix(own).unwrap_or(statement);
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Declares a migration made of SQL statements separated by blank lines, and those that take it back.
macro_rules! sql_migration {
    (up: $up:literal, down: $down:literal $(,)?) => {
        #[derive(sea_orm_migration::prelude::DeriveMigrationName)]
        pub struct Migration;

        #[async_trait::async_trait]
        impl sea_orm_migration::prelude::MigrationTrait for Migration {
            async fn up(
                &self,
                manager: &sea_orm_migration::prelude::SchemaManager,
            ) -> Result<(), sea_orm_migration::prelude::DbErr> {
                $crate::ddl::run(manager, $up).await
            }

            async fn down(
                &self,
                manager: &sea_orm_migration::prelude::SchemaManager,
            ) -> Result<(), sea_orm_migration::prelude::DbErr> {
                $crate::ddl::run(manager, $down).await
            }
        }
    };
}
pub(crate) use sql_migration;
