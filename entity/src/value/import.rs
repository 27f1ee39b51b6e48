//! Stored words of imports.

use super::states::stored_words;

stored_words! {
    /// What became of a row.
    ImportOutcome {
        /// It is in the portal.
        Imported,
        /// A rule refused it; nothing was changed.
        Refused,
    }

    /// How far an opportunity was replayed.
    ImportStep {
        /// The deal is registered, without evidence.
        Registered,
        /// The registration was put before the rules with the evidence of the other system.
        Decided,
        /// The deal was won or lost.
        Closed,
    }
}
