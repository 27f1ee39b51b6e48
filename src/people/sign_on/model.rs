//! The words of single sign-on.

use entity::value::{SignOnAttemptId, Timestamp, UserId};

/// An attempt must be back from the provider within so many seconds.
pub const RETURN_SECONDS: i64 = 600;

/// The code that a browser lands with works for so many seconds.
pub const CODE_SECONDS: i64 = 60;

/// Attempts are forgotten after so many days.
pub const KEPT_DAYS: i64 = 1;

/// An attempt to sign on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: SignOnAttemptId,
    /// Where the browser goes afterwards.
    pub return_to: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When the browser came back from the provider.
    pub returned_at: Option<Timestamp>,
    /// Who came back.
    pub user_id: Option<UserId>,
    /// Whether they proved who they are in more than one way.
    pub several_factors: bool,
    /// When the provider last asked them who they are, if it says so.
    pub authenticated_at: Option<Timestamp>,
}

/// Where a browser is sent to sign in, and what proves later that it is the same one.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The provider's page.
    pub address: String,
    /// The secret for a cookie.
    pub browser: String,
}

/// What the provider sent a browser back with.
#[derive(Clone, Debug)]
pub struct Returned {
    /// Ours, from the beginning.
    pub state: String,
    /// The provider's code; none when it refused.
    pub code: Option<String>,
    /// The secret in the browser's cookie.
    pub browser: String,
}

/// Why nobody was signed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSignedOn {
    /// The provider refused, or the person gave up.
    ProviderRefused,
    /// What the provider sent is not valid.
    NotValid,
    /// The provider knows no verified address of the person.
    AddressNotVerified,
    /// None of the person's groups stands for a role here.
    NoRole,
    /// The address belongs to somebody of a partner company.
    NotStaff,
    /// The person was deactivated here.
    Deactivated,
    /// The provider does not answer.
    ProviderUnavailable,
}

impl NotSignedOn {
    /// The word that the frontend finds in the address.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ProviderRefused => "PROVIDER_REFUSED",
            Self::NotValid => "NOT_VALID",
            Self::AddressNotVerified => "ADDRESS_NOT_VERIFIED",
            Self::NoRole => "NO_ROLE",
            Self::NotStaff => "NOT_STAFF",
            Self::Deactivated => "DEACTIVATED",
            Self::ProviderUnavailable => "PROVIDER_UNAVAILABLE",
        }
    }
}
