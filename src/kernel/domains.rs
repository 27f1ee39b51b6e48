//! Registrable domains: what a website says about who somebody is (`domain.md §2`, `§3`). UTS 46 by `idna`, the whole
//! public suffix list by `psl`, and lists of hosts that many share (`data/*.txt`, with their sources).

use std::{collections::HashMap, fmt, net::Ipv4Addr, sync::LazyLock};

use serde::{Deserialize, Serialize};

/// A registrable domain in its one form: lower case, in the letters of IDNA, without a dot at its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Domain(String);

/// Why an equal domain says nothing about who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// A provider of mailboxes for everybody.
    FreeMail,
    /// A host on which many companies have a page.
    SharedHost,
    /// A host that shows names for sale.
    Parked,
}

impl Domain {
    /// The registrable domain of a website as people write it: an address, a host, with or without scheme, user, port
    /// and path. None when the text names no host of the public internet.
    #[must_use]
    pub fn parse(website: &str) -> Option<Self> {
        let text = visible(website);
        let text = text.trim();
        let text = match text.split_once("://") {
            Some((scheme, rest)) => {
                let of_the_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
                of_the_web.then_some(rest)?
            }
            None => {
                // `mailto:` and the like: a word, a colon, and no port behind it.
                let other_scheme = text.split_once(':').is_some_and(|(head, rest)| {
                    head.bytes().all(|b| b.is_ascii_alphabetic()) && !rest.starts_with(|c: char| c.is_ascii_digit())
                });
                if other_scheme {
                    return None;
                }
                text.strip_prefix("//").unwrap_or(text)
            }
        };
        let authority = text.split(['/', '?', '#', '\\']).next()?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        match host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => Self::of_host(host),
            Some(_) => None,
            None => Self::of_host(host),
        }
    }

    /// The registrable domain of a host. None when it has none: an address of numbers, a name without a dot, a public
    /// suffix, an ending that nobody can register under.
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        let host = idna::domain_to_ascii(visible(host).trim().trim_matches('.')).ok()?;
        let host = host.trim_end_matches('.');
        let fits = |label: &str| {
            let letters = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            (1..=63).contains(&label.len())
                && label.bytes().all(letters)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // A host whose last label is a number is an IP address by another spelling.
        let numeric = host.rsplit('.').next().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
        if host.len() > 253 || numeric || !host.split('.').all(fits) || host.parse::<Ipv4Addr>().is_ok() {
            return None;
        }
        // RFC 2606 keeps `.example` for manuals and demonstrations: no list knows it, and no customer has it.
        let may_be_registered = |domain: &psl::Domain<'_>| domain.suffix().is_known() || host.ends_with(".example");
        let domain = psl::domain(host.as_bytes()).filter(may_be_registered)?;
        std::str::from_utf8(domain.as_bytes()).ok().map(|domain| Self(domain.to_owned()))
    }

    /// The domain as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain as text, given away.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// The domain as people read it, in the letters of its script.
    #[must_use]
    pub fn shown(&self) -> String {
        idna::domain_to_unicode(&self.0).0
    }

    /// Why an equal domain says nothing about who somebody is; none when it is its company's own.
    #[must_use]
    pub fn proves_nothing(&self) -> Option<Shared> {
        SHARED.get(self.0.as_str()).copied()
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

static SHARED: LazyLock<HashMap<&'static str, Shared>> = LazyLock::new(|| {
    let said = |line: &&str| !line.starts_with('#') && !line.is_empty();
    let mail = include_str!("data/free_mail.txt").lines().filter(said);
    let mut shared: HashMap<_, _> = mail.map(|domain| (domain, Shared::FreeMail)).collect();
    for line in include_str!("data/shared_hosts.txt").lines().filter(said) {
        let Some((head, domains)) = line.split_once(": ") else { continue };
        let why = if head == "parked" { Shared::Parked } else { Shared::SharedHost };
        shared.extend(domains.split_whitespace().map(|domain| (domain, why)));
    }
    shared
});

/// The text without what cannot be seen, with dots and slashes of other scripts as those of an address.
fn visible(text: &str) -> String {
    let seen = |c: &char| {
        !matches!(c,
            '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}')
    };
    let plain = |c| match c {
        '。' | '．' | '｡' => '.',
        '／' | '⁄' | '∕' => '/',
        '：' => ':',
        '＠' => '@',
        '？' => '?',
        '＃' => '#',
        c => c,
    };
    text.chars().filter(seen).map(plain).collect()
}
