//! What the product promises whatever the feature: the schema, the protocol, its limits, what our stack gets wrong by
//! itself.

mod append_only;
mod architecture;
mod binary;
mod bombs;
mod cost;
mod database;
mod entities;
mod error_codes;
mod invariants;
mod known_documents;
mod limits;
mod persisted;
mod protocol;
mod schema;
mod siblings;
pub mod socket;
mod validation;
mod walls;
