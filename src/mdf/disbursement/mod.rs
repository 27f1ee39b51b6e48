//! How much of an approved claim is paid, and when: pure rules that claims ask (`domain.md §5`).

mod rules;

pub use rules::{Earned, Tranches, earned, reimbursable, tranches};
