//! Tiers: the levels of the partner program, what each asks for and gives, and the monthly reviews that propose another
//! level. What a level asks for and gives is policy ([`rules::policy`]); people confirm what a review proposes. The
//! figures that a review goes by come from other areas: [`crate::standing`] gathers them.

pub mod graphql;
pub mod model;
pub mod rules;
mod service;
pub mod states;
mod store;

pub use service::{benefits, due, in_force, record_review, review_of};
