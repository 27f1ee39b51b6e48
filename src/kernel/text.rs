//! Texts that people type: what makes two of them the same, and characters that nobody sees.

use unicase::UniCase;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A text without what case and form make different: Unicode's compatibility caseless match (D146), folded twice
/// because decomposing can bring new characters to fold.
#[must_use]
pub fn folded(text: &str) -> String {
    let fold = |text: String| UniCase::new(text).to_folded_case();
    let once: String = fold(text.nfd().collect()).nfkd().collect();
    fold(once).nfkc().collect()
}

/// Whether a character is drawn as nothing at all: format characters, fillers, variation selectors.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a text shows anything: white space, invisible characters and accents without a letter do not.
#[must_use]
pub fn shows_something(text: &str) -> bool {
    text.chars().any(|c| !is_invisible(c) && !c.is_whitespace() && !c.is_control() && !is_combining_mark(c))
}

/// Whether a character has no place in a line that people read: it controls a terminal, breaks the line, turns the
/// direction of reading, annotates what is not there, or is no character at all.
#[must_use]
pub fn is_out_of_line(c: char) -> bool {
    let code = u32::from(c);
    c.is_control()
        || matches!(c,
            '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{FDD0}'..='\u{FDEF}')
        || code & 0xFFFE == 0xFFFE
}
