//! The monthly review of levels, and what is missing for the next one: the figures of every area, judged by the policy of
//! tiers.

pub mod graphql;
mod service;

pub use service::run_due;
