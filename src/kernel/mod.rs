//! Pure vocabulary shared by all rules: no IO, no async, no clock.

pub mod address;
pub mod calendar;
pub mod code;
pub mod decision;
pub mod domains;
pub mod event;
pub mod figure;
pub mod graph;
pub mod hex;
pub mod merging;
pub mod money;
pub mod text;
pub mod website;
