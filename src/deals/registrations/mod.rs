//! Deal registrations with their evidence, and the protections that they are granted.
//!
//! Two machines are kept apart: the registration and the deal. At any moment at most one partner is protected on an
//! (account, product line): `one_active_protection_per_account_and_line` in the database has the last word. A protection
//! ends at its exact instant: a stored `PROTECTED` whose term is over reads as `EXPIRED` everywhere
//! ([`model::Registration::as_of`]), and what has expired is closed in the transaction that grants the place anew.

pub mod graphql;
pub mod model;
pub mod rules;
mod service;
pub mod states;
mod store;

pub use service::contest;
pub use service::{
    add_evidence, advance, approve, availability, due_between, end_of_terminated, evidence_of, find, find_many, follow,
    hold_to_add_evidence, list, lose, of_evidence, open_of_partner, register, reject, replan, replan_of, survey, win,
    withdraw,
};
pub use store::figures;
