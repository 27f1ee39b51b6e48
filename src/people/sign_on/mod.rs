//! Single sign-on of the vendor's staff through its own provider of identities (OpenID Connect).
//!
//! A browser goes to `/sign-on`, from there to the provider, comes back to `/sign-on/callback`, and lands on the
//! portal with a code that works once, which `completeSignOn` exchanges for the tokens of a session. No token is ever
//! part of an address.

pub mod graphql;
pub mod http;
pub mod model;
pub mod rules;
mod service;
mod store;
