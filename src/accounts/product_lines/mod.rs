//! The vendor's product lines: what deals are about, and one half of what a protection covers.

pub mod graphql;
pub mod model;
mod service;
mod store;

pub use service::{create, find_by_code, find_many, known};
