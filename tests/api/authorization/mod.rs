//! Who may do what, and that nobody learns of anybody else's things. The walks go by the schema itself, so that a new
//! field takes part without being asked; `docs/adding-a-feature.md` says what it needs.

mod access;
mod behind;
mod coverage;
mod documents;
mod entries;
mod ids;
mod inputs;
mod isolation;
mod matrix;
mod paths;
mod probe;
mod rivals;
mod schema;
pub mod world;
