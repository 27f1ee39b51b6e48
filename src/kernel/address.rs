//! E-mail addresses (`domain.md §1`): one person, one address, however it is typed.
//!
//! What two spellings have in common is their key: the part before the `@` composed compatibly (NFKC) with full case
//! folding, the domain as the DNS knows it (UTS 46). Providers may tell `Ana` from `ana`; none that we know of gives
//! the two to different people, and a portal that did would let one pass for the other. What providers treat as equal
//! for themselves only, such as dots or `+tags`, stays apart here.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization as _;

use super::text::{folded, is_invisible, is_out_of_line};

/// The longest address that can be mailed to, in bytes (RFC 5321).
const LONGEST: usize = 254;

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// As it was typed, in ordinary letters: what is shown and mailed to.
    pub shown: String,
    /// The same for all spellings: under it the address is unique.
    pub key: String,
}

/// Reads an address as people type it. None when it is none: no domain below a top-level one, an IP address, a name
/// in front, a quoted or commented part, or a character that cannot be seen.
#[must_use]
pub fn read(typed: &str) -> Option<Address> {
    // A dot is a dot, also where people type ideographs.
    let shown = typed.trim().nfkc().collect::<String>().replace('\u{3002}', ".");
    let hidden = |c: char| c.is_whitespace() || is_invisible(c) || is_out_of_line(c);
    if shown.len() > LONGEST || typed.trim().chars().any(hidden) || shown.chars().any(hidden) {
        return None;
    }
    let (local, domain) = shown.rsplit_once('@')?;
    let domain = Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .ok()?;
    let (_, top) = domain.rsplit_once('.')?;
    // A host whose last label is a number is an IP address by another spelling.
    let is_name = !top.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = !local.contains(['"', '\\', '(', ')']) && email_address::EmailAddress::is_valid_local_part(local);
    (is_name && is_plain).then(|| Address { key: format!("{}@{domain}", folded(local)), shown: shown.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(typed: &str) -> Option<String> {
        read(typed).map(|address| address.key)
    }

    #[test]
    fn an_address_has_one_key_however_it_is_typed() {
        for (key_of_all, spellings) in [
            (
                "ana@example.com",
                &[
                    "ana@example.com",
                    "  Ana@Example.COM ",
                    "ANA@EXAMPLE.COM",
                    "ａｎａ@example.com",
                    "ＡＮＡ＠ｅｘａｍｐｌｅ．ｃｏｍ",
                    "ana@example。com",
                    "𝐚𝐧𝐚@example.com",
                    "ana@𝐞xample.com",
                ][..],
            ),
            (
                "ana@xn--exmple-cua.de",
                &[
                    "ana@exämple.de",
                    "ANA@Exämple.de",
                    "ana@EXÄMPLE.DE",
                    "ana@exa\u{308}mple.de",
                    "ana@xn--exmple-cua.de",
                    "ana@XN--EXMPLE-CUA.DE",
                ],
            ),
            (
                "zoë@example.com",
                &["zoë@example.com", "zoe\u{308}@example.com", "ZOË@example.com", "ZOE\u{308}@example.com"],
            ),
            ("strasse@example.com", &["straße@example.com", "STRASSE@example.com", "STRAẞE@example.com"]),
            ("σοφοσ@example.com", &["σοφος@example.com", "ΣΟΦΟΣ@example.com"]),
            ("ffi@example.com", &["ﬃ@example.com", "FFI@example.com"]),
            ("日本語@xn--wgv71a.jp", &["日本語@日本.jp"]),
            ("o'brien+deals@example.com", &["O'Brien+Deals@example.com"]),
            ("ana@a-b.c--d.example.com", &["ana@a-b.c--d.example.com"]),
        ] {
            for spelling in spellings {
                assert_eq!(key(spelling).as_deref(), Some(key_of_all), "{spelling:?}");
            }
            assert_eq!(key(key_of_all).as_deref(), Some(key_of_all), "a key is its own key");
        }
    }

    #[test]
    fn other_addresses_have_other_keys() {
        for (one, other) in [
            ("a.na@example.com", "ana@example.com"),
            ("ana+1@example.com", "ana@example.com"),
            ("ana@strasse.de", "ana@straße.de"),
            ("ana@mail.example.com", "ana@example.com"),
            // Cyrillic, which looks alike.
            ("аna@example.com", "ana@example.com"),
            ("ı@example.com", "i@example.com"),
        ] {
            assert!(key(one).is_some() && key(other).is_some(), "{one} {other}");
            assert_ne!(key(one), key(other));
        }
    }

    #[test]
    fn what_nobody_can_be_mailed_at_or_cannot_be_seen_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(65));
        let longer = format!("a@{}.com", "abcdefghi.".repeat(25));
        for typed in [
            "",
            "ana",
            "ana@",
            "@example.com",
            "ana@localhost",
            "ana@example.com.",
            "ana@.example.com",
            "ana@exa mple.com",
            "a b@example.com",
            "ana@bea@example.com",
            "ana@[127.0.0.1]",
            "ana@127.0.0.1",
            "ana@-example.com",
            "ana@exa_mple.com",
            "ana@xn--a.com",
            ".ana@example.com",
            "ana.@example.com",
            "a..na@example.com",
            "\"ana\"@example.com",
            "\"a b\"@example.com",
            "ana(comment)@example.com",
            "Ana <ana@example.com>",
            "ana@example.com\nbcc: bea@example.com",
            "ana\u{0}@example.com",
            "ana\u{200B}@example.com",
            "ana\u{AD}@example.com",
            "ana@exam\u{200D}ple.com",
            "ana@exam\u{AD}ple.com",
            "ana\u{202E}@example.com",
            "\u{2067}ana@example.com",
            "\u{FEFF}ana@example.com",
            "ana\u{FE0F}@example.com",
            "ana\u{A0}b@example.com",
            "ana\u{FFFE}@example.com",
            &long,
            &longer,
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn what_is_shown_is_what_was_typed_in_ordinary_letters() {
        for (typed, shown) in [(" Ana@Example.COM", "Ana@Example.COM"), ("Ａna@exa\u{308}mple。de", "Ana@exämple.de")]
        {
            assert_eq!(read(typed).map(|address| address.shown).as_deref(), Some(shown));
        }
    }
}
