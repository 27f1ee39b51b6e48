//! Mails to people: queued in the transaction of the change that they tell of, written and sent later by a job.
//!
//! The queue holds what a mail is about and never what it says: addresses and secrets are looked up, or derived, when
//! the mail is written. A mail is sent at least once, under the same Message-ID each time.

mod delivery;
mod letter;
mod outbox;
mod transport;

pub use delivery::{Delivered, Letters, Post, run_due};
pub use letter::{Letter, Links, unlinked};
pub use outbox::{LEASE_SECONDS, MOST_ATTEMPTS, Queued, claim_due, purge, queue, queue_all};
pub use transport::{Deliver, Folder, Nowhere, Security, Smtp, Undelivered};
