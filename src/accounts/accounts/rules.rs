//! When two spellings are the same customer (`domain.md §3`, steps 1 and 2): pure, so that it can be measured.

use super::model::{Account, Customer, Finding};
use crate::{
    accounts::matching::rules::{Domain, Name},
    kernel::code::Code,
    platform::{
        error::{AppError, AppResult},
        graphql::parse,
    },
};

/// The key that all spellings of a name share: compatibility forms, case, diacritics, invisible characters,
/// punctuation, leading articles, legal forms and suffixes such as `/DE/` are gone. Never empty for a visible name,
/// and its own key.
#[must_use]
pub fn name_key(name: &str) -> String {
    Name::parse(name).key
}

/// The registrable domain of a website or host; none when the text names no host of the public internet.
#[must_use]
pub fn registrable_domain(website: &str) -> Option<String> {
    Domain::parse(website).map(Domain::into_string)
}

/// Whether an equal domain says anything about who it is.
#[must_use]
pub fn proves_identity(domain: &str) -> bool {
    Domain::parse(domain).is_none_or(|domain| domain.proves_nothing().is_none())
}

/// Reads a website as far as it says who somebody is: its registrable domain, none where many share a host.
///
/// # Errors
/// `MALFORMED`, naming the field.
pub fn parse_website(website: Option<&str>, field: &str) -> AppResult<Option<String>> {
    let Some(website) = website else { return Ok(None) };
    let domain = registrable_domain(&parse::line(website, field, 2000)?).ok_or_else(|| {
        AppError::invalid(field, Code::Malformed, "This is no website or domain, such as https://www.example.com.")
    })?;
    Ok(Some(domain).filter(|domain| proves_identity(domain)))
}

/// An account that may be the same customer, with what speaks for and against it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one kind of evidence")]
pub struct Candidate {
    /// The account.
    pub account: Account,
    /// Whether one of its registry ids is one of the customer's.
    pub same_registry_id: bool,
    /// Whether one of its domains is one of the customer's.
    pub same_domain: bool,
    /// Whether one of its names is the customer's.
    pub same_name: bool,
    /// Whether it has a domain at all.
    pub has_domain: bool,
}

/// The account that is the same customer, and by which evidence: an equal registry id or domain first, then an equal
/// name with nothing against it (another country, another domain). Of several, the one that was there first.
#[must_use]
pub fn same<'a>(customer: &Customer, candidates: &'a [Candidate]) -> Option<(&'a Account, Finding)> {
    let first = |fits: &dyn Fn(&Candidate) -> bool| {
        candidates.iter().filter(|it| fits(it)).map(|it| &it.account).min_by_key(|account| account.id)
    };
    let nothing_against = |it: &Candidate| {
        it.same_name && it.account.country == customer.country && !(it.has_domain && customer.domain.is_some())
    };
    first(&|it| it.same_registry_id)
        .map(|account| (account, Finding::SameRegistryId))
        .or_else(|| first(&|it| it.same_domain).map(|account| (account, Finding::SameDomain)))
        .or_else(|| first(&nothing_against).map(|account| (account, Finding::SameName)))
}

/// The rows of a bulk in an order in which the account that another one is part of comes before it, as far as there is
/// one: their places in the input.
#[must_use]
pub fn parents_first(rows: &[(&str, Option<&str>)]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(rows.len());
    let mut waiting: Vec<usize> = (0..rows.len()).collect();
    loop {
        let blocked = |index: &usize| {
            let parent = rows.get(*index).and_then(|(_, parent)| *parent);
            parent.is_some_and(|parent| {
                waiting.iter().any(|other| other != index && rows.get(*other).is_some_and(|(id, _)| *id == parent))
            })
        };
        let (later, now): (Vec<usize>, Vec<usize>) = waiting.iter().copied().partition(|index| blocked(index));
        if now.is_empty() {
            // What is left is part of itself in the end: the hierarchy refuses it, whatever comes first.
            order.extend(later);
            return order;
        }
        order.extend(now);
        if later.is_empty() {
            return order;
        }
        waiting = later;
    }
}

#[cfg(test)]
mod tests {
    use entity::value::{AccountId, AccountReservation, Timestamp};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn spellings_of_one_name_share_a_key() {
        for (spellings, wanted) in [
            (&["Acme Corporation", "ACME CORP.", "The Acme Corp", "acme, inc. /DE/", "Ａｃｍｅ Co., Ltd."][..], "acme"),
            (&["Müller & Söhne GmbH & Co. KG", "Muller and Sohne", "MU\u{308}LLER + SÖHNE mbH"], "muller and sohne"),
            (&["Société Générale S.A.", "Societe Generale", "SOCIÉTÉ\u{200B} GÉNÉRALE SA"], "societe generale"),
            (&["O'Brien Ltd", "O’Brien", "OBrien plc"], "obrien"),
            (&["株式会社 日本", "株式会社\u{3000}日本", "日本株式会社", "㈱日本"], "日本"),
            (&["The Co", "co"], "company"),
            (&["!!!"], "!!!"),
        ] {
            for spelling in spellings {
                assert_eq!(name_key(spelling), wanted, "{spelling:?}");
            }
        }
        assert_ne!(name_key("Acme Foods"), name_key("Acme Tools"));
    }

    #[test]
    fn a_host_has_one_registrable_domain() {
        for (website, wanted) in [
            ("https://www.Example.com/about?x=1", Some("example.com")),
            ("example.com.", Some("example.com")),
            ("shop.example.co.uk:8443", Some("example.co.uk")),
            ("bücher.de", Some("xn--bcher-kva.de")),
            ("http://192.168.0.1/", None),
            ("www.acme.example", Some("acme.example")),
            ("localhost", None),
            ("acme.nosuchending", None),
            ("co.uk", None),
            ("ftp://example.com", None),
            ("not a host", None),
            ("", None),
        ] {
            assert_eq!(registrable_domain(website).as_deref(), wanted, "{website:?}");
        }
        assert!(!proves_identity("gmail.com") && proves_identity("example.com"));
    }

    fn account(number: u128, name: &str, domain: Option<&str>, country: &str) -> Account {
        Account {
            id: AccountId(Uuid::from_u128(number)),
            name: name.to_owned(),
            name_key: name_key(name),
            domain: domain.map(str::to_owned),
            country: country.parse().unwrap(),
            industry: None,
            size: None,
            reserved_for: AccountReservation::Open,
            parent_id: None,
            merged_into_id: None,
            created_by_partner_id: None,
            created_at: Timestamp::from_micros(0),
            version: 1,
        }
    }

    #[test]
    fn the_same_customer_is_found_by_its_domain_or_by_its_name_with_nothing_against_it() {
        let known = [
            account(1, "Acme Corporation", Some("acme.example"), "DE"),
            account(2, "Betasoloin", None, "US"),
            account(3, "Betasoloin", Some("betasoloin.example"), "US"),
        ];
        for (name, domain, country, wanted) in [
            ("Other words", Some("acme.example"), "FR", Some((1, Finding::SameDomain))),
            ("ACME Corp.", None, "DE", Some((1, Finding::SameName))),
            ("ACME Corp.", None, "FR", None),
            ("ACME Corp.", Some("acme-tools.example"), "DE", None),
            ("Betasoloin Inc", None, "US", Some((2, Finding::SameName))),
            ("Betasoloin Inc", Some("new.example"), "US", Some((2, Finding::SameName))),
            ("Betasoloin Inc", Some("betasoloin.example"), "US", Some((3, Finding::SameDomain))),
            ("Cancity", None, "US", None),
        ] {
            let customer = Customer {
                name: name.to_owned(),
                domain: domain.map(str::to_owned),
                country: country.parse().unwrap(),
            };
            let candidate = |account: &Account| Candidate {
                same_registry_id: false,
                same_domain: account.domain.is_some() && account.domain == customer.domain,
                same_name: account.name_key == name_key(&customer.name),
                has_domain: account.domain.is_some(),
                account: account.clone(),
            };
            let candidates: Vec<_> = known.iter().map(candidate).collect();
            let found = same(&customer, &candidates).map(|(account, finding)| (account.id.0.as_u128(), finding));
            assert_eq!(found, wanted, "{name} {domain:?} {country}");
        }
    }

    #[test]
    fn parents_come_before_what_is_part_of_them() {
        let rows = [("c", Some("b")), ("b", Some("a")), ("x", Some("elsewhere")), ("a", None), ("s", Some("s"))];
        assert_eq!(parents_first(&rows), [2, 3, 4, 1, 0]);
        assert_eq!(parents_first(&[("a", Some("b")), ("b", Some("a"))]), [0, 1]);
        assert!(parents_first(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(name in "\\PC{0,24}") {
            let key = name_key(&name);
            prop_assert_eq!(name_key(&key), key);
        }

        #[test]
        fn legal_forms_case_and_padding_do_not_matter(name in "[a-z]{3,10}( [a-z]{4,10}){0,2}") {
            let key = name_key(&name);
            for spelling in [format!("  {} ", name.to_uppercase()), format!("{name} GmbH"), format!("The {name}, Inc."), format!("{name} & Co. KG")] {
                prop_assert_eq!(&name_key(&spelling), &key);
            }
        }

        #[test]
        fn a_domain_is_its_own_domain(host in "[a-z]{1,8}(\\.[a-z]{2,8}){1,3}") {
            if let Some(domain) = registrable_domain(&host) {
                prop_assert_eq!(registrable_domain(&domain), Some(domain));
            }
        }
    }
}
