//! Where a partner stands, in figures from every area: how far its joint business plan is, what is missing for the next
//! level, and the monthly review of its level (`domain.md §2`). What is agreed and what levels ask for is
//! [`crate::onboarding`]'s; nothing below knows of this room.

mod figures;
pub mod progress;
pub mod tiers;
