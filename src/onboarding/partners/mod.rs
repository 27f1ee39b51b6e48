//! Partner companies. Other areas ask here who a partner is and whether it is active; only onboarding changes one.

pub mod graphql;
pub mod model;
mod service;
mod store;

pub use service::{activate, create, domain_is_taken, facts, find, find_many, hold};
