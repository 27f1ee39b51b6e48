//! The words of territories.

use entity::value::{Country, TerritoryId, Timestamp};
use serde::{Deserialize, Serialize};

/// A part of the market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Territory {
    /// Its id.
    pub id: TerritoryId,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// The countries that it covers; all of them when none is named.
    pub countries: Vec<Country>,
    /// The industries that it covers, in the vendor's words; all of them when none is named.
    pub industries: Vec<String>,
}

impl Territory {
    /// Whether a customer's country and industry lie in it. Industries are compared without case.
    #[must_use]
    pub fn covers(&self, country: Country, industry: Option<&str>) -> bool {
        let here = self.countries.is_empty() || self.countries.contains(&country);
        let of_kind = self.industries.is_empty()
            || industry.is_some_and(|industry| self.industries.iter().any(|own| name_key(own) == name_key(industry)));
        here && of_kind
    }
}

/// What a territory is called and covers is set.
#[derive(Clone, Debug)]
pub struct Define {
    /// The territory; a new one when absent.
    pub id: Option<TerritoryId>,
    /// The name; as it is when absent.
    pub name: Option<String>,
    /// The countries; as they are when absent.
    pub countries: Option<Vec<Country>>,
    /// The industries; as they are when absent.
    pub industries: Option<Vec<String>>,
}

/// The key under which a name belongs to one territory: composed, without case.
#[must_use]
pub fn name_key(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    name.nfkc().collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use entity::value::TypedId as _;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_territory_covers_what_it_names_and_everything_when_it_names_nothing() {
        let territory = |countries: &[&str], industries: &[&str]| Territory {
            id: TerritoryId::from_uuid(Uuid::from_u128(1)),
            name: "West".to_owned(),
            created_at: Timestamp::from_micros(0),
            countries: countries.iter().map(|code| code.parse().unwrap()).collect(),
            industries: industries.iter().map(|&industry| industry.to_owned()).collect(),
        };
        let german = "DE".parse().unwrap();
        for (countries, industries, industry, covered) in [
            (&[][..], &[][..], None, true),
            (&["DE", "FR"], &[], Some("Logistics"), true),
            (&["FR"], &[], None, false),
            (&["DE"], &["logistics"], Some("Logistics"), true),
            (&["DE"], &["Health"], Some("Logistics"), false),
            (&["DE"], &["Health"], None, false),
        ] {
            let territory = territory(countries, industries);
            assert_eq!(territory.covers(german, industry), covered, "{countries:?} {industries:?} {industry:?}");
        }
    }
}
