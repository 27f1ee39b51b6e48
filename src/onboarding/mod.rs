//! How companies become partners (`domain.md §2`): applications, the partners that come of them, and their
//! onboarding plans.

pub mod applications;
pub mod authorisations;
pub mod contacts;
pub mod invariants;
pub mod partners;
pub mod plans;
pub mod territories;
