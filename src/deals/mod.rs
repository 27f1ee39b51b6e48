//! Deals of partners (`domain.md §4`): the registration, a claim to protection, and the sale that it is about.

pub mod availability;
pub mod conflicts;
pub mod evidence_files;
pub mod invariants;
pub mod policy;
pub mod registrations;
