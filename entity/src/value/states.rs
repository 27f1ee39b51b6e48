//! Stored words: states, kinds and types of `domain.md`. Each is stored as its name in capitals, which is also
//! its name in the API, so that a row, a log line and an answer read alike.

use std::fmt;

/// A stored text that is none of the words of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord(pub String);

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown word {:?}", self.0)
    }
}

impl std::error::Error for UnknownWord {}

/// Declares an enum that is a text column and an enum of the API: its words, and a sentence for each.
macro_rules! stored_words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            sea_orm::EnumIter, sea_orm::DeriveActiveEnum, serde::Serialize, serde::Deserialize, async_graphql::Enum)]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&sea_orm::ActiveEnum::to_value(self))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::value::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                <Self as sea_orm::Iterable>::iter()
                    .find(|word| sea_orm::ActiveEnum::to_value(word) == text)
                    .ok_or_else(|| $crate::value::UnknownWord(text.to_owned()))
            }
        }
    )*};
}
pub(crate) use stored_words;

/// Declares a set of words that is a text column: their names separated by spaces, sorted, each once.
macro_rules! word_sets {
    ($($(#[$doc:meta])* $name:ident of $word:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, sea_orm::DeriveValueType, serde::Serialize, serde::Deserialize)]
        #[sea_orm(value_type = "String")]
        #[serde(transparent)]
        pub struct $name(Vec<$word>);

        impl $name {
            /// Whether the word is among them.
            #[must_use]
            pub fn has(&self, word: $word) -> bool {
                self.0.contains(&word)
            }

            /// Each word once, in the order of the registry.
            pub fn iter(&self) -> impl Iterator<Item = $word> {
                self.0.iter().copied()
            }

            /// Whether there is none.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl FromIterator<$word> for $name {
            fn from_iter<I: IntoIterator<Item = $word>>(words: I) -> Self {
                let mut words: Vec<_> = words.into_iter().collect();
                words.sort_unstable();
                words.dedup();
                Self(words)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                for (index, word) in self.0.iter().enumerate() {
                    write!(f, "{}{word}", if index == 0 { "" } else { " " })?;
                }
                Ok(())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::value::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.split_whitespace().map(str::parse).collect::<Result<Self, _>>()
            }
        }
    )*};
}
pub(crate) use word_sets;

stored_words! {
    /// Whether a person may sign in.
    UserState {
        /// Signs in.
        Active,
        /// Does not sign in until activated again.
        Deactivated,
    }

    /// What somebody proves beside their password that it is them.
    SecondFactorKind {
        /// An authenticator app that shows six digits every half minute.
        Totp,
    }

    /// Who did something.
    ActorKind {
        /// Nobody in particular: a visitor without a session.
        Anonymous,
        /// A signed-in person.
        User,
        /// A program of an integrator, with a secret of its own.
        Client,
        /// The product itself: a deadline, a command of the operator.
        System,
    }

    /// Where a partner is in its life with the vendor (`domain.md §2`).
    PartnerState {
        /// Approved; completing its onboarding plan.
        Onboarding,
        /// All required onboarding steps are done.
        Active,
        /// Signs in and reads, starts nothing new.
        Suspended,
        /// Ended: protections and uncommitted funds were released.
        Terminated,
    }

    /// What a partner does with the vendor's products (`domain.md §2`). A company may be several.
    PartnerType {
        /// Consultants, analysts, referrers.
        Influence,
        /// Resells.
        Reseller,
        /// Sells to resellers.
        Distributor,
        /// Integrates and implements.
        SystemIntegrator,
        /// Runs the products as a service for customers.
        ManagedServiceProvider,
        /// Sells software of its own next to the vendor's.
        SoftwareVendor,
        /// Success, adoption, renewal.
        Retention,
    }

    /// A partner's level, with requirements and benefits set by policy (`domain.md §2`).
    Tier {
        /// The entry level.
        Registered,
        /// The second level.
        Silver,
        /// The third level.
        Gold,
        /// The highest level.
        Platinum,
    }
}

word_sets! {
    /// What a partner is; a company may be several.
    PartnerTypes of PartnerType;
}
