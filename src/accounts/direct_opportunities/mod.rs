//! Open opportunities of the vendor's own team on product lines of accounts, as its CRM tells of them (`domain.md §4`,
//! conflict kinds). Staff see them, and decisions about deals use them; partners learn nothing of them.

pub mod graphql;
pub mod model;
mod service;
mod store;

pub use service::{last_closed, open, open_of};
