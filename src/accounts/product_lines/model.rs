//! The words of product lines.

use entity::value::{ProductLineId, Timestamp};
use serde::{Deserialize, Serialize};

/// A product line of the vendor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductLine {
    /// Its id.
    pub id: ProductLineId,
    /// Its short code, in capitals.
    pub code: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A product line about to be created.
#[derive(Clone, Debug)]
pub struct NewProductLine {
    /// Its short code, in capitals.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A code as it is stored: capitals, digits, and `-` or `_` between them; none when the text is no code.
#[must_use]
pub fn code(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let good = code.len() <= 40 && code.chars().all(fits) && ends(code.chars().next()) && ends(code.chars().last());
    good.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_capitals_digits_and_dashes_between_them() {
        for (text, wanted) in [
            (" gtx-pro ", Some("GTX-PRO")),
            ("A", Some("A")),
            ("MG_500", Some("MG_500")),
            ("", None),
            ("-A", None),
            ("A-", None),
            ("GTX Pro", None),
            ("ÄB", None),
        ] {
            assert_eq!(code(text).as_deref(), wanted, "{text:?}");
        }
    }
}
