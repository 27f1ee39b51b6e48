//! Websites of companies, as people type them (`domain.md §2`).

use url::{Host, Url};

use super::domains::Domain;

/// A company's website.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Website {
    /// Its address, normalised.
    pub url: String,
    /// The registrable domain of its host: `acme.co.uk` for `https://www.acme.co.uk/about`.
    pub domain: String,
}

/// Reads a website as people type it, with or without `https://`. None when it has no registrable domain: an IP
/// address, a name without a dot, a public suffix; or when many companies share the domain.
#[must_use]
pub fn read(text: &str) -> Option<Website> {
    let text = text.trim();
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) }.ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    let Some(Host::Domain(host)) = url.host() else { return None };
    let domain = Domain::of_host(host).filter(|domain| domain.proves_nothing().is_none())?;
    plain.then(|| Website { url: url.to_string(), domain: domain.into_string() })
}

/// The registrable domain of a host, in ASCII and lower case. None when there is none.
#[must_use]
pub fn registrable(host: &str) -> Option<String> {
    Domain::of_host(host).map(Domain::into_string)
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
