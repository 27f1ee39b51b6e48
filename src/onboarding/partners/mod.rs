//! Partner companies. Other areas ask here who a partner is and whether it is active; only onboarding changes one.

pub mod graphql;
pub mod model;
mod service;
pub mod states;
mod store;

pub(in crate::onboarding) use service::{activate, domain_is_taken, find_of_domains, hold, set_tier};
pub use service::{change, create, exists, facts, facts_of, find, find_many, hold_in, manager_of};
