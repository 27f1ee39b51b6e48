//! How far joint business plans are: each target next to what happened.

pub mod graphql;
mod service;
