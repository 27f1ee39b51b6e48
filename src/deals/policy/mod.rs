//! The policy of deals as data, and its lab (`domain.md §4`): staff change figures and consequences from an instant on,
//! and see before what past decisions would have been under a draft.

pub mod graphql;
pub mod lab;
pub mod model;
pub mod rules;
mod service;
