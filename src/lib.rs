//! The partner portal: one open GraphQL API for companies with partners.
//!
//! `kernel` is pure vocabulary, `platform` is plumbing; every other room is an area of the domain. Inside each slice
//! the same six files: `mod`, `model`, `rules`, `service`, `store`, `graphql`.

pub mod accounts;
pub mod app;
pub mod commands;
pub mod deals;
pub mod demo;
pub mod engagement;
pub mod import;
pub mod kernel;
pub mod letters;
pub mod lifecycle;
pub mod mdf;
pub mod notifications;
pub mod onboarding;
pub mod people;
pub mod platform;
pub mod privacy;
pub mod reactions;
pub mod schema;
pub mod standing;
pub mod training;
