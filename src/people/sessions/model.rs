//! The words of sessions.

use entity::value::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::people::users::model::User;

/// A session that is not used for so long ends.
pub const IDLE_DAYS: i64 = 14;
/// A session ends after so long, however much it is used.
pub const ABSOLUTE_DAYS: i64 = 90;
/// A spent refresh token presented again so soon, while its successor is unused, is a lost answer and no theft.
pub const RETRY_SECONDS: i64 = 10;

/// A signed-in user on one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The person.
    pub user_id: UserId,
    /// What its person called the device.
    pub device: Option<String>,
    /// What the program that used it last calls itself.
    pub agent: Option<String>,
    /// The address that it was used from last.
    pub address: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
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

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Its person signed out.
    SignedOut,
    /// Its person ended it from another session.
    EndedByPerson,
    /// An administrator ended it.
    EndedByAdministrator,
    /// A spent refresh token was used: somebody else has it too.
    RefreshTokenReused,
    /// The password was changed or chosen anew.
    PasswordChanged,
    /// An administrator removed the person's second factor.
    SecondFactorRemoved,
    /// The person was deactivated.
    UserDeactivated,
    /// The person was erased.
    UserErased,
    /// The person's company is no partner any more.
    PartnerTerminated,
}

impl EndReason {
    /// As it is kept and as audit events tell it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignedOut => "SIGNED_OUT",
            Self::EndedByPerson => "ENDED_BY_PERSON",
            Self::EndedByAdministrator => "ENDED_BY_ADMINISTRATOR",
            Self::RefreshTokenReused => "REFRESH_TOKEN_REUSED",
            Self::PasswordChanged => "PASSWORD_CHANGED",
            Self::SecondFactorRemoved => "SECOND_FACTOR_REMOVED",
            Self::UserDeactivated => "USER_DEACTIVATED",
            Self::UserErased => "USER_ERASED",
            Self::PartnerTerminated => "PARTNER_TERMINATED",
        }
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
    /// The code of a second factor, or a recovery code.
    pub code: Option<String>,
}

/// Somebody stays signed in.
#[derive(Clone)]
pub struct Refresh {
    /// The refresh token; none where a browser keeps it.
    pub refresh_token: Option<String>,
}

/// Somebody signs out.
#[derive(Clone, Default)]
pub struct SignOut {
    /// A refresh token of the session, for who is not signed in.
    pub refresh_token: Option<String>,
}

/// Somebody signs out on every device.
#[derive(Clone, Copy)]
pub struct SignOutEverywhere {
    /// Whether the session that asks stays.
    pub keep_current: bool,
}

/// A refresh token as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptToken {
    /// The hash of it.
    pub hash: Vec<u8>,
    /// The session.
    pub session_id: SessionId,
    /// Which one of the session it is.
    pub generation: i64,
    /// When it was used.
    pub spent_at: Option<Timestamp>,
}
