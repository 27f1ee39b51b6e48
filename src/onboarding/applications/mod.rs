//! Applications: anyone applies without an account and follows the application by a link; ops look at it, ask, and
//! decide; an approved company is a partner.

pub mod graphql;
pub mod letters;
pub mod model;
pub mod policy;
mod rules;
mod service;
pub mod states;
mod store;
