//! Pairs of accounts that may be the same customer. The matcher proposes them, a person decides, and a decision is a
//! labelled pair that is never asked again (`domain.md §3`).

pub mod graphql;
pub mod model;
mod service;
mod store;

pub use service::{decide_merged, doubted, follow_merge, follow_undo, labelled, propose_pair, reopen};
