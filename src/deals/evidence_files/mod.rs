//! Files that prove evidence: sent with a mutation, known by their content, kept under their hash, and read through links
//! that last minutes.

pub mod graphql;
pub mod http;
pub mod model;
mod service;
mod store;
