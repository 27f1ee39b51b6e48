//! End customers. Deals ask here whether two spellings are the same customer, and for whom an account is reserved.
//!
//! An account exists for a partner once the partner has registered a deal on it: `account_partners` remembers that.

pub mod graphql;
pub mod model;
pub mod rules;
mod service;
mod store;

pub(in crate::accounts) use service::{
    ancestors, check_parent, check_twin, disconnect, height, hold, hold_two, look_at_two, reindex, write_merged,
};
pub use service::{
    as_compared, connect, create, facts, find, find_many, find_or_create, find_same, foresee, index, index_all, upsert,
};
