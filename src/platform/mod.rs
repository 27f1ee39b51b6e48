//! Plumbing that does IO. Imports no feature; the verb table knows the features' actions by name only.

pub mod audit;
pub mod auth;
pub mod call;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod events;
pub mod files;
pub mod graphql;
pub mod http;
pub mod idempotency;
pub mod ids;
pub mod invariants;
pub mod jobs;
pub mod mail;
pub mod news;
pub mod openid;
pub mod origin;
pub mod personal;
pub mod policies;
pub mod rates;
pub mod reader;
pub mod receipts;
pub mod telemetry;
pub mod turns;
