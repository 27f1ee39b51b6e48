//! Scopes of API clients, as stored (`domain.md §1`).

use super::states::{stored_words, word_sets};

stored_words! {
    /// What an API client may do. A client of a partner does it with the partner's data only.
    ClientScope {
        /// Read partners, their people, plans and tiers, and for the vendor applications. In OAuth `partners:read`.
        PartnersRead,
        /// Read accounts and product lines. In OAuth `accounts:read`.
        AccountsRead,
        /// Create and change accounts and product lines. In OAuth `accounts:write`.
        AccountsWrite,
        /// Read deal registrations. In OAuth `deals:read`.
        DealsRead,
        /// Register and work deals. In OAuth `deals:write`.
        DealsWrite,
        /// Read market development funds. In OAuth `mdf:read`.
        MdfRead,
        /// Request and claim market development funds. In OAuth `mdf:write`.
        MdfWrite,
        /// Read courses and completions. In OAuth `training:read`.
        TrainingRead,
        /// Record courses and completions. In OAuth `training:write`.
        TrainingWrite,
        /// Read engagement scores and metrics. In OAuth `measurement:read`.
        MeasurementRead,
        /// Read audit events. In OAuth `audit:read`.
        AuditRead,
    }
}

impl ClientScope {
    /// The word of the scope in OAuth, such as `deals:read`.
    #[must_use]
    pub const fn oauth(self) -> &'static str {
        match self {
            Self::PartnersRead => "partners:read",
            Self::AccountsRead => "accounts:read",
            Self::AccountsWrite => "accounts:write",
            Self::DealsRead => "deals:read",
            Self::DealsWrite => "deals:write",
            Self::MdfRead => "mdf:read",
            Self::MdfWrite => "mdf:write",
            Self::TrainingRead => "training:read",
            Self::TrainingWrite => "training:write",
            Self::MeasurementRead => "measurement:read",
            Self::AuditRead => "audit:read",
        }
    }

    /// The scope of a word in OAuth.
    #[must_use]
    pub fn from_oauth(word: &str) -> Option<Self> {
        <Self as sea_orm::Iterable>::iter().find(|scope| scope.oauth() == word)
    }
}

word_sets! {
    /// The scopes of one client.
    ClientScopes of ClientScope;
}

impl ClientScopes {
    /// As OAuth writes them: with a space between.
    #[must_use]
    pub fn to_oauth(&self) -> String {
        self.iter().map(ClientScope::oauth).collect::<Vec<_>>().join(" ")
    }

    /// As OAuth writes them; none when one of the words is no scope.
    #[must_use]
    pub fn from_oauth(text: &str) -> Option<Self> {
        text.split(' ').filter(|word| !word.is_empty()).map(ClientScope::from_oauth).collect()
    }
}
