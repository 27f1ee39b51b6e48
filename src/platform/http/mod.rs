//! The doors of the process: the GraphQL endpoint, health, request ids.

pub mod server;
