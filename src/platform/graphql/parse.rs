//! Parsing at the door: texts become values that cannot be wrong, once.

use async_graphql::ID;
use entity::value::TypedId;
use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use crate::{
    kernel::{address, code::Code, text},
    platform::error::{AppError, AppResult},
};

/// An id of the wanted kind. One of another kind, or no id at all, is answered as what does not exist.
///
/// # Errors
/// `NOT_FOUND`, naming the field.
pub fn id<I: TypedId + FromStr>(id: &ID, field: &str) -> AppResult<I> {
    id.parse().map_err(|_| AppError::not_found(field))
}

/// A text of one line that people read: trimmed, composed (NFC), 1 to `most` characters of which at least one can be
/// seen, none that controls or breaks the line and none that turns the direction of reading.
///
/// # Errors
/// `REQUIRED`, `TOO_LONG` or `MALFORMED`, naming the field.
pub fn line(typed: &str, field: &str, most: usize) -> AppResult<String> {
    use unicode_normalization::UnicodeNormalization as _;
    let text: String = typed.trim().nfc().collect();
    if !text::shows_something(&text) {
        return Err(AppError::invalid(field, Code::Required, "This is required."));
    }
    if text.chars().count() > most {
        return Err(AppError::invalid(field, Code::TooLong, format!("This is at most {most} characters long.")));
    }
    if text.chars().any(text::is_out_of_line) {
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

/// An e-mail address, and the key under which it is unique, the same for all its spellings.
///
/// # Errors
/// `REQUIRED`, `TOO_LONG` or `MALFORMED`, naming the field.
pub fn email(text: &str, field: &str) -> AppResult<(String, String)> {
    let address = address::read(&line(text, field, 254)?).ok_or_else(|| {
        AppError::invalid(field, Code::Malformed, "This is not an e-mail address, such as name@example.com.")
    })?;
    Ok((address.shown, address.key))
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

/// A number between two bounds, where one is given.
///
/// # Errors
/// `OUT_OF_RANGE`, naming the field.
pub fn within<N, T>(number: Option<N>, bounds: RangeInclusive<N>, field: &str) -> AppResult<Option<T>>
where
    N: PartialOrd + Display + Copy,
    T: TryFrom<N>,
{
    let refused = || {
        let sentence = format!("This is from {} to {}.", bounds.start(), bounds.end());
        AppError::invalid(field, Code::OutOfRange, sentence)
    };
    let Some(number) = number else { return Ok(None) };
    if !bounds.contains(&number) {
        return Err(refused());
    }
    T::try_from(number).map(Some).map_err(|_| refused())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_are_kept_and_tricks_are_refused() {
        for kept in [
            "O'Brien",
            "日本語",
            "Zoë 👩‍💻",
            "  padded  ",
            "محمد",
            "Nguyễn Văn",
            "می‌خواهم",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "X",
            "名".repeat(20).as_str(),
        ] {
            assert!(line(kept, "name", 20).is_ok(), "{kept:?}");
        }
        for (refused, code) in [
            ("", Code::Required),
            ("   ", Code::Required),
            ("\u{A0}\u{3000}", Code::Required),
            ("\u{200B}\u{FEFF}", Code::Required),
            ("\u{2800}\u{3164}", Code::Required),
            ("\u{301}", Code::Required),
            ("\u{0}", Code::Required),
            ("a\u{0}b", Code::Malformed),
            ("a\u{7F}b", Code::Malformed),
            ("a\u{9B}31m", Code::Malformed),
            ("abc\u{202E}txt", Code::Malformed),
            ("abc\u{2066}txt", Code::Malformed),
            ("a\nb", Code::Malformed),
            ("a\u{2028}b", Code::Malformed),
            ("a\u{FFFF}b", Code::Malformed),
            ("x".repeat(21).as_str(), Code::TooLong),
        ] {
            let Err(AppError::Refused(problems)) = line(refused, "name", 20) else { panic!("{refused:?} was kept") };
            assert_eq!(problems.first().map(|problem| problem.code), Some(code), "{refused:?}");
        }
        assert_eq!(line("e\u{301}", "name", 1).ok().as_deref(), Some("é"));
    }

    #[test]
    fn an_address_comes_with_its_key() {
        let (shown, key) = email("Ana@Example.COM", "email").unwrap();
        assert_eq!((shown.as_str(), key.as_str()), ("Ana@Example.COM", "ana@example.com"));
        assert!(email("ana@localhost", "email").is_err());
    }
}
