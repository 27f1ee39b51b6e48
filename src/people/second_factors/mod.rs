//! Second factors: an authenticator app (TOTP) with recovery codes, who has to have one, and how lately somebody proved
//! in their session that it is them. The kind leaves room for security keys.

pub mod graphql;
pub mod letters;
pub mod model;
mod proofs;
mod service;
mod store;
mod totp;

pub use proofs::{expect_lately_proven, expect_second_factor, prove, prove_at};
pub use service::{check, invalid_code, is_enrolled, set_policy};
