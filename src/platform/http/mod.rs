//! The doors of the process: the GraphQL endpoint, health, metrics, request ids.
//!
//! One request: [`observe`] gives it an id and writes its line in the log; [`endpoint`] reads it ([`request`]),
//! checks it ([`crate::platform::graphql::limits`]), finds the caller, executes and answers ([`answer`]).

pub mod address;
pub mod answer;
pub mod beside;
mod body;
pub mod browser;
pub mod budget;
pub mod endpoint;
pub mod executor;
mod health;
mod jwks;
pub mod metrics;
mod multipart;
mod negotiation;
mod observe;
mod operation;
pub mod pages;
pub mod persisted;
mod request;
pub mod seats;
pub mod server;
pub mod settings;
pub mod socket;
mod variables;

pub use executor::Execute;
pub use settings::Settings;
