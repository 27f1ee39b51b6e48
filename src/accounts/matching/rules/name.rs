//! A company's name, taken apart: the words that say which company it is, and what stands around them.

use super::{
    folding::{fold, skeleton},
    lists::{Class, LEGAL_FORMS, Suffix, WORDS, singular, suffix},
};

/// A word of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word, folded.
    pub text: String,
    /// The form that singular and plural share.
    pub stem: String,
    /// What it says.
    pub class: Class,
}

/// A name, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// The key that spellings share, in words.
    pub key: String,
    /// The words, without those that only connect.
    pub words: Vec<Word>,
    /// The words in one, without spaces.
    pub joined: String,
    /// What stands for everything that looks the same.
    pub skeleton: String,
    /// The legal forms that it has, as it has them.
    pub legal: Vec<String>,
    /// The families of those, one set each.
    pub families: Vec<Vec<usize>>,
    /// Where a registry says that it is registered: `/DE/`.
    pub registered_in: Option<String>,
    /// Letters of other alphabets stood among Latin ones.
    pub look_alikes: bool,
    /// Characters that cannot be seen were there.
    pub invisible: bool,
}

impl Name {
    /// Takes a name apart.
    pub fn parse(text: &str) -> Self {
        let mut name = Self::parse_once(text);
        // What taking apart lays open may be taken apart again; the end is fixed.
        for _ in 0..4 {
            let again = Self::parse_once(&name.key);
            if again.key == name.key {
                break;
            }
            name = Self {
                legal: [again.legal, name.legal].concat(),
                families: [again.families, name.families].concat(),
                registered_in: name.registered_in.or(again.registered_in),
                look_alikes: name.look_alikes || again.look_alikes,
                invisible: name.invisible || again.invisible,
                ..again
            };
        }
        name
    }

    fn parse_once(text: &str) -> Self {
        let folded = fold(text);
        let mut name = Self { look_alikes: folded.look_alikes, invisible: folded.invisible, ..Self::default() };
        let rest = name.take_suffixes(folded.text.trim());
        let mut words = split(rest);
        name.take_legal_forms(&mut words);
        while words.len() > 1 && words.first().is_some_and(|word| WORDS.is_article(word)) {
            words.remove(0);
        }
        while words.len() > 1 && words.last().is_some_and(|word| word == "the") {
            words.pop();
        }
        name.take_legal_forms(&mut words);
        if words.is_empty() {
            words.push(folded.text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        for word in &mut words {
            let full = WORDS.in_full(word);
            if full != word {
                *word = full.to_owned();
            }
        }
        name.key = words.join(" ");
        let says = |word: &&String| !WORDS.is_connector(word);
        let listed: Vec<&String> = words.iter().filter(says).collect();
        let listed = if listed.is_empty() { words.iter().collect() } else { listed };
        name.joined = listed.iter().map(|word| word.as_str()).collect();
        name.words = listed.into_iter().map(|word| Word::of(word)).collect();
        name.skeleton = skeleton(&name.joined);
        name
    }

    /// Takes `/DE/`, `\NEW` and the like off the end.
    fn take_suffixes<'a>(&mut self, mut text: &'a str) -> &'a str {
        let slash = |c: char| c == '/' || c == '\\';
        for _ in 0..3 {
            let open = text.trim_end_matches(slash).trim_end();
            let closed = open.len() < text.len();
            let Some((rest, word)) = open.rsplit_once(slash) else { return if open.is_empty() { text } else { open } };
            let before = rest.trim_end_matches(|c: char| slash(c) || c.is_whitespace());
            let ends_in_form = split(before).last().is_some_and(|last| LEGAL_FORMS.after(last).is_some());
            let apart = closed || rest.len() > before.len() || rest.ends_with('.') || ends_in_form;
            match suffix(word.trim()) {
                Some(kind) if apart && !before.is_empty() => {
                    if matches!(kind, Suffix::Place) {
                        self.registered_in.get_or_insert_with(|| word.trim().to_owned());
                    }
                    text = before;
                }
                _ => return open,
            }
        }
        text
    }

    fn take_legal_forms(&mut self, words: &mut Vec<String>) {
        for word in words.iter_mut() {
            for (form, families) in LEGAL_FORMS.glued() {
                let rest = word.strip_suffix(form).or_else(|| word.strip_prefix(form)).filter(|rest| !rest.is_empty());
                if let Some(rest) = rest {
                    self.legal.push(form.to_owned());
                    self.families.push(families.to_vec());
                    *word = rest.to_owned();
                }
            }
        }
        while let Some((start, form, families)) = trailing_form(words) {
            self.legal.push(form);
            self.families.push(families);
            words.truncate(start);
        }
        while let Some((end, form, families)) = leading_form(words) {
            self.legal.push(form);
            self.families.push(families);
            words.drain(..end);
        }
    }

    /// The words that are more than structure; all of them when there is nothing else.
    pub fn core(&self) -> Vec<&Word> {
        let core: Vec<_> =
            self.words.iter().filter(|word| !matches!(word.class, Class::Structure | Class::Little)).collect();
        if core.is_empty() { self.words.iter().collect() } else { core }
    }

    /// Whether it has a word of its own, that no list of common words knows.
    pub fn has_own_word(&self) -> bool {
        self.words.iter().any(|word| word.class == Class::Own && word.text.chars().count() > 1)
    }

    /// Whether it is paper to invest through.
    pub fn is_vehicle(&self) -> bool {
        self.words.iter().any(|word| word.class == Class::Vehicle)
    }

    /// Whether it is a business of which each town has its own.
    pub fn is_local(&self) -> bool {
        self.words.iter().any(|word| WORDS.is_local(&word.text))
    }

    /// The numbers in it, in order.
    pub fn numbers(&self) -> Vec<&str> {
        self.words.iter().filter(|word| word.class == Class::Number).map(|word| word.text.as_str()).collect()
    }
}

impl Word {
    fn of(text: &str) -> Self {
        Self { text: text.to_owned(), stem: singular(text), class: WORDS.class(text) }
    }
}

/// The words of a folded text. Apostrophes join, letters of an abbreviation stay together, `&` is a word, all other
/// punctuation separates; what stands in parentheses and speaks of shares is left out.
fn split(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut inside: Option<usize> = None;
    let mut word = String::new();
    let push = |word: &mut String, words: &mut Vec<String>| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
    };
    for c in text.chars() {
        match c {
            '\'' | '’' | '‘' | '`' | '´' | 'ʼ' | '′' | '＇' | 'ʻ' => {}
            '&' | '+' => {
                push(&mut word, &mut words);
                words.push("and".to_owned());
            }
            '(' | '[' => {
                push(&mut word, &mut words);
                inside = Some(words.len());
            }
            ')' | ']' => {
                push(&mut word, &mut words);
                if let Some(start) = inside.take() {
                    let aside = words.get(start..).unwrap_or_default();
                    let empty = |word: &String| WORDS.is_article(word) || LEGAL_FORMS.before(word).is_some();
                    if aside.first().is_some_and(|word| WORDS.is_of_shares(word)) || aside.iter().all(empty) {
                        words.truncate(start);
                    }
                }
            }
            c if c.is_alphanumeric() || is_part_of_a_letter(c) => word.push(c),
            _ => push(&mut word, &mut words),
        }
    }
    push(&mut word, &mut words);
    while words.last().is_some_and(|word| word == "and") {
        words.pop();
    }
    while words.first().is_some_and(|word| word == "and") {
        words.remove(0);
    }
    join_letters(words)
}

/// Vowel signs and the like, which belong to the letter before.
fn is_part_of_a_letter(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// `u s` and `j m`: letters of an abbreviation, together.
fn join_letters(words: Vec<String>) -> Vec<String> {
    let letter = |word: &String| word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut joining = false;
    for word in words {
        let is_letter = letter(&word);
        match out.last_mut() {
            Some(last) if joining && is_letter => last.push_str(&word),
            _ => out.push(word),
        }
        joining = is_letter;
    }
    out
}

type Form = (usize, String, Vec<usize>);

fn trailing_form(words: &[String]) -> Option<Form> {
    let longest = LEGAL_FORMS.most_words().min(words.len().saturating_sub(1));
    for length in (1..=longest).rev() {
        let start = words.len() - length;
        let phrase = words.get(start..)?.join(" ");
        let Some(families) = LEGAL_FORMS.after(&phrase) else { continue };
        let mut rest = start;
        while rest > 0 && words.get(rest - 1).is_some_and(|word| word == "and") {
            rest -= 1;
        }
        let says_something = words.get(..rest)?.iter().any(|word| !WORDS.is_connector(word) && !WORDS.is_article(word));
        if says_something {
            return Some((rest, phrase, families.to_vec()));
        }
    }
    None
}

fn leading_form(words: &[String]) -> Option<Form> {
    let longest = LEGAL_FORMS.most_words().min(words.len().saturating_sub(1));
    (1..=longest).rev().find_map(|length| {
        let phrase = words.get(..length)?.join(" ");
        let families = LEGAL_FORMS.before(&phrase)?;
        let next = words.get(length)?;
        (!WORDS.is_connector(next)).then(|| (length, phrase, families.to_vec()))
    })
}
