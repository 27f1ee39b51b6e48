//! Pure decisions about conflict cases: what the clock says, who gets what, what can be appealed.

pub mod clock;
pub mod decide;
pub mod fates;
pub mod party;
