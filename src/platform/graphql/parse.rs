//! Parsing at the door: texts become values that cannot be wrong, once.

use async_graphql::ID;
use entity::value::TypedId;
use std::str::FromStr;

use crate::{
    kernel::code::Code,
    platform::error::{AppError, AppResult},
};

/// An id of the wanted kind. One of another kind, or no id at all, is answered as what does not exist.
///
/// # Errors
/// `NOT_FOUND`, naming the field.
pub fn id<I: TypedId + FromStr>(id: &ID, field: &str) -> AppResult<I> {
    id.parse().map_err(|_| AppError::not_found(field))
}

/// A text of one line that people read: trimmed, composed (NFC), 1 to `most` characters, nothing invisible only, no
/// control characters and none that turn the direction of reading.
///
/// # Errors
/// `REQUIRED`, `TOO_LONG` or `MALFORMED`, naming the field.
pub fn line(text: &str, field: &str, most: usize) -> AppResult<String> {
    use unicode_normalization::UnicodeNormalization as _;
    let text: String = text.trim().nfc().collect();
    if !text.chars().any(|c| !is_invisible(c) && !c.is_whitespace()) {
        return Err(AppError::invalid(field, Code::Required, "This is required."));
    }
    if text.chars().count() > most {
        return Err(AppError::invalid(field, Code::TooLong, format!("This is at most {most} characters long.")));
    }
    if text.chars().any(|c| c.is_control() || turns_direction(c)) {
        return Err(AppError::invalid(
            field,
            Code::Malformed,
            "This has characters that cannot be shown. Type it anew.",
        ));
    }
    Ok(text)
}

/// A text of several lines: as [`line()`], but line breaks and tabs are kept.
///
/// # Errors
/// As [`line()`].
pub fn prose(text: &str, field: &str, most: usize) -> AppResult<String> {
    use unicode_normalization::UnicodeNormalization as _;
    line(&text.replace(['\n', '\r', '\t'], " "), field, most)?;
    Ok(text.replace("\r\n", "\n").trim().nfc().collect())
}

/// An e-mail address, and the key under which it is unique: composed, case folded.
///
/// # Errors
/// `MALFORMED`, naming the field.
pub fn email(text: &str, field: &str) -> AppResult<(String, String)> {
    use unicode_normalization::UnicodeNormalization as _;
    let text = line(text, field, 254)?;
    let malformed =
        || AppError::invalid(field, Code::Malformed, "This is not an e-mail address, such as name@example.com.");
    let parsed = email_address::EmailAddress::from_str(&text).map_err(|_| malformed())?;
    if !parsed.domain().contains('.') {
        return Err(malformed());
    }
    let key = text.nfkc().collect::<String>().to_lowercase();
    Ok((text, key))
}

/// A list with at most `most` items.
///
/// # Errors
/// `TOO_LONG`, naming the field.
pub fn at_most<T>(items: Vec<T>, field: &str, most: usize) -> AppResult<Vec<T>> {
    if items.len() > most {
        return Err(AppError::invalid(field, Code::TooLong, format!("At most {most} at once.")));
    }
    Ok(items)
}

/// How many items of a list that is no connection: from 1 to `most`.
///
/// # Errors
/// `OUT_OF_RANGE`, naming the field.
pub fn size(size: i32, field: &str, most: u64) -> AppResult<u64> {
    u64::try_from(size).ok().filter(|size| (1..=most).contains(size)).ok_or_else(|| {
        AppError::invalid(field, Code::OutOfRange, format!("Ask for 1 to {most} at once, not for {size}."))
    })
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_are_kept_and_tricks_are_refused() {
        for kept in ["O'Brien", "日本語", "Zoë 👩‍💻", "  padded  "] {
            assert!(line(kept, "name", 20).is_ok(), "{kept:?}");
        }
        for refused in ["", "   ", "\u{200B}\u{FEFF}", "a\u{0}b", "abc\u{202E}txt", "a\nb"] {
            assert!(line(refused, "name", 20).is_err(), "{refused:?}");
        }
        assert_eq!(line("e\u{301}", "name", 1).ok().as_deref(), Some("é"));
    }

    #[test]
    fn an_address_has_one_key_whatever_its_case() {
        let (shown, key) = email("Ana@Example.COM", "email").unwrap();
        assert_eq!((shown.as_str(), key.as_str()), ("Ana@Example.COM", "ana@example.com"));
        for refused in ["", "ana", "ana@", "@example.com", "ana@localhost", "a b@example.com"] {
            assert!(email(refused, "email").is_err(), "{refused:?}");
        }
    }
}
