//! What partners may sell where: a product line in a territory, from an instant until another, granted by somebody.

pub mod graphql;
pub mod model;
mod service;
mod store;

pub use service::{coverage, coverages};
