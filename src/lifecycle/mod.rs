//! The life of a partner (`domain.md §2`): suspending, reinstating and terminating one, with what follows from it in
//! every area. It stands above the areas because it asks each of them; a partner itself belongs to `onboarding`.
//!
//! What would follow is shown first ([`service::preview`]) under a digest; who confirms sends the digest back, and the
//! change is made only when the same would still follow.

pub mod graphql;
pub mod invariants;
pub mod letters;
pub mod model;
pub mod rules;
mod service;
