//! Onboarding plans: the steps from approval to an active partner. Some are completed by a person, the others
//! complete themselves when the thing happens; all required ones done, the partner is active. What each type of partner
//! goes through is policy ([`rules::policy`]).

pub mod graphql;
pub mod model;
pub mod rules;
mod service;
pub mod states;
mod store;

pub(in crate::onboarding) use service::begin;
pub use service::{catch_up, happened};
