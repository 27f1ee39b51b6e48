//! Programs of market development funds: a period, a budget, what may be reimbursed at which rate, and the windows.

pub mod graphql;
pub mod model;
mod rules;
mod service;
mod store;

pub use service::{find, find_for_update};
