//! Joint business plans: what the vendor and a partner agree for a year. Both sides agree to the same targets; a change
//! of one asks both anew. What was agreed stays readable, revision by revision, and stays in force while an amendment
//! of it is being discussed.

pub mod graphql;
pub mod model;
mod rules;
mod service;
pub mod states;
mod store;
