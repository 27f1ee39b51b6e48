//! `partner-portal export-schema`.

use super::{Outcome, print};
use crate::schema;

/// Prints the schema.
pub fn run() -> Outcome {
    print(schema::sdl().trim_end())
}
