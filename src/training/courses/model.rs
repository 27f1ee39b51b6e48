//! The words of courses.

use entity::value::{CourseId, Timestamp};
use serde::{Deserialize, Serialize};

/// A whole in basis points: the full score.
pub const FULL_BP: i64 = 10_000;

/// A course.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Its id.
    pub id: CourseId,
    /// Its short name, the same for all editions.
    pub code: String,
    /// The edition of its content.
    pub edition: i64,
    /// Its title.
    pub title: String,
    /// Whether it is the foundation course of onboarding.
    pub is_foundation: bool,
    /// The score that passes, in basis points.
    pub pass_mark_bp: i64,
    /// How many months a completion is valid; without an end when absent.
    pub validity_months: Option<i64>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Grows by one with each change.
    pub version: i64,
}

/// A course about to be created.
#[derive(Clone, Debug)]
pub struct NewCourse {
    /// Its short name.
    pub code: String,
    /// The edition of its content.
    pub edition: i64,
    /// Its title.
    pub title: String,
    /// Whether it is the foundation course of onboarding.
    pub is_foundation: bool,
    /// The score that passes, in basis points.
    pub pass_mark_bp: i64,
    /// How many months a completion is valid.
    pub validity_months: Option<i64>,
}

/// Which courses to list.
#[derive(Clone, Debug, Default)]
pub struct CourseFilter {
    /// Only the editions of this code.
    pub code: Option<String>,
    /// Only foundation courses, or only others.
    pub is_foundation: Option<bool>,
}
