//! Claims for reimbursement: what was spent, proofs that the activity took place, tranches, and their payment.

pub mod graphql;
pub mod model;
mod rules;
mod service;
mod store;
