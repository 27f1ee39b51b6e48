//! The one form of a registry id, and when an identity may be given to an account.

use entity::value::{AccountId, RegistryIdKind};

use super::model::{Identity, MOST_OF_EACH, Owners, RegistryId};
use crate::{
    accounts::matching,
    kernel::code::Code,
    platform::{
        error::{AppError, AppResult},
        graphql::parse,
    },
};

/// The one form of a registry id, as the matcher compares it; none when the registry cannot have given it.
#[must_use]
pub fn canonical(kind: RegistryIdKind, text: &str) -> Option<String> {
    matching::rules::RegistryId::parse(kind, text).map(|id| id.number)
}

/// Reads a registry id.
///
/// # Errors
/// `REQUIRED`, `TOO_LONG` or `MALFORMED`, naming the field.
pub fn parse_registry_id(kind: RegistryIdKind, text: &str, field: &str) -> AppResult<RegistryId> {
    let text = parse::line(text, field, 60)?;
    let value = canonical(kind, &text).ok_or_else(|| {
        let form = match kind {
            RegistryIdKind::Lei => {
                "This is no LEI: 20 letters and digits, the last two of which check the others. Compare it with its source."
            }
            RegistryIdKind::Duns => "This is no D-U-N-S number: nine digits.",
            RegistryIdKind::Vat => "This is no VAT id: two letters of the country, then its letters and digits.",
        };
        AppError::invalid(field, Code::Malformed, form)
    })?;
    Ok(RegistryId { kind, value })
}

/// Reads the language of a name: the form of a BCP 47 tag, in its usual case.
///
/// # Errors
/// `MALFORMED`, naming the field.
pub fn parse_language(text: &str, field: &str) -> AppResult<String> {
    let text = parse::line(text, field, 35)?;
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let fits = (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !fits {
        return Err(AppError::invalid(field, Code::Malformed, "This is no language tag, such as de or zh-Hant."));
    }
    let cased = text.split('-').enumerate().map(|(index, part)| match (index, part.len()) {
        (0, _) => part.to_ascii_lowercase(),
        (_, 2) => part.to_ascii_uppercase(),
        (_, 4) => {
            let (first, rest) = part.split_at(1);
            format!("{}{}", first.to_ascii_uppercase(), rest.to_ascii_lowercase())
        }
        _ => part.to_ascii_lowercase(),
    });
    Ok(cased.collect::<Vec<_>>().join("-"))
}

/// Nothing when an account may have all of this: not more of each than is allowed, and nothing that leads to another
/// account. `own` is none for an account that is about to be created.
///
/// # Errors
/// `TOO_LONG`, or `ACCOUNT_IDENTIFIER_TAKEN`, naming the field and the account that has it.
pub fn check(own: Option<AccountId>, wanted: &Identity, owners: &Owners) -> AppResult<()> {
    let too_many = |field: &str| {
        AppError::invalid(field, Code::TooLong, format!("An account has at most {MOST_OF_EACH} of these."))
    };
    for (field, count) in [
        ("names", wanted.names.len()),
        ("domains", wanted.domains.len()),
        ("registryIds", wanted.registry_ids.len()),
        ("references", wanted.references.len()),
    ] {
        if count > MOST_OF_EACH {
            return Err(too_many(field));
        }
    }
    let other = |owner: Option<&AccountId>| owner.copied().filter(|owner| Some(*owner) != own);
    for domain in &wanted.domains {
        if let Some(owner) = other(owners.domains.get(domain)) {
            return Err(taken("domains", &format!("The domain {domain}"), owner));
        }
    }
    for id in &wanted.registry_ids {
        if let Some(owner) = other(owners.registry_ids.get(id)) {
            return Err(taken("registryIds", &format!("{} {}", id.kind, id.value), owner));
        }
    }
    for reference in &wanted.references {
        if let Some(owner) = other(owners.references.get(reference)) {
            let what = format!("The reference {} of {}", reference.external_id, reference.system);
            return Err(taken("references", &what, owner));
        }
    }
    Ok(())
}

fn taken(field: &str, what: &str, owner: AccountId) -> AppError {
    AppError::invalid(
        field,
        Code::AccountIdentifierTaken,
        format!(
            "{what} leads to the account {owner} already. If they are the same customer, merge them with `mergeAccounts`."
        ),
    )
}

#[cfg(test)]
mod tests {
    use entity::value::AccountNameKind;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn registry_ids_have_one_form_and_wrong_ones_none() {
        use RegistryIdKind::{Duns, Lei, Vat};
        for (kind, typed, wanted) in [
            (Lei, "5299009N55YRQC69CN08", Some("5299009N55YRQC69CN08")),
            (Lei, " 5299 009n-55yr qc69cn08", Some("5299009N55YRQC69CN08")),
            // One character wrong, two changed places, the check digits wrong, too short, letters at the end.
            (Lei, "5299009N55YRQC69CN09", None),
            (Lei, "5299009N55YRQC96CN08", None),
            (Lei, "5299009N55YRQC69CN0", None),
            (Lei, "5299009N55YRQC69CNAB", None),
            (Duns, "15-048-3782", Some("150483782")),
            (Duns, "000000000", None),
            (Duns, "15048378", None),
            (Duns, "15048378A", None),
            (Vat, "de 136 695 976", Some("DE136695976")),
            (Vat, "ATU12345678", Some("ATU12345678")),
            (Vat, "IE1234567FA", Some("IE1234567FA")),
            (Vat, "NL.123456789.B01", Some("NL123456789B01")),
            (Vat, "12345", None),
            (Vat, "DE", None),
            (Vat, "DEABCDEF", None),
            // Typed in wide letters, with what some countries write before and behind, and of no country.
            (Vat, "DE１２３４５６", Some("DE123456")),
            (Vat, "GR 123456789", Some("EL123456789")),
            (Vat, "CHE-123.456.788 MWST", Some("CH123456788")),
            (Vat, "IE 1+23456L", Some("IE1+23456L")),
            (Vat, "ZZ123456", None),
            (Duns, "1+5048378", None),
        ] {
            assert_eq!(canonical(kind, typed).as_deref(), wanted, "{kind} {typed:?}");
        }
    }

    #[test]
    fn languages_are_tags() {
        for (typed, wanted) in
            [("DE", Some("de")), ("zh-hant-tw", Some("zh-Hant-TW")), ("x", None), ("german", None), ("de-", None)]
        {
            assert_eq!(parse_language(typed, "language").ok().as_deref(), wanted, "{typed}");
        }
    }

    #[test]
    fn what_leads_to_another_account_is_refused() {
        let [one, other] = [1, 2].map(|n| AccountId(uuid::Uuid::from_u128(n)));
        let wanted = Identity { domains: vec!["acme.example".to_owned()], ..Identity::default() };
        let owned_by = |id| Owners { domains: [("acme.example".to_owned(), id)].into(), ..Owners::default() };
        assert!(check(Some(one), &wanted, &owned_by(one)).is_ok());
        assert!(check(None, &wanted, &Owners::default()).is_ok());
        assert!(check(None, &wanted, &owned_by(one)).is_err());
        assert!(check(Some(one), &wanted, &owned_by(other)).is_err());
        let many = (0..=MOST_OF_EACH).map(|n| format!("a{n}.example")).collect();
        assert!(check(None, &Identity { domains: many, ..Identity::default() }, &Owners::default()).is_err());
    }

    fn identities() -> impl Strategy<Value = Identity> {
        let name = ("[a-d]", prop::option::of("de|fr")).prop_map(|(name, language)| super::super::model::OtherName {
            name,
            kind: AccountNameKind::Legal,
            language,
        });
        (prop::collection::vec(name, 0..4), prop::collection::vec("[a-d]\\.example", 0..4))
            .prop_map(|(names, domains)| Identity { names, domains, ..Identity::default() }.sorted())
    }

    proptest! {
        #[test]
        fn a_registry_id_is_its_own_form(text in "\\PC{0,24}") {
            for kind in [RegistryIdKind::Lei, RegistryIdKind::Duns, RegistryIdKind::Vat] {
                if let Some(value) = canonical(kind, &text) {
                    prop_assert_eq!(canonical(kind, &value), Some(value));
                }
            }
        }

        #[test]
        fn what_is_added_and_taken_away_leads_from_one_to_the_other(one in identities(), other in identities()) {
            let (added, removed) = (other.without(&one), one.without(&other));
            prop_assert_eq!(one.without(&removed).with(&added), other);
        }
    }
}
