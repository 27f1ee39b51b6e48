//! The ledger of market development funds: double entry, append-only, and the stored balances that follow from it.
//!
//! [`post`] is the only way in which money moves: it changes the balances by conditional updates, so that none goes
//! below zero whatever happens at once, and appends the entries, in the caller's transaction. An entry moves an
//! amount from one account to another, so an unbalanced transaction cannot be written down.

pub mod graphql;
pub mod model;
mod rules;
mod service;
mod store;

pub use service::{available, balances, balances_of, open_balance, open_program, post, unallocated, unallocated_of};
