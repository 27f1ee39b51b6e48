//! Single-use invitations: how a person becomes a user.

pub mod graphql;
pub mod letters;
pub mod model;
pub mod rules;
mod service;
mod store;

pub use service::{invite, open_of_partner, secret, take_back_all};
