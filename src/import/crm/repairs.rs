//! What is misspelt in a CRM, and how it is read. Everything repaired here is said in a warning.

use entity::value::Country;

/// Misspelt sectors, and how they are read. A sector that is not here is kept as it was typed.
const SECTORS: &[(&str, &str)] = &[("technolgy", "technology")];

/// Names of countries besides the usual English ones, and how they are read: misspelt ones, short ones, and `Korea`,
/// which nearly always means the Republic.
const COUNTRIES: &[(&str, &str)] = &[
    ("Czechia", "CZ"),
    ("Great Britain", "GB"),
    ("Korea", "KR"),
    ("Philipines", "PH"),
    ("South Korea", "KR"),
    ("Türkiye", "TR"),
    ("UK", "GB"),
    ("United Kingdom", "GB"),
    ("United States of America", "US"),
    ("USA", "US"),
];

/// The usual English names of countries by their codes, from the time zone database (public domain).
const NAMES: &str = include_str!("countries.tsv");

/// Something that was read, and whether that needed a repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// What was read.
    pub value: T,
    /// Whether it was written otherwise.
    pub repaired: bool,
}

/// A sector; none when the cell is empty.
#[must_use]
pub fn sector(typed: &str) -> Option<Read<String>> {
    let repair = SECTORS.iter().find(|(misspelt, _)| misspelt.eq_ignore_ascii_case(typed));
    let value = repair.map_or(typed, |(_, meant)| meant);
    (!typed.is_empty()).then(|| Read { value: value.to_owned(), repaired: repair.is_some() })
}

/// A country by its name or its code.
#[must_use]
pub fn country(typed: &str) -> Option<Read<Country>> {
    let usual = NAMES.lines().filter_map(|line| line.split_once('\t'));
    let usual = usual.filter(|(code, name)| *code == typed || name.eq_ignore_ascii_case(typed));
    let usual = usual.map(|(code, _)| (code, false));
    let others = COUNTRIES.iter().filter(|(name, _)| name.eq_ignore_ascii_case(typed)).map(|(_, code)| (*code, true));
    let (code, repaired) = usual.chain(others).next()?;
    Some(Read { value: code.parse().ok()?, repaired })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_misspelt_is_read_and_said() {
        assert_eq!(sector("technolgy"), Some(Read { value: "technology".to_owned(), repaired: true }));
        assert_eq!(sector("medical"), Some(Read { value: "medical".to_owned(), repaired: false }));
        assert_eq!(sector(""), None);
        for (typed, code, repaired) in [
            ("United States", "US", false),
            ("DE", "DE", false),
            ("germany", "DE", false),
            ("Korea", "KR", true),
            ("Philipines", "PH", true),
            ("Philippines", "PH", false),
        ] {
            assert_eq!(
                country(typed).map(|read| (read.value.code(), read.repaired)),
                Some((code, repaired)),
                "{typed}"
            );
        }
        for typed in ["", "Atlantis", "de"] {
            assert_eq!(country(typed), None, "{typed}");
        }
    }

    #[test]
    fn every_country_of_the_tables_exists() {
        let codes = NAMES.lines().filter_map(|line| line.split_once('\t')).map(|(code, _)| code);
        for code in codes.chain(COUNTRIES.iter().map(|(_, code)| *code)) {
            assert!(code.parse::<Country>().is_ok(), "{code}");
        }
        assert_eq!(NAMES.lines().count(), 249);
    }
}
