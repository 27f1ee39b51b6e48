//! A person with an account of their own. Staff belong to no partner; everybody else to exactly one.

mod directory;
mod first_admin;
pub mod graphql;
pub mod model;
pub mod rules;
mod service;
mod store;

pub use directory::follow_directory;
pub use first_admin::{FirstAdmin, create_first_admin};
pub use service::{
    active_of_partner, active_staff, change_address, count_of_partner, create, erase, find, find_by_address,
    find_by_ids_or_addresses, find_in, find_many, find_of_partners, hold, hold_by, hold_credentials, replace_password,
};
