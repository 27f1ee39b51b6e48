//! What is written twice is checked by a test.

mod architecture;
mod entities;
mod schema;
