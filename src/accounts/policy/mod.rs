//! The policy of accounts: figures that staff change at run time, with the shipped default of `domain.md §3`.

pub mod graphql;
pub mod model;
mod service;

pub use service::in_force;
