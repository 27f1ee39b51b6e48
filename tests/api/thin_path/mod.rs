//! The thin path through the whole product, through the API only: once in the app under test, and once against the
//! real binary, killed and started again between any two steps.

mod killed;
mod steps;
mod walk;
mod walker;
