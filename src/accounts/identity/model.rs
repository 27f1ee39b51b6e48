//! The words of identities.

use std::collections::HashMap;

use entity::value::{AccountId, AccountNameKind, RegistryIdKind};
use serde::{Deserialize, Serialize};

/// How many names, domains, registry ids and references an account has of each at most.
pub const MOST_OF_EACH: usize = 100;

/// Another name of an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OtherName {
    /// As people write it.
    pub name: String,
    /// What kind of name it is.
    pub kind: AccountNameKind,
    /// Its language, as a BCP 47 tag.
    pub language: Option<String>,
}

/// By what a public registry knows an account, in its one form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RegistryId {
    /// Which registry.
    pub kind: RegistryIdKind,
    /// The id: capitals and digits without separators.
    pub value: String,
}

/// What another system calls an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// The system.
    pub system: String,
    /// Its own id.
    pub external_id: String,
}

/// Everything that an account is recognised by beside its own name, or some of it; each list sorted, each thing once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Other names.
    pub names: Vec<OtherName>,
    /// Registrable domains, the one that the account goes by among them.
    pub domains: Vec<String>,
    /// Registry ids.
    pub registry_ids: Vec<RegistryId>,
    /// References of other systems.
    pub references: Vec<Reference>,
}

impl Identity {
    /// Sorted, each thing once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        fn tidy<T: Ord>(list: &mut Vec<T>) {
            list.sort_unstable();
            list.dedup();
        }
        tidy(&mut self.names);
        tidy(&mut self.domains);
        tidy(&mut self.registry_ids);
        tidy(&mut self.references);
        self
    }

    /// What is here and not there.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        fn left<T: Clone + PartialEq>(one: &[T], other: &[T]) -> Vec<T> {
            one.iter().filter(|item| !other.contains(item)).cloned().collect()
        }
        Self {
            names: left(&self.names, &other.names),
            domains: left(&self.domains, &other.domains),
            registry_ids: left(&self.registry_ids, &other.registry_ids),
            references: left(&self.references, &other.references),
        }
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.names.extend(other.names.iter().cloned());
        self.domains.extend(other.domains.iter().cloned());
        self.registry_ids.extend(other.registry_ids.iter().cloned());
        self.references.extend(other.references.iter().cloned());
        self.sorted()
    }

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty() && self.domains.is_empty() && self.registry_ids.is_empty() && self.references.is_empty()
    }

    /// Whether there is more of something than an account may have.
    #[must_use]
    pub const fn is_too_much(&self) -> bool {
        self.names.len() > MOST_OF_EACH
            || self.domains.len() > MOST_OF_EACH
            || self.registry_ids.len() > MOST_OF_EACH
            || self.references.len() > MOST_OF_EACH
    }
}

/// Whose some domains, registry ids and references are.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    /// By domain.
    pub domains: HashMap<String, AccountId>,
    /// By registry id.
    pub registry_ids: HashMap<RegistryId, AccountId>,
    /// By reference.
    pub references: HashMap<Reference, AccountId>,
}
