//! The words of invitations.

use entity::value::{InvitationId, PartnerId, PartnerState, Roles, Timestamp};
use serde::{Deserialize, Serialize};

/// How long an invitation works, in days.
pub const VALID_DAYS: i64 = 7;

/// An invitation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The partner company to join; none for staff.
    pub partner_id: Option<PartnerId>,
    /// The address that was invited.
    pub email: String,
    /// The name of the person.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Invitation {
    /// Whether it can be accepted at an instant.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

/// The partner company of an invitation.
#[derive(Clone, Debug, PartialEq)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: PartnerState,
}

impl Company {
    /// Whether people may join it: a suspended partner starts nothing new.
    #[must_use]
    pub fn invites(&self) -> bool {
        match self.state {
            PartnerState::Onboarding | PartnerState::Active => true,
            PartnerState::Suspended | PartnerState::Terminated => false,
        }
    }
}

/// Who is invited.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The partner company to join; none for staff.
    pub partner_id: Option<PartnerId>,
    /// The address.
    pub email: String,
    /// The name of the person.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
}

/// Somebody accepts an invitation.
#[derive(Clone)]
pub struct Accept {
    /// The invitation's secret.
    pub token: String,
    /// The password that they choose.
    pub password: String,
    /// How they want to be called; as invited when absent.
    pub name: Option<String>,
}
