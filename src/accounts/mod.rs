//! End customers, and what the vendor sells them (`domain.md §3`).

#[expect(clippy::module_inception, reason = "the area is named after its first slice")]
pub mod accounts;
pub mod product_lines;
