//! Who calls, what exists for them, and what they may do.

mod caller;
mod hashing;
pub mod key_ring;
pub mod keys;
pub mod passwords;
pub mod policy;
pub mod remembered;
pub mod tokens;

pub use caller::{Authenticate, Caller, ClientCaller, Scope, SignedIn};
