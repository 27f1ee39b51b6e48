//! The words of one's own access.

use serde::{Deserialize, Serialize};

use crate::people::users::model::User;

/// Somebody chooses another password.
#[derive(Clone)]
pub struct ChangePassword {
    /// The present one.
    pub current: String,
    /// The new one.
    pub new: String,
}

/// The password is another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Changed {
    /// The person.
    pub user: User,
    /// How many other sessions ended by it.
    pub sessions_ended: u64,
}

/// How somebody proves once more who they are.
#[derive(Clone)]
pub enum Proof {
    /// By their password: who has no second factor.
    Password(String),
    /// By a code of their second factor, or a recovery code.
    Code(String),
}
