//! The partner agreement: a versioned text. Who signs it names its version and hash, so that it is certain what was
//! signed.

use sha2::{Digest, Sha256};

/// The version in force.
pub const VERSION: i32 = 1;

/// The text in force.
pub const TEXT: &str = "Partner agreement, version 1

1. The partner markets, sells, integrates or services the vendor's products in its own name and on its own account.
2. Deals are registered in the portal. Protection is granted under the published rules of engagement, and ends at the \
instant that the registration shows.
3. Market development funds are requested before an activity begins, and paid against proof of execution and results.
4. Each side keeps what it learns of the other's customers and prices to itself, and uses it for joint business only.
5. Either side may end this agreement with a notice of 30 days. What was earned until then stays earned.
";

/// The hash of the text in force: SHA-256, in lower-case hexadecimal.
pub fn sha256() -> String {
    use std::fmt::Write as _;
    Sha256::digest(TEXT.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
