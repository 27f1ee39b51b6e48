//! Which passwords may be chosen: 12 to 256 characters of any kind, and none that is easily guessed: no common one (the
//! estimator brings the list of 30,000), none with the person's own words or the product's in it.

use unicode_normalization::UnicodeNormalization as _;

use crate::{
    kernel::code::Code,
    platform::{
        auth::passwords::MOST_BYTES,
        error::{AppError, AppResult},
    },
};

/// Everybody here thinks of these first.
const OUR_WORDS: &[&str] = &["partnerportal", "partner portal"];

/// Shorter words of a name or an address are parts of too many others.
const LEAST_WORD: usize = 4;

/// Checks a password that somebody chooses. `own_words` are what strangers know of them: name, address, company.
///
/// # Errors
/// `TOO_SHORT`, `TOO_LONG` or `WEAK_PASSWORD`, naming the field.
pub fn choose(password: String, field: &str, own_words: &[&str]) -> AppResult<String> {
    // As it is hashed. What is far too long is not looked at.
    let composed: String = password.chars().take(MOST_BYTES).nfc().collect();
    let length = composed.chars().count();
    if length < 12 {
        return Err(AppError::invalid(
            field,
            Code::TooShort,
            "A password has at least 12 characters. A few words make a good one.",
        ));
    }
    if length > 256 || password.len() > MOST_BYTES.saturating_mul(4) || composed.len() > MOST_BYTES {
        return Err(AppError::invalid(field, Code::TooLong, "A password has at most 256 characters."));
    }
    let own = words_of(own_words);
    let plain = composed.to_lowercase();
    if own.iter().map(String::as_str).chain(OUR_WORDS.iter().copied()).any(|word| plain.contains(word)) {
        let message = "This password has a word of your name, your address or your company in it. Use others.";
        return Err(AppError::invalid(field, Code::WeakPassword, message));
    }
    if zxcvbn::zxcvbn(&composed, own_words).score() < zxcvbn::Score::Three {
        let message = "This password is too easy to guess. Use a few words that do not belong together.";
        return Err(AppError::invalid(field, Code::WeakPassword, message));
    }
    Ok(password)
}

/// The words that names, addresses and domains are made of. The end of a domain is everybody's.
fn words_of(texts: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    for text in texts {
        let text = text.nfc().collect::<String>().to_lowercase();
        let whole = text.rsplit_once('.').filter(|_| text.contains('@')).map_or(text.as_str(), |(before, _)| before);
        words.extend(whole.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
    }
    words.retain(|word| word.chars().count() >= LEAST_WORD);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_unguessable_passwords_pass_and_others_do_not() {
        for taken in [
            "correct horse battery staple",
            "три выдры и байдарка",
            "Wasser!läuft#bergauf7",
            "川の上の三匹のかわうそたち",
        ] {
            assert!(choose(taken.to_owned(), "password", &[]).is_ok(), "{taken}");
        }
        for refused in ["short", "aaaaaaaaaaaaaaaa", &"x".repeat(257), &"x".repeat(2_000_000)] {
            assert!(choose((*refused).to_owned(), "password", &[]).is_err(), "{refused:.20}");
        }
    }

    #[test]
    fn a_password_has_twelve_to_256_characters_however_hard_it_is_to_guess() {
        let long = |length: usize| "forty otters and a kayak, ".chars().cycle().take(length).collect::<String>();
        for (password, code) in [
            ("kV9#tq!Zm2x".to_owned(), Some(Code::TooShort)),
            ("kV9#tq!Zm2xR".to_owned(), None),
            // Eleven characters, one of them written as two.
            ("kV9#tq!Zm2e\u{301}".to_owned(), Some(Code::TooShort)),
            (long(256), None),
            (long(257), Some(Code::TooLong)),
        ] {
            let refused = match choose(password.clone(), "password", &[]) {
                Err(AppError::Refused(problems)) => problems.first().map(|problem| problem.code),
                _ => None,
            };
            assert_eq!(refused, code, "{password:.20}");
        }
    }

    /// What stands first among the passwords of 12 and more characters in published lists of stolen ones.
    #[test]
    fn common_passwords_are_refused() {
        for refused in [
            "password1234",
            "123456789012",
            "1234567890123",
            "qwertyuiop12",
            "qwertyuiop123",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "q1w2e3r4t5y6",
            "zaq12wsxcde3",
            "passwordpassword",
            "Password123!",
            "Passw0rd1234",
            "iloveyou1234",
            "abcdefghijkl",
            "abc123abc123",
            "111111111111",
            "121212121212",
            "administrator",
            "welcome12345",
            "unbelievable",
            "letmeinletmein",
            "monkeymonkey",
            "football1234",
            "asdfghjkl123",
            "qazwsxedcrfv",
        ] {
            assert!(choose(refused.to_owned(), "password", &[]).is_err(), "{refused}");
        }
    }

    #[test]
    fn words_that_strangers_know_are_refused() {
        let own = ["Åsa Öberg-Quill", "asa.oberg@alpenblick-it.example", "Alpenblick IT GmbH"];
        for refused in [
            "velvet alpenblick harbour 7",
            "seven öberg lamps beside a canal",
            "O\u{308}berg and seven lamps at sea",
            "quillfeather storm lantern",
            "GMBH velvet lantern harbour",
            "my PartnerPortal lantern 58",
        ] {
            assert!(choose(refused.to_owned(), "password", &own).is_err(), "{refused}");
        }
        assert!(choose("seven example lamps beside it".to_owned(), "password", &own).is_ok());
    }
}
