//! What the product promises whatever the feature: the schema, the protocol, its limits, what our stack gets wrong by
//! itself.

mod append_only;
mod architecture;
mod binary;
mod database;
mod entities;
mod error_codes;
mod invariants;
mod known_documents;
mod limits;
mod protocol;
mod schema;
mod siblings;
mod walls;
