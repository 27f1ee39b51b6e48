//! What every test stands on: an app with a database of its own, people who call it, races.

pub mod app;
pub mod check;
pub mod database;
pub mod graphql;
pub mod mail;
pub mod owners;
pub mod picture;
pub mod race;
pub mod socket;

pub use app::TestApp;
pub use check::check_of;
pub use database::{Engine, only_on};
pub use graphql::{Answer, Person};
