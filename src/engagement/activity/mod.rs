//! One thing that happened at a partner: a link of its append-only stream. The database refuses to change or delete
//! one. Whoever appends takes the stream's own row first, so a stream has one order on both databases.

pub mod graphql;
pub mod model;
mod rules;
mod service;
mod store;

pub use service::{append, counted_since, stream_of};
pub(in crate::engagement) use store::stream_of as stream_in;
