//! Sessions: signing in, staying signed in, signing out; and who a token stands for.

mod doorkeeper;
pub mod graphql;
pub mod model;
pub mod password;
mod service;
mod store;

pub use doorkeeper::Doorkeeper;
pub use service::{open, with_tokens};
