//! What people are told of: in the portal, and by mail unless they wish none.
//!
//! What happens is told in the transaction in which it happens; what the clock brings is told by a job that holds its
//! place while it tells, so that several servers tell it once and a crash loses nothing. What a partner reads here is
//! what it may know: nothing of whoever stands against it.

pub mod graphql;
pub mod letters;
pub mod model;
mod rules;
mod service;
mod store;

pub use service::{purge, react, run_due};
