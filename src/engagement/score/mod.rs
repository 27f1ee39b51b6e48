//! The engagement score: a pure function of (policy version, activity, as-of instant). What the activity adds up to
//! is kept folded, by the same function that a replay of the stream uses, so reading a score is one small statement.

pub mod graphql;
pub mod model;
pub mod rules;
mod service;
mod store;

pub use service::{count, next_counted, replays, scores_at, totals_of};
