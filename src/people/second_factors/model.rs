//! The words of second factors.

use entity::value::{Role, SecondFactorId, SecondFactorKind, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::policies::Policy;

/// How many recovery codes somebody has at once.
pub const RECOVERY_CODES: u8 = 10;
/// A proof of who somebody is counts for so long where a lately given one is asked for.
pub const PROOF_MINUTES: i64 = 10;

/// A second factor of a person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Its id.
    pub id: SecondFactorId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is.
    pub kind: SecondFactorKind,
    /// When it began to be set up.
    pub created_at: Timestamp,
    /// When the first code was given; it is asked for from then on.
    pub confirmed_at: Option<Timestamp>,
}

/// An authenticator app that is being set up. What it needs is derived when it is shown, and never kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Begun {
    /// The factor.
    pub factor: Factor,
    /// The person's address, by which the app names the entry.
    pub email: String,
    /// The secret, in base 32.
    #[serde(skip)]
    pub secret: String,
    /// The same as an address that apps read from a picture.
    #[serde(skip)]
    pub url: String,
}

/// A new set of recovery codes. They are derived when they are shown; only their hashes are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Codes {
    /// The factor that they stand in for.
    pub factor: Factor,
    /// Which set it is.
    pub set: Uuid,
    /// The codes.
    #[serde(skip)]
    pub codes: Vec<String>,
}

/// An administrator removes a second factor that somebody lost.
#[derive(Clone, Copy, Debug)]
pub struct Reset {
    /// Whose.
    pub user_id: UserId,
    /// The version of the person that the caller read.
    pub expected_version: Option<i64>,
}

/// What somebody types in the place of a second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// The six digits of an app.
    Digits(String),
    /// A recovery code.
    Recovery(String),
}

impl Given {
    /// Spaces, hyphens and case do not matter.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(64).collect();
        let digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { Self::Digits(text) } else { Self::Recovery(text.to_ascii_uppercase()) }
    }
}

/// Who has to have a second factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityPolicy {
    /// People with one of these roles approve and pay money only in a session that a second factor has opened.
    pub second_factor_roles: Vec<Role>,
}

impl Default for SecurityPolicy {
    /// The staff who approve money.
    fn default() -> Self {
        Self { second_factor_roles: vec![Role::Admin, Role::ChannelOps, Role::Finance] }
    }
}

impl Policy for SecurityPolicy {
    const KIND: &'static str = "security";
}

/// The rules of sign-in are changed.
#[derive(Clone, Debug)]
pub struct SetPolicy {
    /// Who has to have a second factor.
    pub second_factor_roles: Vec<Role>,
    /// The version that was read.
    pub expected_version: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(Given::parse(" 123 456"), Given::Digits("123456".to_owned()));
        assert_eq!(Given::parse("abcd-efgh-ijkl-mnop"), Given::Recovery("ABCDEFGHIJKLMNOP".to_owned()));
        assert_eq!(Given::parse("1234567"), Given::Recovery("1234567".to_owned()));
    }
}
