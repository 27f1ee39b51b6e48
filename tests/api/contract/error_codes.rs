//! `docs/errors.md` lists every code that callers can meet, and no other.

use std::collections::BTreeSet;

use partner_portal::{platform::graphql::errors::TopCode, schema};

/// The codes in the first column of the table under a heading.
fn documented(heading: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string("docs/errors.md").unwrap();
    let section = text.split("\n## ").find(|section| section.starts_with(heading)).expect("the heading is there");
    section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned)).collect()
}

#[test]
fn user_error_codes_are_documented() {
    let sdl = schema::sdl();
    let declared = sdl.split("enum UserErrorCode {").nth(1).unwrap().split("\n}").next().unwrap();
    let in_capitals = |word: &&str| word.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
    let codes: BTreeSet<String> = declared
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .filter(in_capitals)
        .map(str::to_owned)
        .collect();
    assert_eq!(documented("userErrors"), codes);
}

#[test]
fn top_level_codes_are_documented() {
    let codes: BTreeSet<String> = TopCode::ALL.iter().map(|code| code.word().to_owned()).collect();
    assert_eq!(documented("Top-level errors"), codes);
}
