//! One person: everything that is held of them, as a document; and their erasure.
//!
//! This is the one slice that reads the tables of all others, by design: what is held of a person must be found in one
//! list (`model::HELD`), in which a test looks for every column that could be about somebody.

pub mod graphql;
pub mod model;
mod service;
mod store;
