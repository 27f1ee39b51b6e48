//! The words of sessions.

use entity::value::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::people::users::model::User;

/// A session that is not used for so long ends.
pub const IDLE_DAYS: i64 = 14;
/// A session ends after so long, however much it is used.
pub const ABSOLUTE_DAYS: i64 = 90;
/// A spent refresh token presented again so soon, while its successor is unused, is a lost answer and no theft.
pub const RETRY_SECONDS: i64 = 30;

/// A signed-in user on one device.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The person.
    pub user_id: UserId,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    /// When it ends, however much it is used.
    pub expires_at: Timestamp,
    /// When it ended, if it did.
    pub ended_at: Option<Timestamp>,
}

impl Session {
    /// Whether it can be refreshed at an instant.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at && now < self.last_used_at.plus_days(IDLE_DAYS)
    }
}

/// A session that was opened or refreshed: which tokens to show. They are derived when shown, never kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// The person.
    pub user: User,
    /// The session.
    pub session_id: SessionId,
    /// Which refresh token of the session is the live one.
    pub generation: i64,
    /// The access token.
    #[serde(skip)]
    pub access_token: String,
    /// The refresh token.
    #[serde(skip)]
    pub refresh_token: String,
}

/// Somebody signs in.
#[derive(Clone)]
pub struct SignIn {
    /// The key of the address.
    pub email_key: String,
    /// The password.
    pub password: String,
    /// What the device is called.
    pub device: Option<String>,
}

/// A refresh token as kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptToken {
    /// The session.
    pub session_id: SessionId,
    /// Which one of the session it is.
    pub generation: i64,
    /// When it was used.
    pub spent_at: Option<Timestamp>,
}
