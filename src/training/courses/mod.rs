//! A course that people of partners take. Each edition of its content is a course of its own under the same code.

pub mod graphql;
pub mod model;
mod service;
mod store;

pub use service::{find_by_ids_or_codes, find_many};
