//! Who completed which course, with what score. Completions come from learning systems in bulk; what a system calls a
//! completion (`source`, `external id`) makes a repeat harmless. A passed one counts for the person's partner.

pub mod graphql;
pub mod model;
mod rules;
mod service;
mod store;

pub use store::certified;
