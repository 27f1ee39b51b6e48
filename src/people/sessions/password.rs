//! Which passwords may be chosen: 12 to 256 characters of any kind, and none that is easily guessed.

use crate::{
    kernel::code::Code,
    platform::error::{AppError, AppResult},
};

/// Checks a password that somebody chooses.
///
/// # Errors
/// `TOO_SHORT`, `TOO_LONG` or `WEAK_PASSWORD`, naming the field.
pub fn choose(password: String, field: &str, own_words: &[&str]) -> AppResult<String> {
    let length = password.chars().count();
    if length < 12 {
        return Err(AppError::invalid(
            field,
            Code::TooShort,
            "A password has at least 12 characters. A few words make a good one.",
        ));
    }
    if length > 256 || password.len() > 1024 {
        return Err(AppError::invalid(field, Code::TooLong, "A password has at most 256 characters."));
    }
    if zxcvbn::zxcvbn(&password, own_words).score() < zxcvbn::Score::Three {
        let message = "This password is too easy to guess. Use a few words that do not belong together.";
        return Err(AppError::invalid(field, Code::WeakPassword, message));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_unguessable_passwords_pass_and_others_do_not() {
        assert!(choose("correct horse battery staple".to_owned(), "password", &[]).is_ok());
        for refused in ["short", "password1234", "aaaaaaaaaaaaaaaa", "qwertyuiop123", &"x".repeat(257)] {
            assert!(choose((*refused).to_owned(), "password", &[]).is_err(), "{refused}");
        }
    }
}
