//! The words of invitations.

use async_graphql::Enum;
use entity::value::{InvitationId, PartnerId, PartnerState, Roles, Timestamp, UserId};
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
    /// The key under which the address is unique. Not written to the audit: it is an address that nothing hides there.
    #[serde(skip)]
    pub email_key: String,
    /// The name of the person.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
    /// Who invited; none when the product did.
    pub invited_by_id: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// Whether an invitation can still be accepted, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum InvitationState {
    /// It can be accepted.
    Open,
    /// It was accepted.
    Accepted,
    /// It was taken back, or a newer one took its place.
    Revoked,
    /// Nobody accepted it in time.
    Expired,
}

impl Invitation {
    /// Its state at an instant.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> InvitationState {
        match (self.accepted_at, self.revoked_at) {
            (Some(_), _) => InvitationState::Accepted,
            (None, Some(_)) => InvitationState::Revoked,
            (None, None) if now < self.expires_at => InvitationState::Open,
            (None, None) => InvitationState::Expired,
        }
    }

    /// Whether it can be accepted at an instant.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state(now) == InvitationState::Open
    }

    /// The same invitation, taken back.
    #[must_use]
    pub fn revoked(&self, now: Timestamp) -> Self {
        Self { revoked_at: Some(now), ..self.clone() }
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

/// Somebody invites a person into their own company.
#[derive(Clone, Debug)]
pub struct Invite {
    /// The address.
    pub email: String,
    /// The key under which it is unique.
    pub email_key: String,
    /// The name of the person.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
}

/// Which invitations a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct InvitationFilter {
    /// In this state.
    pub state: Option<InvitationState>,
    /// To this partner.
    pub partner_id: Option<PartnerId>,
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
