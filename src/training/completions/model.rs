//! The words of completions.

use std::collections::HashMap;

use entity::value::{CompletionId, CourseId, PartnerId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::{people::users::model::User, platform::error::Problem, training::courses::model::Course};

/// A completed course of one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// Its id.
    pub id: CompletionId,
    /// The course.
    pub course_id: CourseId,
    /// The person.
    pub user_id: UserId,
    /// The partner that the person belonged to when it was recorded.
    pub partner_id: PartnerId,
    /// The system that it comes from.
    pub source: String,
    /// What that system calls it.
    pub external_id: String,
    /// The score, in basis points.
    pub score_bp: i64,
    /// Whether the score reached the pass mark of the course.
    pub is_passed: bool,
    /// When the person completed it.
    pub completed_at: Timestamp,
    /// When it stops being valid; only of passed ones, and of courses that expire.
    pub expires_at: Option<Timestamp>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// A completion about to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCompletion {
    /// The course.
    pub course_id: CourseId,
    /// The person.
    pub user_id: UserId,
    /// The person's partner.
    pub partner_id: PartnerId,
    /// The system that it comes from.
    pub source: String,
    /// What that system calls it.
    pub external_id: String,
    /// The score, in basis points.
    pub score_bp: i64,
    /// Whether it is passed.
    pub is_passed: bool,
    /// Whether the course is the foundation course of onboarding.
    pub is_foundation: bool,
    /// When the person completed it.
    pub completed_at: Timestamp,
    /// When it stops being valid.
    pub expires_at: Option<Timestamp>,
}

/// How a row names the person.
#[derive(Clone, Debug, PartialEq)]
pub enum Person {
    /// By id.
    Id(UserId),
    /// By the key of their e-mail address.
    EmailKey(String),
}

/// How a row names the course.
#[derive(Clone, Debug, PartialEq)]
pub enum CourseChoice {
    /// By id.
    Id(CourseId),
    /// By code: the latest edition.
    Code(String),
}

/// One row of a bulk.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the source calls the completion.
    pub external_id: String,
    /// The person.
    pub person: Person,
    /// The course.
    pub course: CourseChoice,
    /// The score, in basis points.
    pub score_bp: i64,
    /// When the person completed it.
    pub completed_at: Timestamp,
}

/// A bulk of completions. A row that could not be parsed is answered by its own problem.
#[derive(Clone, Debug)]
pub struct Record {
    /// The system that they come from.
    pub source: String,
    /// The rows, in the order of the input.
    pub rows: Vec<Result<Row, Problem>>,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was recorded now.
    Recorded(Completion),
    /// It had been recorded before, with the same values.
    Repeated(Completion),
    /// It was not accepted.
    Refused(Problem),
}

/// The facts that the rows of a bulk are decided by.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The people by id.
    pub people: HashMap<UserId, User>,
    /// Their ids by the key of their address.
    pub addresses: HashMap<String, UserId>,
    /// The courses by id.
    pub courses: HashMap<CourseId, Course>,
    /// The latest edition by code.
    pub codes: HashMap<String, CourseId>,
}
