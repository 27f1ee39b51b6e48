//! Use cases of accounts.

mod find;
mod hierarchy;
mod recognise;
mod upsert;
mod write;

pub use find::{connect, facts, find, find_many, find_or_create, find_same, foresee, list, subsidiaries_of};
pub use hierarchy::{ancestors, check_parent, height};
pub use recognise::{as_compared, index, index_all, reindex};
pub use upsert::upsert;
pub use write::{check_twin, create, disconnect, hold, hold_two, look_at_two, update, write_merged};
