//! Numbers of registries: each in its one form, with its check digits where it has some.

pub use entity::value::RegistryIdKind as Registry;
use serde::{Deserialize, Serialize};

/// A number of a registry, in its one form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegistryId {
    /// Whose.
    pub registry: Registry,
    /// Capital letters and digits; in Irish numbers for value added tax a plus or a star, too.
    pub number: String,
}

/// Letters that numbers for value added tax begin with: ISO 3166, but `EL` for Greece and `XI` for Northern Ireland.
const VAT_PREFIXES: &str = "AD AE AL AM AR AT AU AZ BA BE BG BH BO BR BY CA CH CL CO CR CY CZ DE DK DO EC EE EL EG ES \
    EU FI FR GB GE GR GT HN HR HU ID IE IL IN IS IT JE JP KE KR KZ LI LT LU LV MA MC MD ME MK MT MX MY NG NI NL NO NZ \
    OM PA PE PH PK PL PT PY QA RO RS RU SA SE SG SI SK SM SV TH TN TR TW UA UG UY UZ VE VN XI XK ZA";

impl RegistryId {
    /// A number in its one form; none when the registry cannot have given it.
    #[must_use]
    pub fn parse(registry: Registry, text: &str) -> Option<Self> {
        let folded = super::folding::fold(text).text.to_ascii_uppercase();
        let separates = |c: char| matches!(c, ' ' | '-' | '.' | '/' | '_' | '\u{2010}'..='\u{2015}');
        let number: String = folded.chars().filter(|c| !separates(*c)).collect();
        // What is no letter, digit or separator was mistyped. Ireland's older numbers have a plus or a star.
        let belongs = |c: char| c.is_ascii_alphanumeric() || registry == Registry::Vat && matches!(c, '+' | '*');
        if !number.chars().all(belongs) {
            return None;
        }
        let number = match registry {
            Registry::Lei => number.strip_prefix("LEI").filter(|rest| rest.len() == 20).unwrap_or(&number).to_owned(),
            Registry::Duns => number.trim_start_matches("DUNS").to_owned(),
            Registry::Vat => vat(&number),
        };
        let given = match registry {
            Registry::Lei => is_lei(&number),
            Registry::Duns => {
                number.len() == 9 && number.bytes().all(|b| b.is_ascii_digit()) && number.bytes().any(|b| b != b'0')
            }
            Registry::Vat => is_vat(&number),
        };
        given.then_some(Self { registry, number })
    }
}

/// One prefix for each country, and what Switzerland and Norway write behind theirs taken off.
fn vat(number: &str) -> String {
    let number = number.strip_prefix("GR").map_or_else(|| number.to_owned(), |rest| format!("EL{rest}"));
    match number.get(..2) {
        Some("CH") => {
            let number = number.strip_prefix("CHE").map_or_else(|| number.clone(), |rest| format!("CH{rest}"));
            number.trim_end_matches(|c: char| c.is_ascii_alphabetic()).to_owned()
        }
        Some("NO") => number.trim_end_matches("MVA").to_owned(),
        _ => number,
    }
}

fn is_vat(number: &str) -> bool {
    let Some((prefix, rest)) = number.split_at_checked(2) else { return false };
    (4..=15).contains(&rest.len())
        && rest.bytes().any(|b| b.is_ascii_digit())
        && VAT_PREFIXES.split(' ').any(|known| known == prefix)
}

/// ISO 17442: 18 letters or digits and two check digits (ISO 7064, mod 97-10).
fn is_lei(number: &str) -> bool {
    let remainder = number.chars().try_fold(0_u32, |sum, c| {
        let value = c.to_digit(36)?;
        Some(if value < 10 { (sum * 10 + value) % 97 } else { (sum * 100 + value) % 97 })
    });
    number.len() == 20 && remainder == Some(1)
}
