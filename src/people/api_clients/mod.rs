//! API clients: programs of integrators that act with scopes, for the vendor or for one partner. How they are made,
//! and who a secret or a client's access token stands for.

mod door;
pub mod graphql;
pub mod model;
pub mod oauth;
mod rules;
pub mod secret;
mod service;
mod store;

pub use door::ClientDoor;
pub use service::{revoke_all, unrevoked_of_partner};
