//! Whether an account is available for a deal, before one is registered (`domain.md §4`, privacy).
//!
//! A partner learns `CLEAR`, `REVIEW` or `NOT_AVAILABLE`, and nothing else: not by whom, not whether it is a partner or
//! the direct team, and not which account was meant. Each question is counted and recorded.

pub mod graphql;
pub mod model;
mod service;
mod store;

pub use service::count_explained;
