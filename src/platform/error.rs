//! The application error: what went wrong, and whose problem it is.
//!
//! It has no `Display` on purpose. async-graphql turns anything printable into an answer, text included; without
//! `Display` a `?` in a resolver finds only the mapping in `platform/graphql/errors.rs`.

use std::{panic::Location, sync::Arc};

use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{code::Code, decision::Receipt},
    platform::db,
};

/// The result of everything that can go wrong on the way of a request.
pub type AppResult<T> = Result<T, AppError>;

/// One thing that is wrong with an input, or the reason why it was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The code that programs branch on.
    pub code: Code,
    /// A sentence for the caller: what is wrong and the way out.
    pub message: String,
    /// The field of the input that it concerns, from the outside in.
    pub field: Vec<String>,
    /// Why the decision came out so, where one was made.
    pub receipt: Option<Box<Receipt>>,
}

/// What went wrong.
#[derive(Clone, Debug)]
pub enum AppError {
    /// No valid credentials.
    Unauthenticated,
    /// Known, but not allowed for the caller's roles.
    Forbidden,
    /// The input was not accepted, and nothing was changed.
    Refused(Vec<Problem>),
    /// Too many attempts; try again after so many seconds.
    RateLimited {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// The database cannot be reached or is too busy; try again.
    Unavailable(Arc<Fault>),
    /// The transaction met another one; the whole use case may be tried again.
    Transient(Arc<Fault>),
    /// A fault of ours.
    Internal(Arc<Fault>),
}

/// The cause of a fault, for our logs only.
#[derive(Debug)]
pub struct Fault {
    /// What happened.
    pub cause: String,
    /// Where it became an application error.
    pub location: &'static Location<'static>,
    /// The database's own error, for what a constraint's name stands for.
    pub database: Option<DbErr>,
}

impl AppError {
    /// A fault that nobody outside can do anything about.
    #[track_caller]
    pub fn internal(cause: impl Into<String>) -> Self {
        Self::Internal(Arc::new(Fault { cause: cause.into(), location: Location::caller(), database: None }))
    }

    /// Somebody else changed what the use case had looked at before its transaction: it is begun again.
    #[track_caller]
    pub fn overtaken(cause: impl Into<String>) -> Self {
        Self::Transient(Arc::new(Fault { cause: cause.into(), location: Location::caller(), database: None }))
    }

    /// A request that was given up because it took too long.
    #[track_caller]
    pub fn took_too_long() -> Self {
        let cause = "the request took too long".to_owned();
        Self::Unavailable(Arc::new(Fault { cause, location: Location::caller(), database: None }))
    }

    /// Something that is needed is away for now.
    #[track_caller]
    pub fn unavailable(cause: impl Into<String>) -> Self {
        Self::Unavailable(Arc::new(Fault { cause: cause.into(), location: Location::caller(), database: None }))
    }

    /// A refusal that concerns a field of the input.
    pub fn invalid(field: &str, code: Code, message: impl Into<String>) -> Self {
        let field = field.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self::Refused(vec![Problem { code, message: message.into(), field, receipt: None }])
    }

    /// A refusal by a rule that concerns no single field.
    pub fn refused(code: Code, message: impl Into<String>) -> Self {
        Self::invalid("", code, message)
    }

    /// A refusal by a decision, with its receipt.
    pub fn decided(field: &str, code: Code, message: impl Into<String>, receipt: Receipt) -> Self {
        let Self::Refused(mut problems) = Self::invalid(field, code, message) else { return Self::Forbidden };
        for problem in &mut problems {
            problem.receipt = Some(Box::new(receipt.clone()));
        }
        Self::Refused(problems)
    }

    /// What is not there, or not yours: the same words for both.
    pub fn not_found(field: &str) -> Self {
        Self::invalid(field, Code::NotFound, "There is no such object, or none that you may see.")
    }

    /// Somebody else changed the object in between.
    pub fn version_conflict(current: i64) -> Self {
        Self::invalid(
            "expectedVersion",
            Code::VersionConflict,
            format!("The object is at version {current} by now. Read it again and decide anew."),
        )
    }

    /// Whether this is the violation of a constraint.
    #[must_use]
    pub fn violates(&self, constraint: &db::Unique) -> bool {
        match self {
            Self::Internal(fault) | Self::Transient(fault) | Self::Unavailable(fault) => {
                fault.database.as_ref().is_some_and(|error| constraint.is_violated_by(error))
            }
            Self::Unauthenticated | Self::Forbidden | Self::Refused(_) | Self::RateLimited { .. } => false,
        }
    }

    /// Turns the violation of a constraint into the refusal that its name stands for.
    #[must_use]
    pub fn on_violation(self, constraint: &db::Unique, refusal: impl FnOnce() -> Self) -> Self {
        if self.violates(constraint) { refusal() } else { self }
    }
}

impl From<DbErr> for AppError {
    #[track_caller]
    fn from(error: DbErr) -> Self {
        let kind = db::kind(&error);
        let fault = Arc::new(Fault { cause: error.to_string(), location: Location::caller(), database: Some(error) });
        match kind {
            db::Kind::Unreachable => Self::Unavailable(fault),
            db::Kind::TryAgain => Self::Transient(fault),
            db::Kind::Other => Self::Internal(fault),
        }
    }
}

impl From<serde_json::Error> for AppError {
    #[track_caller]
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error.to_string())
    }
}
