//! The words of password resets.

use entity::value::{PasswordResetId, Timestamp, UserId};

/// How long a link works, in minutes.
pub const VALID_MINUTES: i64 = 60;

/// A request for a new password.
#[derive(Clone, Debug, PartialEq)]
pub struct PasswordReset {
    /// Its id.
    pub id: PasswordResetId,
    /// The key of the address that it was made for, whether it belongs to somebody or not.
    pub email_key: String,
    /// Whose password it is about, known since its mail was written.
    pub user_id: Option<UserId>,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// When a newer one took its place.
    pub revoked_at: Option<Timestamp>,
}

impl PasswordReset {
    /// Whether it works at an instant.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Somebody asks for a link.
#[derive(Clone, Debug)]
pub struct Request {
    /// The key of the address.
    pub email_key: String,
}

/// Somebody chooses a new password.
#[derive(Clone)]
pub struct Choose {
    /// The secret from the link.
    pub token: String,
    /// The password.
    pub password: String,
}
