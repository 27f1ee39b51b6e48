//! The words of contacts.

use entity::value::{PartnerContactId, PartnerContactKind, PartnerId, Timestamp};
use serde::{Deserialize, Serialize};

/// A partner has so many contacts at most.
pub const MOST: u64 = 50;

/// Somebody to talk to at a partner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: PartnerContactId,
    /// The partner.
    pub partner_id: PartnerId,
    /// What about.
    pub kind: PartnerContactKind,
    /// The name of the person.
    pub name: String,
    /// The address.
    pub email: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Grows by one with each change.
    pub version: i64,
}

/// A contact is added.
#[derive(Clone, Debug)]
pub struct Add {
    /// To this partner; the caller's own when absent.
    pub partner_id: Option<PartnerId>,
    /// What about.
    pub kind: PartnerContactKind,
    /// The name of the person.
    pub name: String,
    /// The address.
    pub email: String,
}

/// A contact is changed; what is absent stays.
#[derive(Clone, Debug)]
pub struct Update {
    /// The contact.
    pub id: PartnerContactId,
    /// What about.
    pub kind: Option<PartnerContactKind>,
    /// The name of the person.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The version that the caller read.
    pub expected_version: Option<i64>,
}

/// A contact is removed.
#[derive(Clone, Copy, Debug)]
pub struct Remove {
    /// The contact.
    pub id: PartnerContactId,
    /// The version that the caller read.
    pub expected_version: Option<i64>,
}
