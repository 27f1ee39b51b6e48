//! The words of mails that the product sends.

use super::states::stored_words;

stored_words! {
    /// What a mail is about. It is written when it is sent, so that no secret and no address waits in the queue.
    MailKind {
        /// Somebody is invited to become a user.
        Invitation,
        /// Somebody asked for a link to choose a new password.
        PasswordReset,
        /// Somebody's password was changed.
        PasswordChanged,
        /// Somebody wants to sign in with another address: a link to the new one.
        AddressChange,
        /// Somebody's address was changed: a notice to the old one.
        AddressChanged,
        /// An administrator removed somebody's second factor.
        SecondFactorRemoved,
        /// An application came in.
        ApplicationReceived,
        /// An applicant is asked for more.
        ApplicationActionRequired,
        /// An application was rejected.
        ApplicationRejected,
        /// A partner was suspended: to one of its administrators.
        PartnerSuspended,
        /// A partner was reinstated: to one of its administrators.
        PartnerReinstated,
        /// A partner was terminated: to one of its administrators.
        PartnerTerminated,
        /// What somebody is told of in the portal too.
        Notification,
    }

    /// What became of a mail.
    MailState {
        /// It waits for its next attempt.
        Queued,
        /// The server took it.
        Sent,
        /// When its turn came there was nothing to say any more: the link was used, taken back or had expired.
        NotNeeded,
        /// No way of sending mails is configured.
        NotSent,
        /// It was tried often enough.
        GivenUp,
    }
}
