//! Mutations of accounts.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use entity::value::{AccountReservation, AccountSize, Country};

use super::{
    Account,
    upsert::{UpsertAccountsInput, UpsertAccountsPayload},
};
use crate::{
    accounts::{
        accounts::{model, rules, service},
        identity::graphql::{
            AccountNameInput, AccountReferenceInput, RegistryIdInput, identity, parse_domains, parse_names,
            parse_references, parse_registry_ids,
        },
    },
    kernel::code::Code,
    payload,
    platform::{
        error::{AppError, AppResult},
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Creates an account.
#[derive(Clone, InputObject)]
pub struct CreateAccountInput {
    /// The name that it goes by.
    name: String,
    /// Its other names, at most 50.
    names: Option<Vec<AccountNameInput>>,
    /// The website, or its domain.
    website: Option<String>,
    /// Its other domains, at most 50: websites or hosts, of which the registrable domain is kept.
    domains: Option<Vec<String>>,
    /// By what public registries know it, at most 50.
    registry_ids: Option<Vec<RegistryIdInput>>,
    /// What other systems call it, at most 50.
    references: Option<Vec<AccountReferenceInput>>,
    /// Where it is.
    country: Country,
    /// Its industry, in words.
    industry: Option<String>,
    /// How many people work there.
    size: Option<AccountSize>,
    /// For whom it is reserved as a whole; for nobody when absent. `reserveAccount` gives an owner and a reason too.
    reserved_for: Option<AccountReservation>,
    /// The account that it is part of.
    parent_id: Option<ID>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for CreateAccountInput {
    type Command = model::NewAccount;
    const OPERATION: &'static str = "createAccount";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<model::NewAccount> {
        let customer = model::Customer {
            name: parse::line(&self.name, "name", 200)?,
            domain: rules::parse_website(self.website.as_deref(), "website")?,
            country: self.country,
        };
        Ok(model::NewAccount {
            customer,
            industry: self.industry.map(|industry| parse::line(&industry, "industry", 100)).transpose()?,
            size: self.size,
            reserved_for: self.reserved_for.unwrap_or(AccountReservation::Open),
            parent_id: self.parent_id.map(|id| parse::id(&id, "parentId")).transpose()?,
            identity: identity(
                parse_names(self.names.unwrap_or_default(), "names")?,
                parse_domains(self.domains.unwrap_or_default(), "domains")?,
                parse_registry_ids(self.registry_ids.unwrap_or_default(), "registryIds")?,
                parse_references(self.references.unwrap_or_default(), "references")?,
            ),
        })
    }
}

payload! {
    /// The new account.
    CreateAccountPayload from model::Account as account {
        /// The new account.
        account: Account = Account(account)
    }
}

/// Changes an account. What is absent stays; null takes away what may be missing.
#[derive(Clone, InputObject)]
pub struct UpdateAccountInput {
    /// Which one.
    id: ID,
    /// The name that it goes by.
    name: Option<String>,
    /// All of its other names, at most 50: they take the place of those that it has.
    names: Option<Vec<AccountNameInput>>,
    /// The website, or its domain, in the place of the one that it has. Null when it has none.
    website: MaybeUndefined<String>,
    /// All of its domains, at most 50: they take the place of those that it has. That of the website is always one.
    domains: Option<Vec<String>>,
    /// All that public registries know it by, at most 50: they take the place of those that it has.
    registry_ids: Option<Vec<RegistryIdInput>>,
    /// All that other systems call it, at most 50: they take the place of those that it has.
    references: Option<Vec<AccountReferenceInput>>,
    /// Where it is.
    country: Option<Country>,
    /// Its industry, in words. Null when it is not known.
    industry: MaybeUndefined<String>,
    /// How many people work there. Null when it is not known.
    size: MaybeUndefined<AccountSize>,
    /// The account that it is part of. Null when it is part of none.
    parent_id: MaybeUndefined<ID>,
    /// The version that you have read; refused when there is a newer one.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

/// What changes: nothing, to nothing, or to a value.
type Change<T> = Option<Option<T>>;

/// Absent, null and a value are three answers.
fn three<T, U>(given: MaybeUndefined<T>, read: impl FnOnce(T) -> AppResult<U>) -> AppResult<Change<U>> {
    match given {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Ok(Some(None)),
        MaybeUndefined::Value(value) => read(value).map(|read| Some(Some(read))),
    }
}

impl MutationInput for UpdateAccountInput {
    type Command = model::Update;
    const OPERATION: &'static str = "updateAccount";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<model::Update> {
        let shared = |domain: Option<String>| {
            let sentence =
                "Many companies share this host: it does not say who somebody is. Leave it out, or send null.";
            domain.ok_or_else(|| AppError::invalid("website", Code::Malformed, sentence))
        };
        let patch = model::Patch {
            name: self.name.map(|name| parse::line(&name, "name", 200)).transpose()?,
            domain: three(self.website, |website| shared(rules::parse_website(Some(&website), "website")?))?,
            country: self.country,
            industry: three(self.industry, |industry| parse::line(&industry, "industry", 100))?,
            size: three(self.size, Ok)?,
            parent_id: three(self.parent_id, |id| parse::id(&id, "parentId"))?,
            names: self.names.map(|names| parse_names(names, "names")).transpose()?,
            domains: self.domains.map(|domains| parse_domains(domains, "domains")).transpose()?,
            registry_ids: self.registry_ids.map(|ids| parse_registry_ids(ids, "registryIds")).transpose()?,
            references: self.references.map(|given| parse_references(given, "references")).transpose()?,
        };
        Ok(model::Update { id: parse::id(&self.id, "id")?, expected_version: self.expected_version, patch })
    }
}

payload! {
    /// The account as it is now.
    UpdateAccountPayload from model::Account as account {
        /// The account.
        account: Account = Account(account)
    }
}

/// Mutations of accounts.
#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Creates an account. For staff and clients who manage accounts; refused when the customer has one in another
    /// spelling, or by one of its domains or registry ids.
    async fn create_account(&self, gql: &Context<'_>, input: CreateAccountInput) -> AppResult<CreateAccountPayload> {
        mutate(gql, input, service::create).await
    }

    /// Changes an account. For staff and clients who manage accounts.
    async fn update_account(&self, gql: &Context<'_>, input: UpdateAccountInput) -> AppResult<UpdateAccountPayload> {
        mutate(gql, input, service::update).await
    }

    /// Tells of up to 100 customers of another system at once, each answered by itself: those that are not known are
    /// created, others say what the system says from then on, and a repeat changes nothing. A customer whose reference
    /// is not known is taken for the account that is the same customer by registry id, domain or name. For staff and
    /// clients who manage accounts.
    async fn upsert_accounts(&self, gql: &Context<'_>, input: UpsertAccountsInput) -> AppResult<UpsertAccountsPayload> {
        mutate(gql, input, service::upsert).await
    }
}
