//! Text as it is compared: one form for what looks or reads the same. Unicode's own tables do the work: NFKC and full
//! case folding, the confusables of UTS 39, scripts of UAX 24.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization as _;
use unicode_script::{Script, UnicodeScript as _};
use unicode_security::confusable_detection::skeleton as confusables;

use crate::kernel::domains::Domain;

/// A text folded, and what was noticed on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// Lower case, without accents, punctuation kept.
    pub text: String,
    /// Letters of another alphabet stood among Latin ones.
    pub look_alikes: bool,
    /// Characters that cannot be seen were there.
    pub invisible: bool,
}

/// Folds a text: compatibility forms, invisible characters, look-alike letters among Latin ones, case, accents.
pub fn fold(text: &str) -> Folded {
    let mut folded = Folded::default();
    let mut visible = String::with_capacity(text.len());
    for c in text.nfkc() {
        match c {
            '\u{2800}' => visible.push(' '),
            c if c.is_whitespace() => visible.push(' '),
            c if c.is_control() || is_invisible(c) => folded.invisible = true,
            c => visible.push(c),
        }
    }
    if visible.is_ascii() {
        folded.text = visible.to_ascii_lowercase();
        return folded;
    }
    let latin = latin_words(&visible, &mut folded.look_alikes);
    let lower = UniCase::unicode(latin.as_str()).to_folded_case();
    let mut plain = String::with_capacity(lower.len());
    for c in lower.nfkd().filter(|c| !is_accent(*c)) {
        if !c.is_ascii() && c.script() == Script::Latin {
            // What Unicode does not take apart: ø, ł, æ, ð, þ.
            plain.push_str(&deunicode::deunicode_char(c).unwrap_or_default().to_ascii_lowercase());
        } else {
            plain.push(c);
        }
    }
    folded.text = plain.nfkc().collect();
    folded
}

/// Words that mix Latin letters with letters of an alphabet that has look-alikes, with those letters in Latin.
fn latin_words(text: &str, found: &mut bool) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric() && !is_accent(c)) {
        let latin = word.chars().any(|c| c.script() == Script::Latin);
        if latin && word.chars().any(is_alphabet_with_look_alikes) {
            *found = true;
            word.chars().for_each(|c| push_in_latin(&mut out, c));
        } else {
            out.push_str(word);
        }
    }
    out
}

fn push_in_latin(out: &mut String, c: char) {
    if !is_alphabet_with_look_alikes(c) {
        return out.push(c);
    }
    // A look-alike in one case only still stands for the letter.
    let upper = c.to_uppercase();
    let spellings = [confusables(&c.to_string()).collect::<String>(), confusables(&upper.to_string()).collect()];
    match spellings.iter().find(|spelling| spelling.is_ascii()) {
        Some(spelling) => out.push_str(spelling),
        None => out.push(c),
    }
}

fn is_alphabet_with_look_alikes(c: char) -> bool {
    use Script::{Armenian, Cherokee, Coptic, Cyrillic, Georgian, Greek, Lisu};
    matches!(c.script(), Cyrillic | Greek | Armenian | Cherokee | Coptic | Georgian | Lisu)
}

/// What stands for everything that looks the same as a folded text: two texts look alike when their skeletons are equal.
pub fn skeleton(folded: &str) -> String {
    let mut skeleton = String::with_capacity(folded.len());
    for c in confusables(folded) {
        match c {
            // Case is folded before: a capital I looks like the l that the tables map it to.
            'i' | 'j' | '1' | '|' | '!' => skeleton.push('l'),
            '0' => skeleton.push('o'),
            c if c.is_alphanumeric() => skeleton.extend(c.to_lowercase()),
            _ => {}
        }
    }
    skeleton
}

/// What stands for all domains that look the same as this one.
pub fn domain_looks(domain: &Domain) -> String {
    let shown = fold(&domain.shown()).text;
    let labels: Vec<String> = shown.split('.').map(skeleton).collect();
    labels.join(".")
}

/// The sound of another script in Latin letters, roughly: for comparing across scripts, never for equality.
pub fn transliterated(folded: &str) -> String {
    deunicode::deunicode(folded).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Characters that leave no mark (Unicode's Default_Ignorable_Code_Point, and formatting).
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Marks that are written over letters of alphabets. Those of Indic scripts, of Thai and of kana are letters: kept.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}'
        | '\u{05C2}' | '\u{05C4}' | '\u{05C5}' | '\u{05C7}' | '\u{064B}'..='\u{065F}' | '\u{0670}'
        | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}
