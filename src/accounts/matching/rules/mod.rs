//! Whether two spellings are one customer (`domain.md §3`): a pure function of two subjects, versioned, with the
//! evidence for what it found; the keys by which candidates are found in an index; and which of them are shown.
//!
//! Everything that only some companies or some words are is a list in `data/`, with its source. No list names a company.

mod compare;
mod evaluate;
mod folding;
mod keys;
mod lists;
mod model;
mod name;
mod ranking;
mod registry;
mod similar;

pub use crate::kernel::domains::Domain;
pub use compare::{Profile, compare};
pub use evaluate::{Labelled, Quality, evaluate};
pub use keys::{Key, MOST_OF_A_KEY, Sought, choose, keys, sought};
pub use model::{Evidence, Finding, Reason, Subject, Thresholds, VERSION, Verdict};
pub use name::Name;
pub use ranking::{Ranked, rank};
pub use registry::{Registry, RegistryId};

#[cfg(test)]
mod tests;
