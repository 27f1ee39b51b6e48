//! Whether an account is available for a deal, before one is registered (`domain.md §4`, privacy).
//!
//! A partner learns `CLEAR`, `REVIEW` or `NOT_AVAILABLE`, and nothing else: not by whom, not whether it is a partner or
//! the direct team, and not which account was meant. Each question is counted and recorded, and so is each deal that is
//! handed in and refused because its account is not available: it tells as much.

pub mod graphql;
pub mod model;
mod service;
mod store;

pub use service::{count_explained, expect_questions_left, note_refused};
