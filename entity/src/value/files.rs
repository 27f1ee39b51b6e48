//! The words of files.

use super::states::stored_words;

stored_words! {
    /// What becomes of a file that somebody sent.
    StoredFileState {
        /// It is stored, and waits for the transaction that keeps it.
        Pending,
        /// It is kept.
        Kept,
        /// It was not kept in time and is being deleted.
        Condemned,
    }
}
