//! Names of companies that do not exist, as varied as those that do: words of their own from syllables, ordinary words,
//! what they do, legal forms; some words are had by many, most by few.

const SYLLABLES: &[&str] = &[
    "al", "an", "ar", "bel", "ben", "bor", "bra", "cal", "car", "cen", "cor", "dal", "del", "den", "dor", "dra", "el",
    "en", "er", "fal", "fen", "fil", "flo", "gal", "gen", "gor", "gra", "hal", "hel", "hor", "il", "in", "is", "jan",
    "jor", "kal", "ken", "kor", "kra", "lan", "len", "lor", "lum", "mal", "men", "mir", "mor", "nal", "nel", "nor",
    "ol", "on", "or", "pal", "pen", "por", "pra", "qua", "ral", "ren", "rin", "ros", "sal", "sen", "sil", "sor", "tal",
    "ten", "tor", "tra", "ul", "un", "ur", "val", "ven", "vil", "vor", "wal", "wen", "wil", "xan", "xen", "yal", "yen",
    "zal", "zen", "zor", "a", "e", "i", "o",
];

const ORDINARY: &[&str] = &[
    "First", "United", "American", "National", "Blue", "Green", "Silver", "Golden", "North", "South", "Pacific",
    "Atlantic", "General", "Global", "Advanced", "Applied", "Premier", "Summit", "Valley", "River", "Oak", "Stone",
    "Bright", "Clear", "Smart", "True", "New", "Grand", "Royal", "Star",
];

const ACTIVITIES: &[&str] = &[
    "Technologies",
    "Systems",
    "Foods",
    "Energy",
    "Logistics",
    "Pharma",
    "Therapeutics",
    "Bank",
    "Insurance",
    "Media",
    "Software",
    "Solutions",
    "Materials",
    "Metals",
    "Mining",
    "Motors",
    "Networks",
    "Partners",
    "Capital",
    "Properties",
    "Retail",
    "Services",
    "Steel",
    "Telecom",
    "Textiles",
    "Tools",
    "Trading",
    "Transport",
    "Water",
    "Works",
];

const FORMS: &[&str] =
    &["Inc", "Corp", "GmbH", "AG", "Ltd", "LLC", "S.A.", "SpA", "BV", "AB", "Oy", "plc", "SARL", "KK", ""];

const COUNTRIES: &[&str] = &["US", "DE", "FR", "GB", "IT", "ES", "NL", "SE", "FI", "JP", "BR", "IN", "CA", "AU", "PL"];

/// A fixed stream of numbers (SplitMix64): every run has the same names.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most.max(1)).unwrap_or(1)).unwrap_or_default()
    }

    pub fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list.get(self.below(list.len())).copied().unwrap_or_default()
    }
}

pub struct Company {
    pub name: String,
    pub domain: Option<String>,
    pub country: &'static str,
}

/// The company of a number: the same in every run.
pub fn company(number: u64) -> Company {
    let mut numbers = Numbers(number);
    // A tenth of the companies share a thousand words of their own; the others have one of some millions.
    let seed = if numbers.below(10) == 0 { numbers.below(1_000) } else { numbers.below(4_000_000) };
    let mut letters = Numbers(0xACE0_0000 + u64::try_from(seed).unwrap_or_default());
    let own: String = (0..3 + letters.below(2)).map(|_| letters.of(SYLLABLES)).collect();
    let own = capital(&own);
    let core = match numbers.below(10) {
        0 => format!("{} {}", numbers.of(ORDINARY), numbers.of(ACTIVITIES)),
        1 => format!("{} {} {}", numbers.of(ORDINARY), own, numbers.of(ACTIVITIES)),
        2 | 3 => own.clone(),
        4 => format!("{own} & {}", capital(&format!("{}{}", numbers.of(SYLLABLES), numbers.of(SYLLABLES)))),
        5 => format!("{own} {} {}", numbers.of(ACTIVITIES), numbers.of(ACTIVITIES)),
        6 => format!("{own} Group"),
        _ => format!("{own} {}", numbers.of(ACTIVITIES)),
    };
    let domain = (numbers.below(2) == 0).then(|| format!("{}-{number}.com", own.to_lowercase()));
    let name = format!("{core} {}", numbers.of(FORMS)).trim().to_owned();
    Company { name, domain, country: numbers.of(COUNTRIES) }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Somebody who may be there already, as a person would type it: the same, in another case, with another form, with a
/// mistyped letter, shortened; or somebody new.
pub fn question(number: u64, known: u64) -> Company {
    let mut numbers = Numbers(number ^ 0x5EED_5EED);
    let mut asked = company(numbers.next() % known.max(1));
    match numbers.below(8) {
        0 => asked.name = asked.name.to_uppercase(),
        1 => asked.name = format!("{} Holdings", asked.name.split(' ').next().unwrap_or_default()),
        2 => {
            let at = 1 + numbers.below(asked.name.chars().count().saturating_sub(2));
            asked.name = asked.name.chars().enumerate().filter(|(place, _)| *place != at).map(|(_, c)| c).collect();
        }
        3 => asked.name = asked.name.replace(' ', "-"),
        4 => asked = company(known + number),
        5 => asked.domain = None,
        _ => asked.name = format!("The {}", asked.name),
    }
    asked
}
