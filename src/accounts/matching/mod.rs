//! Whether two spellings are one customer (`domain.md §3`), and who may be meant by a spelling.
//!
//! `rules` decides: a pure, versioned function of two subjects that keeps its evidence. `store` keeps for each account
//! the keys by which it is found, so that a question compares a few accounts however many there are; whoever writes an
//! account calls [`index_account`] in the same transaction.

pub mod graphql;
pub mod invariants;
pub mod model;
pub mod rules;
mod service;
mod store;

pub use service::{find, find_by, forget_account, index_account, index_accounts, index_new_account, not_indexed};
pub use store::TABLES;
