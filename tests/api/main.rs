//! Every test that goes through the door: the real router, a real database. Each test runs on the engine that
//! `TEST_DATABASE` names (`sqlite`, the default, or `postgres`); `scripts/test` runs them on both.
#![allow(
    clippy::module_inception,
    missing_docs,
    clippy::allow_attributes,
    clippy::pedantic,
    clippy::print_stdout,
    clippy::as_conversions
)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::disallowed_methods)]

mod accounts;
mod authorization;
mod contract;
mod deals;
mod engagement;
mod faults;
mod import;
mod mdf;
mod notifications;
mod onboarding;
mod people;
mod support;
mod thin_path;
mod training;
