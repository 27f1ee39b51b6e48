//! Sessions: signing in, staying signed in, signing out; and who a token stands for.

mod doorkeeper;
pub mod graphql;
pub mod model;
pub mod password;
mod service;
mod store;

pub use doorkeeper::Doorkeeper;
pub use service::{count_of_partner, end_all_of, end_all_of_partner, list, open, with_tokens};
