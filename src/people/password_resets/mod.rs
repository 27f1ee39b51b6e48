//! Requests for a new password: single use, for an hour, answered alike whether the address belongs to somebody.
//!
//! The request writes the same rows for every address and looks nobody up. Whose it is comes out when the mail is
//! written, later and elsewhere: neither the answer nor its time can tell.

pub mod graphql;
pub mod letters;
pub mod model;
mod service;
mod store;

pub use service::{purge, take_back};
pub use store::is_terminated;
