//! End customers, how they are recognised, for whom they are reserved, and what the vendor sells them (`domain.md §3`).

#[expect(clippy::module_inception, reason = "the area is named after its first slice")]
pub mod accounts;
pub mod direct_opportunities;
pub mod duplicates;
pub mod identity;
pub mod invariants;
pub mod matching;
pub mod merging;
pub mod policy;
pub mod product_lines;
pub mod reservations;
