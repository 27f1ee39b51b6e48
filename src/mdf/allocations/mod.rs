//! What a program gives to a partner, earned by the results of the period before.

pub mod graphql;
pub mod model;
mod rules;
mod service;
mod store;

pub use service::{return_of_terminated, uncommitted_of_partner};
