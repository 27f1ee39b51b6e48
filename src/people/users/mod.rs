//! A person with an account of their own. Staff belong to no partner; everybody else to exactly one.

pub mod graphql;
pub mod model;
mod service;
mod store;

pub use service::{create, find, find_by_address, find_by_ids_or_addresses, find_many, find_of_partners};
