//! The words of files that prove evidence.

use entity::value::{EvidenceFileId, EvidenceId, PartnerId, RegistrationId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::platform::graphql::upload::Upload;

/// How many files an item of evidence has at most.
pub const MOST_FILES: u64 = 5;

/// How many bytes all files of a partner have at most: nobody fills the disk of all others.
pub const MOST_BYTES_OF_PARTNER: i64 = 2 * 1024 * 1024 * 1024;

/// How long a link to a file works.
pub const LINK_SECONDS: i64 = 300;

/// How long the name of a file is at most, in characters.
pub const LONGEST_NAME: usize = 200;

/// A file that proves an item of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFile {
    /// Its id.
    pub id: EvidenceFileId,
    /// The evidence.
    pub evidence_id: EvidenceId,
    /// The registration that the evidence is of.
    pub registration_id: RegistrationId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// What its sender calls it.
    pub name: String,
    /// What it is, by its content.
    pub media_type: String,
    /// How many bytes it has.
    pub size_bytes: i64,
    /// SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: String,
    /// Where it lies.
    pub storage_key: String,
    /// When it was added.
    pub added_at: Timestamp,
    /// Who added it.
    pub added_by: Option<UserId>,
}

/// What the audit says of a file: which it is, and nothing of what it is called.
#[derive(Serialize)]
pub struct Audited<'a> {
    /// The file.
    pub id: EvidenceFileId,
    /// The evidence.
    pub evidence_id: EvidenceId,
    /// What it is, by its content.
    pub media_type: &'a str,
    /// How many bytes it has.
    pub size_bytes: i64,
    /// SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: &'a str,
}

impl EvidenceFile {
    /// What the audit says of it.
    #[must_use]
    pub fn audited(&self) -> Audited<'_> {
        let Self { id, evidence_id, media_type, size_bytes, sha256, .. } = self;
        Audited { id: *id, evidence_id: *evidence_id, media_type, size_bytes: *size_bytes, sha256 }
    }
}

/// A file is added to an item of evidence.
#[derive(Clone, Debug)]
pub struct Attach {
    /// The evidence.
    pub evidence_id: EvidenceId,
    /// The file.
    pub file: Upload,
}

/// The name of a file without the folders that it lay in, as far as it can be shown.
#[must_use]
pub fn name_of(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|c| !crate::kernel::text::is_out_of_line(*c)).take(LONGEST_NAME).collect();
    let shown = shown.trim().trim_start_matches('.');
    if crate::kernel::text::shows_something(shown) { shown.to_owned() } else { "file".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_folders_and_nothing_that_cannot_be_shown() {
        for (sent, kept) in [
            ("minutes.pdf", "minutes.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\kim\\Angebot Größe.docx", "Angebot Größe.docx"),
            ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie: b.pdf"),
            ("exe\u{202e}fdp.pdf", "exefdp.pdf"),
            ("", "file"),
            ("..", "file"),
            (".htaccess", "htaccess"),
            ("\u{200b}", "file"),
        ] {
            assert_eq!(name_of(sent), kept, "{sent:?}");
        }
        assert_eq!(name_of(&"x".repeat(1_000)).len(), LONGEST_NAME);
    }
}
