//! What the clock brings to registrations.

use entity::value::{PartnerId, RegistrationId, Timestamp};

/// What the clock brings to a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// The end of a protection that is in force.
    ProtectionEnds,
    /// The end of a protection that was not ended otherwise.
    ProtectionEnded,
    /// The instant by which it is to be decided, while it is not.
    Decision,
    /// The instant at which something was heard of it last, if its protection lasts for more than so many days from then
    /// on.
    LastUpdate(i64),
    /// The end of its hold.
    HoldEnds,
    /// The beginning of an offer to it that nobody has answered.
    OfferBegins,
    /// The beginning of an open conflict about it, or of its appeal, that its partner has not begun.
    ConflictBegins,
    /// The beginning of an offer to share the deal that its partner has not answered.
    ShareOffered,
    /// The instant by which an open conflict is to be decided first; of one of the registrations that it is about.
    ConflictDecision,
}

/// A registration whose instant comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The registration.
    pub id: RegistrationId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// The instant.
    pub at: Timestamp,
}
