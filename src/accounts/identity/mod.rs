//! By what an account is recognised beside its own name: other names, domains, registry ids, and what other systems
//! call it. Each domain, registry id and reference leads to one account; the database refuses a second.

pub mod graphql;
pub mod model;
pub mod rules;
mod service;
mod store;

pub use service::{add, apply, of_accounts, owners, owners_of_references};
pub use store::{find_domains, find_names, find_references, find_registry_ids};
