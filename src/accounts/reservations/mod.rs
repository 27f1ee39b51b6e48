//! For whom accounts are reserved, by whom and why, as a whole or per product line; and which partners serve them
//! (`domain.md §3`). Staff see it, and decisions about deals use it; partners learn nothing of it.

pub mod graphql;
pub mod model;
mod rules;
mod service;
mod store;

pub use service::{in_force, in_force_each, last_released, reserve_new, reserved, served_by};
