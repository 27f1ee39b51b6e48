//! How companies become partners (`domain.md §2`): applications, the partners that come of them, their onboarding
//! plans, the agreements that they accept, joint business plans, and the levels of the partner program.

pub mod agreements;
pub mod applications;
pub mod authorisations;
pub mod business_plans;
pub mod contacts;
pub mod invariants;
pub mod partners;
pub mod plans;
pub mod territories;
pub mod tiers;
