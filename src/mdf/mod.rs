//! Market development funds (`domain.md §5`): programs give money to partners for activities that generate pipeline.
//!
//! A program allocates its budget to partners; a partner requests funds for an activity with an outcome contract;
//! approval commits them; a claim makes them payable; finance records the payment. Every movement is a transaction
//! of the double-entry ledger, and the stored balances change only together with it.

pub mod allocations;
mod calendar;
pub mod claims;
mod decided;
pub mod disbursement;
pub mod invariants;
pub mod ledger;
pub mod programs;
pub mod requests;
