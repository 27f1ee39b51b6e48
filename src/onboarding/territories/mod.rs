//! Territories: parts of the market, and which partner works in which. A partner works in one at most.

pub mod graphql;
pub mod model;
mod service;
mod store;

pub use service::{assign, find_or_create, of_ids};
