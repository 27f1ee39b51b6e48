//! The words of changes of address.

use entity::value::{AddressChangeId, Timestamp, UserId};

/// How long a link works, in hours.
pub const VALID_HOURS: i64 = 24;

/// Somebody's wish for another address.
#[derive(Clone, Debug, PartialEq)]
pub struct AddressChange {
    /// Its id.
    pub id: AddressChangeId,
    /// Whose.
    pub user_id: UserId,
    /// The new address, as they write it.
    pub email: String,
    /// The key under which it is unique.
    pub email_key: String,
    /// The address until then.
    pub old_email: String,
    /// When the link stops working.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// When a newer wish took its place.
    pub revoked_at: Option<Timestamp>,
}

impl AddressChange {
    /// Whether its link works at an instant.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Somebody wants another address.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The address, as they write it.
    pub email: String,
    /// The key under which it is unique.
    pub email_key: String,
}
