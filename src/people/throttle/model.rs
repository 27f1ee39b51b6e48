//! The words of throttling.

use entity::value::Timestamp;

/// What somebody guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// A password at the door. The account is the key of the address, whether a user has it or not.
    SignIn,
    /// The password of somebody who is signed in already. The account is the person.
    CurrentPassword,
    /// A code of a second factor, or a recovery code. The account is the person.
    SecondFactor,
    /// The token of an invitation. No account.
    InvitationToken,
    /// The token of a password reset. No account.
    ResetToken,
    /// A request for a password reset: each one counts, none is right. The account is the key of the address.
    ResetRequest,
    /// The token of an application's link. No account.
    ApplicationToken,
    /// The secret of an API client. The account is the client.
    ClientSecret,
}

impl Guess {
    /// Under which word its accounts are counted.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::CurrentPassword => "current_password",
            Self::SecondFactor => "second_factor",
            Self::InvitationToken => "invitation_token",
            Self::ResetToken => "reset_token",
            Self::ResetRequest => "reset_request",
            Self::ApplicationToken => "application_token",
            Self::ClientSecret => "client_secret",
        }
    }
}

/// What was counted of one account, one address, or everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// How many attempts were let through and are not forgotten.
    pub attempts: i64,
    /// When the latest one was.
    pub latest_at: Timestamp,
    /// When the next one may be made; for steady limits, when all of them are forgotten.
    pub free_at: Timestamp,
}

impl Bucket {
    /// Nothing counted yet.
    #[must_use]
    pub const fn empty(now: Timestamp) -> Self {
        Self { attempts: 0, latest_at: now, free_at: now }
    }
}
