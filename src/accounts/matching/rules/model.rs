//! The words of matching: who is compared, what is found, and by which evidence.

use std::fmt;

use async_graphql::Enum;
use entity::value::{Country, MatchVerdict};
use serde::{Deserialize, Serialize};

use super::registry::RegistryId;
use crate::kernel::domains::Domain;

/// The version of the rules and lists: it is kept with every finding, and grows when an outcome may change.
pub const VERSION: i32 = 1;

/// Somebody who is compared: all that is known, as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// All its names, in whatever language; the first is the usual one.
    pub names: Vec<String>,
    /// Its registrable domains.
    #[serde(default)]
    pub domains: Vec<Domain>,
    /// Its numbers in registries.
    #[serde(default)]
    pub registry_ids: Vec<RegistryId>,
    /// Where it is.
    #[serde(default)]
    pub country: Option<Country>,
    /// Which account it is, if it is one; ids are opaque here.
    #[serde(default)]
    pub id: Option<String>,
    /// The account that it is part of.
    #[serde(default)]
    pub parent_id: Option<String>,
}

/// Whether two are the same customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// They are not, as far as can be seen.
    Distinct,
    /// They may be: a person decides.
    Probable,
    /// They are.
    Same,
}

impl From<Verdict> for MatchVerdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Distinct => Self::Distinct,
            Verdict::Probable => Self::Probable,
            Verdict::Same => Self::Same,
        }
    }
}

/// What speaks for or against an account's being who was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "AccountMatchReasonCode")]
pub enum Reason {
    /// A number of a registry is equal.
    SameRegistryId,
    /// A registrable domain is equal, and its company's own.
    SameDomain,
    /// A domain is equal that many companies share: it proves nothing.
    SharedDomain,
    /// Two domains look the same and are not.
    LookAlikeDomain,
    /// The names are equal after normalisation.
    SameName,
    /// The names are equal but for spaces.
    SameNameJoined,
    /// The names have the same words in another order.
    SameWords,
    /// The names differ in singular and plural only.
    Plural,
    /// The names differ in words that say how a group is built only.
    SameCore,
    /// One name begins with all of the other, and goes on with what it does or where it is.
    NameContained,
    /// One name is made of the other's initials.
    Initials,
    /// The names differ in a letter or two.
    Misspelt,
    /// The names look the same in letters that are not.
    LookAlikeName,
    /// The names sound the same in two scripts.
    OtherScript,
    /// Characters that cannot be seen were in a name.
    InvisibleCharacters,
    /// Against: the name consists of ordinary words, and others may have it.
    OrdinaryWords,
    /// Against: they are in different countries.
    OtherCountry,
    /// Against: both have a domain of their own, and they differ.
    OtherDomain,
    /// Against: a registry gave them different numbers.
    OtherRegistryId,
    /// Against: they are organised in different legal forms.
    OtherLegalForm,
    /// Against: registries say that they are registered in different places.
    OtherRegistration,
    /// Against: one of them is part of the other, so they are two.
    Hierarchy,
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        use Reason as R;
        match self {
            R::SameRegistryId => "SAME_REGISTRY_ID",
            R::SameDomain => "SAME_DOMAIN",
            R::SharedDomain => "SHARED_DOMAIN",
            R::LookAlikeDomain => "LOOK_ALIKE_DOMAIN",
            R::SameName => "SAME_NAME",
            R::SameNameJoined => "SAME_NAME_JOINED",
            R::SameWords => "SAME_WORDS",
            R::Plural => "PLURAL",
            R::SameCore => "SAME_CORE",
            R::NameContained => "NAME_CONTAINED",
            R::Initials => "INITIALS",
            R::Misspelt => "MISSPELT",
            R::LookAlikeName => "LOOK_ALIKE_NAME",
            R::OtherScript => "OTHER_SCRIPT",
            R::InvisibleCharacters => "INVISIBLE_CHARACTERS",
            R::OrdinaryWords => "ORDINARY_WORDS",
            R::OtherCountry => "OTHER_COUNTRY",
            R::OtherDomain => "OTHER_DOMAIN",
            R::OtherRegistryId => "OTHER_REGISTRY_ID",
            R::OtherLegalForm => "OTHER_LEGAL_FORM",
            R::OtherRegistration => "OTHER_REGISTRATION",
            R::Hierarchy => "HIERARCHY",
        }
    }

    /// Whether it speaks against their being the same.
    #[must_use]
    pub fn is_against(self) -> bool {
        use Reason as R;
        matches!(
            self,
            R::OtherCountry
                | R::OtherDomain
                | R::OtherRegistryId
                | R::OtherLegalForm
                | R::OtherRegistration
                | R::Hierarchy
                | R::OrdinaryWords
        )
    }
}

/// A reason with what it was seen in, one side and the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was found.
    pub reason: Reason,
    /// Seen in the one.
    pub left: String,
    /// Seen in the other.
    pub right: String,
}

impl Evidence {
    /// Evidence of a reason.
    pub fn new(reason: Reason, left: impl Into<String>, right: impl Into<String>) -> Self {
        Self { reason, left: left.into(), right: right.into() }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Reason as R;
        let Self { reason, left, right } = self;
        match reason {
            R::SameRegistryId => write!(f, "Both have the registry number {left}."),
            R::SameDomain => write!(f, "Both have the domain {left}."),
            R::SharedDomain => write!(f, "Both have the domain {left}, which many companies share: it proves nothing."),
            R::LookAlikeDomain => write!(f, "The domains {left} and {right} look the same and are not."),
            R::SameName => write!(f, "“{left}” and “{right}” are one name in two spellings."),
            R::SameNameJoined => write!(f, "“{left}” and “{right}” differ in their spaces only."),
            R::SameWords => write!(f, "“{left}” and “{right}” have the same words in another order."),
            R::Plural => write!(f, "“{left}” and “{right}” differ in singular and plural only."),
            R::SameCore => write!(f, "“{left}” and “{right}” differ in general words only."),
            R::NameContained => write!(f, "“{left}” and “{right}” begin alike, and one of them goes on."),
            R::Initials => write!(f, "“{left}” and “{right}”: one has the initials of the other."),
            R::Misspelt => write!(f, "“{left}” and “{right}” differ in a letter or two."),
            R::LookAlikeName => write!(f, "“{left}” and “{right}” look the same in different letters."),
            R::OtherScript => write!(f, "“{left}” and “{right}” read the same in two scripts."),
            R::InvisibleCharacters => write!(f, "Characters that cannot be seen are in “{left}” or “{right}”."),
            R::OrdinaryWords => write!(f, "“{left}” consists of ordinary words: others may have the name."),
            R::OtherCountry => write!(f, "One is in {left}, the other in {right}."),
            R::OtherDomain => write!(f, "One has the domain {left}, the other {right}."),
            R::OtherRegistryId => write!(f, "One has the registry number {left}, the other {right}."),
            R::OtherLegalForm => write!(f, "One is organised as {left}, the other as {right}."),
            R::OtherRegistration => write!(f, "One is registered in {left}, the other in {right}."),
            R::Hierarchy => f.write_str("One is part of the other."),
        }
    }
}

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether they are the same.
    pub verdict: Verdict,
    /// How sure, from 0 to 100.
    pub score: u8,
    /// The evidence, strongest first.
    pub evidence: Vec<Evidence>,
    /// The version of the rules.
    pub version: i32,
}

/// From which score on names that are similar are worth a person's look, and how the best ones are told from the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Similar names with at least this score are `PROBABLE`.
    pub probable_from: u8,
    /// Candidates that are this much or more below the best one are not shown.
    pub margin: u8,
    /// At most so many are shown.
    pub most: usize,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { probable_from: 65, margin: 8, most: 20 }
    }
}
