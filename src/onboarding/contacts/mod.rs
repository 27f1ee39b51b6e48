//! Whom to talk to at a partner. Its own administrators keep the list, and staff who look after it.

pub mod graphql;
pub mod model;
mod service;
mod store;
