//! Changing one's e-mail address: who is signed in and proved lately that it is them asks for it, a link to the new
//! address proves that it is theirs, and a notice tells the old one.

pub mod graphql;
pub mod letters;
mod model;
mod service;
mod store;

pub use service::purge;
