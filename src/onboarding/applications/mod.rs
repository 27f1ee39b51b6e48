//! Applications: anyone applies without an account, ops decide, an approved company is a partner.

pub mod graphql;
pub mod model;
mod rules;
mod service;
mod store;
