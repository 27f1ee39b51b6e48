//! What accounts are recognised by, in the API. Staff read it; a partner learns from it who else came to an account,
//! under which name, so partners do not.

use std::collections::HashMap;

use async_graphql::{Context, InputObject, SimpleObject, dataloader::Loader};
use entity::value::{AccountId, AccountNameKind, RegistryIdKind};

use super::{
    model::{Identity, OtherName, Reference, RegistryId as KnownId},
    rules, service,
};
use crate::{
    accounts::accounts::rules::{parse_website, proves_identity},
    kernel::code::Code,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{GqlContext, loaders, parse},
    },
};

/// Another name of an account, beside the one that it goes by.
#[derive(Clone, SimpleObject)]
pub struct AccountName {
    /// The name.
    name: String,
    /// What kind of name it is.
    kind: AccountNameKind,
    /// Its language, as a BCP 47 tag such as `de`; null when nobody said.
    language: Option<String>,
}

/// By what a public registry knows an account.
#[derive(Clone, SimpleObject)]
pub struct RegistryId {
    /// Which registry.
    kind: RegistryIdKind,
    /// The id: capitals and digits without separators.
    value: String,
}

/// What another system calls an account.
#[derive(Clone, SimpleObject)]
pub struct AccountReference {
    /// The system, such as the name of your CRM.
    system: String,
    /// Its own id of the account.
    external_id: String,
}

impl From<OtherName> for AccountName {
    fn from(OtherName { name, kind, language }: OtherName) -> Self {
        Self { name, kind, language }
    }
}

impl From<KnownId> for RegistryId {
    fn from(KnownId { kind, value }: KnownId) -> Self {
        Self { kind, value }
    }
}

impl From<Reference> for AccountReference {
    fn from(Reference { system, external_id }: Reference) -> Self {
        Self { system, external_id }
    }
}

/// Another name of an account.
#[derive(Clone, InputObject)]
pub struct AccountNameInput {
    /// The name, at most 200 characters.
    pub name: String,
    /// What kind of name it is.
    pub kind: AccountNameKind,
    /// Its language, as a BCP 47 tag such as `de`.
    pub language: Option<String>,
}

/// By what a public registry knows an account.
#[derive(Clone, InputObject)]
pub struct RegistryIdInput {
    /// Which registry.
    pub kind: RegistryIdKind,
    /// The id, with or without separators. A LEI has to fit its check digits.
    pub value: String,
}

/// What another system calls an account.
#[derive(Clone, InputObject)]
pub struct AccountReferenceInput {
    /// The system, such as the name of your CRM; at most 100 characters.
    pub system: String,
    /// Its own id of the account, at most 200 characters.
    pub external_id: String,
}

/// How many items of each kind one input takes.
const MOST_GIVEN: usize = 50;

/// Reads other names.
///
/// # Errors
/// The code of the first that is not accepted, naming the field.
pub fn parse_names(given: Vec<AccountNameInput>, field: &str) -> AppResult<Vec<OtherName>> {
    let read = |(index, it): (usize, AccountNameInput)| {
        let AccountNameInput { name, kind, language } = it;
        let at = format!("{field}.{index}");
        let language =
            language.map(|language| rules::parse_language(&language, &format!("{at}.language"))).transpose()?;
        Ok(OtherName { name: parse::line(&name, &format!("{at}.name"), 200)?, kind, language })
    };
    parse::at_most(given, field, MOST_GIVEN)?.into_iter().enumerate().map(read).collect()
}

/// Reads domains. Hosts that many companies share are refused: an equal one proves nothing.
///
/// # Errors
/// As [`parse_names`].
pub fn parse_domains(given: Vec<String>, field: &str) -> AppResult<Vec<String>> {
    let read = |(index, text): (usize, String)| {
        let at = format!("{field}.{index}");
        let domain = parse_website(Some(&text), &at)?.filter(|domain| proves_identity(domain));
        domain.ok_or_else(|| {
            let sentence = "Many companies share this host: it does not say who somebody is. Leave it out.";
            AppError::invalid(&at, Code::Malformed, sentence)
        })
    };
    parse::at_most(given, field, MOST_GIVEN)?.into_iter().enumerate().map(read).collect()
}

/// Reads registry ids.
///
/// # Errors
/// As [`parse_names`].
pub fn parse_registry_ids(given: Vec<RegistryIdInput>, field: &str) -> AppResult<Vec<KnownId>> {
    let read = |(index, it): (usize, RegistryIdInput)| {
        rules::parse_registry_id(it.kind, &it.value, &format!("{field}.{index}.value"))
    };
    parse::at_most(given, field, MOST_GIVEN)?.into_iter().enumerate().map(read).collect()
}

/// Reads one registry id.
///
/// # Errors
/// As [`parse_names`].
pub fn parse_registry_id(given: &RegistryIdInput, field: &str) -> AppResult<KnownId> {
    rules::parse_registry_id(given.kind, &given.value, &format!("{field}.value"))
}

/// Reads one reference.
///
/// # Errors
/// As [`parse_names`].
pub fn parse_reference(given: &AccountReferenceInput, field: &str) -> AppResult<Reference> {
    Ok(Reference {
        system: parse::line(&given.system, &format!("{field}.system"), 100)?,
        external_id: parse::line(&given.external_id, &format!("{field}.externalId"), 200)?,
    })
}

/// Reads references.
///
/// # Errors
/// As [`parse_names`].
pub fn parse_references(given: Vec<AccountReferenceInput>, field: &str) -> AppResult<Vec<Reference>> {
    let given = parse::at_most(given, field, MOST_GIVEN)?.into_iter().enumerate();
    given.map(|(index, it)| parse_reference(&it, &format!("{field}.{index}"))).collect()
}

/// Puts together what an input says that an account is recognised by.
#[must_use]
pub fn identity(
    names: Vec<OtherName>,
    domains: Vec<String>,
    registry_ids: Vec<KnownId>,
    references: Vec<Reference>,
) -> Identity {
    Identity { names, domains, registry_ids, references }.sorted()
}

/// Declares a loader of one list of accounts, and how the list of one account is asked for. Null for partners.
macro_rules! lists {
    ($($(#[$doc:meta])* $loader:ident, $load:ident: $find:path => $item:ty;)*) => {$(
        $(#[$doc])*
        pub struct $loader(Call);

        impl Loader<AccountId> for $loader {
            type Value = Vec<$item>;
            type Error = AppError;

            async fn load(&self, ids: &[AccountId]) -> AppResult<HashMap<AccountId, Vec<$item>>> {
                let mut lists: HashMap<AccountId, Vec<$item>> = HashMap::new();
                for (id, item) in $find(&self.0, ids).await? {
                    lists.entry(id).or_default().push(item.into());
                }
                Ok(lists)
            }
        }

        $(#[$doc])*
        pub async fn $load(gql: &Context<'_>, id: AccountId) -> Option<AppResult<Vec<$item>>> {
            if !gql.call().scope().is_everything() {
                return None;
            }
            Some(loaders::loader(gql, $loader).load_one(id).await.map(Option::unwrap_or_default))
        }
    )*};
}

lists! {
    /// The other names of accounts.
    NameLoader, names_of: service::names_of => AccountName;
    /// The domains of accounts.
    DomainLoader, domains_of: service::domains_of => String;
    /// The registry ids of accounts.
    RegistryIdLoader, registry_ids_of: service::registry_ids_of => RegistryId;
    /// The references to accounts.
    ReferenceLoader, references_of: service::references_of => AccountReference;
}
