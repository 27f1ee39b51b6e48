//! The words of notifications.

use super::states::stored_words;

stored_words! {
    /// What somebody is told of.
    NotificationKind {
        /// A deal registration was approved: the deal is protected.
        DealApproved,
        /// A deal registration was not approved.
        DealRejected,
        /// A deal registration was put on the waiting list: the account is not available.
        DealWaitlisted,
        /// A deal registration waits for its partner.
        DealActionRequired,
        /// A partner has answered what it was asked about a deal registration. For staff.
        DealAnswered,
        /// A deal registration is looked into more closely.
        DealContested,
        /// The closer look at a deal registration is over.
        ConflictDecided,
        /// A part of a deal is offered, to share it.
        ShareOffered,
        /// A protection was taken back.
        DealRevoked,
        /// A protection ends in thirty, fourteen or three days.
        ProtectionEnding,
        /// A protection has ended by its term.
        ProtectionEnded,
        /// A protected deal has had no update for some time.
        DealInactive,
        /// The hold of a deal registration ends within a day.
        HoldEnding,
        /// A place on a waiting list has become free, and is offered.
        PlaceOffered,
        /// A deal registration should have been decided by now. For staff.
        ReviewOverdue,
        /// A conflict about deal registrations should have been decided by now. For staff.
        ConflictOverdue,
        /// A deal that was approved automatically was raised to an amount that is not: people should look at it. For staff.
        DealOutgrown,
    }
}
