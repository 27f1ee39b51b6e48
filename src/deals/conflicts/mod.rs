//! Conflict cases about deal registrations (`domain.md §4`): the parties say what speaks for them, somebody of staff decides
//! within three business days, and one appeal is decided by somebody who took no part.
//!
//! While a case is open its registrations are contested, and what they had stands still. A case that the vendor does not
//! decide within its second deadline either is upheld by the clock, whether or not anything ran: the registrations know that
//! instant from the beginning ([`crate::deals::registrations::model::Contest`]), and whoever touches one of them next writes
//! it down ([`settle`]). A partner reads of a case what concerns itself, and nothing of who else is in it.

pub mod graphql;
pub mod model;
pub mod rules;
mod service;
mod store;

pub use service::{leave, run_due, settle};
