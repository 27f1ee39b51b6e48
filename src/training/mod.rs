//! Training (`domain.md §6`): courses, and who completed them.

pub mod completions;
pub mod courses;
pub mod invariants;
