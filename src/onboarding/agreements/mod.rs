//! Agreements: versioned texts, for every partner or for one type, and which partner has accepted which. A published
//! text never changes: who accepts names its hash, so that it is certain what was accepted. A later text of the same
//! kind may ask everybody to accept anew until a date of grace; after it the policy decides what can be started.

pub mod graphql;
pub mod model;
mod rules;
mod service;
pub mod states;
mod store;

pub use service::expect_none_overdue;
pub(in crate::onboarding) use service::{accepted, open_texts};
