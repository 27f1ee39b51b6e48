//! Requests for market development funds: an activity, its money and its outcome contract.
//!
//! Approval commits funds. From then on the state also moves by the clock: an approved activity is in execution from
//! its first day, and expired when nothing was claimed in time.

pub mod graphql;
pub mod model;
mod rules;
mod service;
mod store;

pub use service::{advance, end_of_terminated, find_for_update, open_of_partner};
pub use store::activities;
