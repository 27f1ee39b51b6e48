//! Sessions: signing in, staying signed in, signing out; and who a token stands for.

mod doorkeeper;
pub mod graphql;
pub mod model;
pub mod password;
mod service;
mod store;

pub use doorkeeper::Doorkeeper;
pub use service::{end_all_of, list, open, with_tokens};
