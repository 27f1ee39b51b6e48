//! What an error of the database means: a constraint's name, a reason to try again, or an unreachable server.

use sea_orm::{DbErr, RuntimeErr};

/// A unique constraint or index: its name, and how SQLite names it (by its columns).
#[derive(Clone, Copy, Debug)]
pub struct Unique {
    /// The name of the constraint or index, a sentence.
    pub name: &'static str,
    /// `table.column, table.column`, as SQLite reports a violation.
    pub columns: &'static str,
}

/// Whose turn it is to act on an error of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The server cannot be reached, or all connections are taken.
    Unreachable,
    /// The transaction met another one and was given up: try it again.
    TryAgain,
    /// Anything else.
    Other,
}

impl Unique {
    /// Whether `error` is a violation of this constraint.
    #[must_use]
    pub fn is_violated_by(&self, error: &DbErr) -> bool {
        let Some(sqlx::Error::Database(error)) = driver_error(error) else { return false };
        if !error.is_unique_violation() {
            return false;
        }
        match error.constraint() {
            Some(name) => name == self.name,
            None => error.message().ends_with(self.columns),
        }
    }
}

fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// Sorts an error of the database.
#[must_use]
pub fn kind(error: &DbErr) -> Kind {
    if let DbErr::ConnectionAcquire(_) | DbErr::Conn(_) = error {
        return Kind::Unreachable;
    }
    match driver_error(error) {
        Some(sqlx::Error::Database(error)) => match error.code().as_deref() {
            // PostgreSQL: serialisation failure, deadlock. SQLite: busy, busy snapshot, locked.
            Some("40001" | "40P01" | "5" | "517" | "6" | "261" | "262") => Kind::TryAgain,
            // PostgreSQL: connection lost or refused, shutting down, starting up, too many connections, time-outs, a disk
            // that is full or fails. SQLite: full.
            Some(code) if code.starts_with("08") => Kind::Unreachable,
            Some("57P01" | "57P02" | "57P03" | "53300" | "57014" | "55P03" | "53100" | "58030" | "13") => {
                Kind::Unreachable
            }
            // SQLite: the family of errors of reading and writing its file.
            Some(code) if code.parse::<u32>().is_ok_and(|code| code & 0xff == 10) && code.len() <= 4 => {
                Kind::Unreachable
            }
            _ => Kind::Other,
        },
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed,
        ) => Kind::Unreachable,
        _ => Kind::Other,
    }
}
