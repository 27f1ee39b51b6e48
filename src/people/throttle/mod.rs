//! How often somebody may guess: passwords, codes, tokens, secrets. Counted in the database, so that it holds over all
//! replicas; each guess is counted before it is checked, so that it holds however many come at once.
//!
//! ```text
//! let attempt = throttle::attempt(&call, Guess::ResetToken, None).await?;   // RATE_LIMITED leaves here
//! if right { attempt.succeeded(&call).await? } else { attempt.failed(&call).await? }
//! ```
//!
//! Whoever forgets to say how it ended has made a wrong guess. `docs/decisions/0004` says why it is built so.

mod model;
mod rules;
mod service;
mod store;

pub use model::Guess;
pub use service::{Attempt, attempt, count_application, forget, guarded, purge};
