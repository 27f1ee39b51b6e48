//! The lists that matching knows, as data (`data/*.txt`): read once, from the binary itself.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// What a word says about which company it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Between other words: `de`, `van`.
    Little,
    /// How a group is built: `Group`, `Holdings`, `International`.
    Structure,
    /// What it does or sells: `Foods`, `Systems`.
    Activity,
    /// Part of the world.
    Place,
    /// Paper to invest through: `Fund`.
    Vehicle,
    /// An ordinary word: `First`, `United`.
    Common,
    /// A number, in digits or Roman.
    Number,
    /// None of those: a word of its own.
    Own,
}

/// A family of legal forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalForm {
    /// The countries that know it; empty for all of them.
    pub countries: Vec<&'static str>,
    /// Company, partnership, other.
    pub kind: char,
}

/// Legal forms by how they read after folding.
pub struct LegalForms {
    families: Vec<LegalForm>,
    after: HashMap<&'static str, Vec<usize>>,
    before: HashMap<&'static str, Vec<usize>>,
    glued: Vec<(&'static str, Vec<usize>)>,
    most_words: usize,
}

impl LegalForms {
    /// The families of a form that stands at the end of names.
    pub fn after(&self, phrase: &str) -> Option<&[usize]> {
        self.after.get(phrase).map(Vec::as_slice)
    }

    /// The families of a form that stands at the beginning of names.
    pub fn before(&self, phrase: &str) -> Option<&[usize]> {
        self.before.get(phrase).map(Vec::as_slice)
    }

    /// Forms of scripts that write words without a space between them.
    pub fn glued(&self) -> impl Iterator<Item = (&'static str, &[usize])> {
        self.glued.iter().map(|(form, families)| (*form, families.as_slice()))
    }

    /// A family by its place.
    pub fn family(&self, place: usize) -> Option<&LegalForm> {
        self.families.get(place)
    }

    /// How many words the longest form has.
    pub fn most_words(&self) -> usize {
        self.most_words
    }
}

/// The world's legal forms.
pub static LEGAL_FORMS: LazyLock<LegalForms> = LazyLock::new(|| {
    let mut forms = LegalForms {
        families: Vec::new(),
        after: HashMap::new(),
        before: HashMap::new(),
        glued: Vec::new(),
        most_words: 1,
    };
    for (head, listed) in lines(include_str!("data/legal_forms.txt")) {
        let (countries, kind) = head.rsplit_once(' ').unwrap_or((head, "c"));
        let family = forms.families.len();
        let countries = countries.split(' ').filter(|country| *country != "*").collect();
        forms.families.push(LegalForm { countries, kind: kind.chars().next().unwrap_or('c') });
        for form in listed.split(';').map(str::trim).filter(|form| !form.is_empty()) {
            let (leading, form) = form.strip_prefix('>').map_or((false, form), |form| (true, form));
            forms.most_words = forms.most_words.max(form.split(' ').count());
            forms.after.entry(form).or_default().push(family);
            if leading {
                forms.before.entry(form).or_default().push(family);
            }
            if form.chars().all(written_without_spaces) && form.chars().count() > 1 {
                forms.glued.push((form, vec![family]));
            }
        }
    }
    forms.glued.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
    forms
});

fn written_without_spaces(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

/// The words that many companies share, and those that say nothing at all.
pub struct Words {
    classes: HashMap<&'static str, Class>,
    local: HashSet<&'static str>,
    articles: HashSet<&'static str>,
    connectors: HashSet<&'static str>,
    shares: HashSet<&'static str>,
    abbreviations: HashMap<&'static str, &'static str>,
    forms: HashMap<&'static str, &'static str>,
}

impl Words {
    /// The class of a word, in either number; `Own` for what no list has.
    pub fn class(&self, word: &str) -> Class {
        if is_number(word) {
            return Class::Number;
        }
        let listed = |word: &str| self.classes.get(word).copied();
        listed(word).or_else(|| listed(&singular(word))).or_else(|| listed(&format!("{word}s"))).unwrap_or(Class::Own)
    }

    /// Whether each town has a business of its own of this kind.
    pub fn is_local(&self, word: &str) -> bool {
        self.local.contains(word)
    }

    /// Whether a word is an article, which names begin with.
    pub fn is_article(&self, word: &str) -> bool {
        self.articles.contains(word)
    }

    /// Whether a word connects others and says nothing itself.
    pub fn is_connector(&self, word: &str) -> bool {
        self.connectors.contains(word)
    }

    /// Whether a word in parentheses speaks of shares.
    pub fn is_of_shares(&self, word: &str) -> bool {
        self.shares.contains(word)
    }

    /// The word in full.
    pub fn in_full<'a>(&self, word: &'a str) -> &'a str
    where
        'static: 'a,
    {
        self.abbreviations.get(word).copied().unwrap_or(word)
    }

    /// A word of a legal form in short.
    pub fn in_short<'a>(&self, word: &'a str) -> &'a str
    where
        'static: 'a,
    {
        self.forms.get(word).copied().unwrap_or(word)
    }
}

/// The words.
pub static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words {
        classes: HashMap::new(),
        local: HashSet::new(),
        articles: HashSet::new(),
        connectors: HashSet::new(),
        shares: HashSet::new(),
        abbreviations: HashMap::new(),
        forms: HashMap::new(),
    };
    for (head, listed) in lines(include_str!("data/little_words.txt")) {
        let listed = listed.split_whitespace();
        match head {
            "article" => words.articles.extend(listed),
            "connector" => words.connectors.extend(listed),
            "share" => words.shares.extend(listed),
            _ => words.classes.extend(listed.map(|word| (word, Class::Little))),
        }
    }
    for (head, listed) in lines(include_str!("data/words.txt")) {
        let class = match head {
            "structure" => Class::Structure,
            "activity" => Class::Activity,
            "vehicle" => Class::Vehicle,
            "place" => Class::Place,
            "local" => {
                words.local.extend(listed.split_whitespace());
                continue;
            }
            _ => Class::Common,
        };
        for word in listed.split_whitespace() {
            words.classes.entry(word).or_insert(class);
        }
    }
    let pairs =
        |text: &'static str| text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '));
    words.abbreviations.extend(pairs(include_str!("data/abbreviations.txt")));
    words.forms.extend(pairs(include_str!("data/legal_words.txt")));
    words
});

/// What registries append to names after a slash.
pub enum Suffix {
    /// Where it is registered: tells companies of one name apart.
    Place,
    /// A kind of paper, or one registration of several.
    Paper,
}

static SUFFIXES: LazyLock<HashMap<&'static str, bool>> = LazyLock::new(|| {
    let mut suffixes = HashMap::new();
    for (head, listed) in lines(include_str!("data/suffixes.txt")) {
        for word in listed.split_whitespace() {
            suffixes.entry(word).or_insert(head == "place");
        }
    }
    suffixes
});

/// What a word after a slash at the end of a name says.
pub fn suffix(word: &str) -> Option<Suffix> {
    SUFFIXES.get(word).map(|place| if *place { Suffix::Place } else { Suffix::Paper })
}

fn lines(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .map(|(head, listed)| (head.trim(), listed.trim()))
}

/// The form that singular and plural share.
pub fn singular(word: &str) -> String {
    match word {
        _ if word.len() < 4 || !word.is_ascii() => word.to_owned(),
        _ if word.ends_with("ies") && word.len() > 4 => format!("{}y", word.trim_end_matches("ies")),
        _ if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") => word.to_owned(),
        _ => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

fn is_number(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit())
        || matches!(
            word,
            "ii" | "iii" | "iv" | "vi" | "vii" | "viii" | "ix" | "xi" | "xii" | "xiii" | "xiv" | "xv" | "xvi"
        )
}
