//! One's own access: choosing another password, and proving once more who one is.

pub mod graphql;
pub mod model;
mod service;
