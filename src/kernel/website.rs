//! Websites and their registrable domains (`domain.md §2`, `§3`): the public suffix list, IDNA, lower case.

use url::{Host, Url};

/// Hosts where many companies have a page: they say nothing about whose it is.
const SHARED_HOSTS: &[&str] = &[
    "about.me",
    "facebook.com",
    "instagram.com",
    "linkedin.com",
    "linktr.ee",
    "tiktok.com",
    "twitter.com",
    "x.com",
    "xing.com",
    "youtube.com",
];

/// A company's website.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Website {
    /// Its address, normalised.
    pub url: String,
    /// The registrable domain of its host: `acme.co.uk` for `https://www.acme.co.uk/about`.
    pub domain: String,
}

/// Reads a website as people type it, with or without `https://`. None when it has no registrable domain: an IP
/// address, a name without a dot, a public suffix; or when it is a page on a host that many share.
#[must_use]
pub fn read(text: &str) -> Option<Website> {
    let text = text.trim();
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) }.ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    let Some(Host::Domain(host)) = url.host() else { return None };
    let domain = registrable(host)?;
    (plain && !SHARED_HOSTS.contains(&domain.as_str())).then(|| Website { url: url.to_string(), domain })
}

/// The registrable domain of a host, in ASCII and lower case. None when there is none.
#[must_use]
pub fn registrable(host: &str) -> Option<String> {
    let host = idna::domain_to_ascii(host.trim_end_matches('.')).ok()?;
    let well_formed = host.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    });
    // A host whose last label is a number is an IP address by another spelling.
    let numeric = host.rsplit('.').next().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
    if !well_formed || numeric || host.len() > 253 || !host.contains('.') {
        return None;
    }
    psl::domain_str(&host).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_website_has_one_registrable_domain_however_it_is_typed() {
        for (typed, domain) in [
            ("https://www.acme.com/about?x=1", "acme.com"),
            ("acme.com", "acme.com"),
            ("  HTTP://Shop.ACME.com.:8080  ", "acme.com"),
            ("https://a.b.acme.co.uk", "acme.co.uk"),
            ("bücher.de", "xn--bcher-kva.de"),
            ("https://xn--bcher-kva.de", "xn--bcher-kva.de"),
            ("https://www.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
            ("ａｃｍｅ.com", "acme.com"),
            ("acme.github.io", "acme.github.io"),
            ("partner.example", "partner.example"),
        ] {
            assert_eq!(read(typed).map(|site| site.domain).as_deref(), Some(domain), "{typed:?}");
        }
    }

    #[test]
    fn what_has_no_registrable_domain_is_no_website_of_a_company() {
        for typed in [
            "",
            "acme",
            "localhost",
            "https://",
            "https://127.0.0.1",
            "https://2130706433",
            "https://[::1]/",
            "co.uk",
            "https://com",
            "github.io",
            "ftp://acme.com",
            "javascript:alert(1)",
            "mailto:ana@acme.com",
            "https://user:secret@acme.com",
            "https://ac me.com",
            "https://acme..com",
            "https://-acme.com",
            "https://facebook.com/acme",
            "https://de.linkedin.com/company/acme",
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }
}
