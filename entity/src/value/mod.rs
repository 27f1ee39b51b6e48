//! Plain values that are columns: ids, instants, days, stored words. No behaviour beyond parse and print.

mod accounts;
mod client_scope;
mod country;
mod currency;
mod day;
mod deals;
mod engagement;
mod files;
pub mod ids;
mod import;
mod mail;
mod mdf;
mod notifications;
mod onboarding;
mod role;
mod states;
mod timestamp;

pub use accounts::*;
pub use client_scope::{ClientScope, ClientScopes};
pub use country::Country;
pub use currency::Currency;
pub use day::Day;
pub use deals::*;
pub use engagement::*;
pub use files::*;
pub use ids::*;
pub use import::*;
pub use mail::*;
pub use mdf::*;
pub use notifications::*;
pub use onboarding::*;
pub use role::{Role, Roles};
pub use states::*;
pub use timestamp::Timestamp;
