//! Merging accounts, with a preview, and undoing it (`domain.md §3`). What belongs to accounts is moved here; what hangs
//! on them in other areas follows by events, and whoever cannot let it follow refuses.

pub mod graphql;
pub mod model;
mod rules;
mod service;
mod store;

pub use service::{forget_partners, moved, note_moved};
