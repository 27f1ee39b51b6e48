//! What always holds, and how it is checked: after every fault test, and by `partner-portal check`.
//!
//! Each area says what holds of its own tables. Most of it is one statement that finds the rows that break it.

use futures::future::LocalBoxFuture;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::{call::Call, error::AppResult};

/// How many broken rows are named.
const NAMED: usize = 10;

/// Something that always holds.
pub struct Invariant {
    /// What holds, as a sentence.
    pub name: &'static str,
    /// How it is checked.
    pub check: Check,
}

/// How something is checked.
pub enum Check {
    /// By statements.
    Rows {
        /// How many rows it is about: a statement that answers `checked`.
        of: &'static str,
        /// The rows that break it: a statement that answers `broken`, a text that names the row. `[[column]]` stands
        /// for an id as text.
        broken: &'static str,
    },
    /// By a rule of the area.
    Rule(fn(&Call) -> LocalBoxFuture<'_, AppResult<Found>>),
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many were checked.
    pub checked: u64,
    /// Those that break it, at most ten by name.
    pub broken: Vec<String>,
}

/// Checks one, as the product itself.
///
/// # Errors
/// Those of the database.
pub async fn check(call: &Call, invariant: &Invariant) -> AppResult<Found> {
    let (of, broken) = match &invariant.check {
        Check::Rule(rule) => return rule(call).await,
        Check::Rows { of, broken } => (of, broken),
    };
    let pool = call.db().pool();
    let backend = pool.get_database_backend();
    let counted = pool.query_one_raw(Statement::from_string(backend, *of)).await?;
    let checked: i64 = counted.map(|row| row.try_get("", "checked")).transpose()?.unwrap_or_default();
    let sql = format!("select broken from ({}) as found order by 1 limit {NAMED}", as_text(broken, backend));
    let rows = pool.query_all_raw(Statement::from_string(backend, sql)).await?;
    let broken = rows.iter().map(|row| row.try_get("", "broken")).collect::<Result<_, _>>()?;
    Ok(Found { checked: u64::try_from(checked).unwrap_or_default(), broken })
}

/// Ids as text: the databases keep them differently.
fn as_text(sql: &str, backend: DbBackend) -> String {
    let (before, after) = match backend {
        DbBackend::Postgres => ("cast(", " as text)"),
        _ => ("lower(hex(", "))"),
    };
    sql.replace("[[", before).replace("]]", after)
}

/// Declares what holds of an area's tables: a sentence, how many rows it is about, the rows that break it.
macro_rules! invariants {
    ($($name:literal: $of:literal, $broken:literal;)*) => {
        &[$($crate::platform::invariants::Invariant {
            name: $name,
            check: $crate::platform::invariants::Check::Rows {
                of: concat!("select count(*) as checked from ", $of),
                broken: $broken,
            },
        }),*]
    };
}
pub(crate) use invariants;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_text_on_both_databases() {
        assert_eq!(as_text("select [[id]] as broken", DbBackend::Postgres), "select cast(id as text) as broken");
        assert_eq!(as_text("select [[u.id]] as broken", DbBackend::Sqlite), "select lower(hex(u.id)) as broken");
    }
}
