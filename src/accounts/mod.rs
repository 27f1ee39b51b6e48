//! End customers, and what the vendor sells them (`domain.md §3`).

pub mod accounts;
pub mod product_lines;
