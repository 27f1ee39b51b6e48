//! The words of accounts.

use entity::value::{AccountId, AccountReservation, AccountSize, Country, PartnerId, Timestamp};
use serde::{Deserialize, Serialize};

use super::rules;
use crate::{
    accounts::identity::model::{Identity, OtherName, Reference, RegistryId},
    kernel::code::Code,
    platform::error::{AppError, AppResult, Problem},
};

/// An end customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name, as people write it.
    pub name: String,
    /// The name after normalisation: equal for all spellings.
    pub name_key: String,
    /// The registrable domain; none when it is not known, or proves nothing.
    pub domain: Option<String>,
    /// Where it is.
    pub country: Country,
    /// Its industry, in words.
    pub industry: Option<String>,
    /// How many people work there.
    #[serde(default)]
    pub size: Option<AccountSize>,
    /// For whom it is reserved as a whole.
    pub reserved_for: AccountReservation,
    /// The account that it is part of.
    pub parent_id: Option<AccountId>,
    /// The account that it was merged into: it is none itself any more.
    #[serde(default)]
    pub merged_into_id: Option<AccountId>,
    /// The partner by whose registration it was created; none when staff created it.
    pub created_by_partner_id: Option<PartnerId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Grows by one with each change.
    pub version: i64,
}

/// How somebody describes a customer: enough to find it again under another spelling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    /// Its name, as people write it.
    pub name: String,
    /// The registrable domain; none when it is not known, or proves nothing.
    pub domain: Option<String>,
    /// Where it is.
    pub country: Country,
}

/// An account about to be created.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Who it is.
    pub customer: Customer,
    /// Its industry, in words.
    pub industry: Option<String>,
    /// How many people work there.
    pub size: Option<AccountSize>,
    /// For whom it is reserved.
    pub reserved_for: AccountReservation,
    /// The account that it is part of.
    pub parent_id: Option<AccountId>,
    /// By what else it is recognised.
    pub identity: Identity,
}

impl NewAccount {
    /// An account of which nothing but the customer is known.
    #[must_use]
    pub fn of(customer: Customer) -> Self {
        Self {
            customer,
            industry: None,
            size: None,
            reserved_for: AccountReservation::Open,
            parent_id: None,
            identity: Identity::default(),
        }
    }

    /// By what it is recognised beside its name: the domain that it goes by among its domains.
    #[must_use]
    pub fn whole_identity(&self) -> Identity {
        let mut identity = self.identity.clone();
        identity.domains.extend(self.customer.domain.clone());
        identity.sorted()
    }
}

/// An account with everything that it is recognised by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// By what it is recognised beside its name.
    #[serde(flatten)]
    pub identity: Identity,
}

/// What changes of an account; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    /// The name.
    pub name: Option<String>,
    /// The domain that it goes by.
    pub domain: Option<Option<String>>,
    /// Where it is.
    pub country: Option<Country>,
    /// Its industry, in words.
    pub industry: Option<Option<String>>,
    /// How many people work there.
    pub size: Option<Option<AccountSize>>,
    /// The account that it is part of.
    pub parent_id: Option<Option<AccountId>>,
    /// All of its other names.
    pub names: Option<Vec<OtherName>>,
    /// All of its domains. The one that it goes by is among them whether it is said or not.
    pub domains: Option<Vec<String>>,
    /// All of its registry ids.
    pub registry_ids: Option<Vec<RegistryId>>,
    /// All that other systems call it.
    pub references: Option<Vec<Reference>>,
}

/// An account is changed.
#[derive(Clone, Debug)]
pub struct Update {
    /// Which one.
    pub id: AccountId,
    /// The version that the caller has seen.
    pub expected_version: Option<i64>,
    /// What changes.
    pub patch: Patch,
}

/// What another system says of one of its customers.
#[derive(Clone, Debug, PartialEq)]
pub struct UpsertRow {
    /// What the system calls it.
    pub external_id: String,
    /// Who it is.
    pub customer: Customer,
    /// Its industry, in words; what is known stays when absent.
    pub industry: Option<String>,
    /// How many people work there; what is known stays when absent.
    pub size: Option<AccountSize>,
    /// What the system calls the account that it is part of; what is known stays when absent.
    pub parent: Option<String>,
    /// By what else it is recognised: added to what is known.
    pub identity: Identity,
}

/// A bulk of customers of another system. A row that could not be parsed is answered by its own problem.
#[derive(Clone, Debug)]
pub struct Upsert {
    /// The system.
    pub system: String,
    /// Its customers, in the order of the input.
    pub rows: Vec<Result<UpsertRow, Problem>>,
}

/// What became of one row of a bulk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Upserted {
    /// The account was created.
    Created(Account),
    /// The account was there, and says what the row says now.
    Updated(Account),
    /// The account says already what the row says.
    Unchanged(Account),
    /// The row was not accepted.
    Refused(Problem),
}

/// By which evidence an account was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Finding {
    /// Named by its id.
    Given,
    /// A public registry knows both by the same id.
    SameRegistryId,
    /// The registrable domains are equal.
    SameDomain,
    /// The normalised names are equal, with nothing against it.
    SameName,
    /// Not found: it was created.
    Created,
}

/// What other areas' decisions need to know of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// The account: when the one that was asked for was merged, the one that it was merged into.
    pub id: AccountId,
    /// For whom it is reserved, as far as the product lines in question go.
    pub reserved_for: AccountReservation,
    /// By which evidence it was found.
    pub found_by: Finding,
    /// Where it is.
    pub country: Country,
    /// Its industry, in words.
    pub industry: Option<String>,
    /// Other accounts that may be the same customer, where this one was created just now.
    #[serde(default)]
    pub probable: Vec<AccountId>,
}

impl Account {
    /// Nothing when the caller has seen this version, or does not say which.
    ///
    /// # Errors
    /// `VERSION_CONFLICT`.
    pub fn expect_version(&self, expected: Option<i64>) -> AppResult<()> {
        match expected {
            Some(expected) if expected != self.version => Err(AppError::version_conflict(self.version)),
            _ => Ok(()),
        }
    }

    /// Nothing when it is an account still.
    ///
    /// # Errors
    /// `ACCOUNT_MERGED`, naming the field and the account that it was merged into.
    pub fn expect_live(&self, field: &str) -> AppResult<()> {
        let Some(survivor) = self.merged_into_id else { return Ok(()) };
        Err(AppError::invalid(
            field,
            Code::AccountMerged,
            format!(
                "This account was merged into {survivor}. Use that one, or undo the merge with `undoAccountMerge`."
            ),
        ))
    }
}

impl Profile {
    /// As it is after a change, at its next version if that changes anything.
    #[must_use]
    pub fn changed(&self, patch: Patch) -> Self {
        let Patch { name, domain, country, industry, size, parent_id, names, domains, registry_ids, references } =
            patch;
        let mut after = self.clone();
        let Self { account, identity } = &mut after;
        if let Some(name) = name {
            account.name_key = rules::name_key(&name);
            account.name = name;
        }
        if let Some(domain) = domain {
            // The one that it goes by no longer is no domain of it any more, unless the caller says so.
            identity.domains.retain(|known| Some(known) != account.domain.as_ref());
            account.domain = domain;
        }
        account.country = country.unwrap_or(account.country);
        account.industry = industry.unwrap_or_else(|| account.industry.take());
        account.size = size.unwrap_or(account.size);
        account.parent_id = parent_id.unwrap_or(account.parent_id);
        identity.names = names.unwrap_or_else(|| std::mem::take(&mut identity.names));
        identity.domains = domains.unwrap_or_else(|| std::mem::take(&mut identity.domains));
        identity.domains.extend(account.domain.clone());
        identity.registry_ids = registry_ids.unwrap_or_else(|| std::mem::take(&mut identity.registry_ids));
        identity.references = references.unwrap_or_else(|| std::mem::take(&mut identity.references));
        after.identity = after.identity.sorted();
        if after != *self {
            after.account.version = after.account.version.saturating_add(1);
        }
        after
    }

    /// As it is after what another system says of it: what is said takes the place of what is known, and lists grow.
    #[must_use]
    pub fn told(&self, system: &str, row: &UpsertRow, parent_id: Option<AccountId>) -> Self {
        let UpsertRow { external_id, customer, industry, size, parent: _, identity } = row;
        let reference = Reference { system: system.to_owned(), external_id: external_id.clone() };
        let mut all = self.identity.clone().with(identity);
        all.references.push(reference);
        self.changed(Patch {
            name: Some(customer.name.clone()),
            domain: customer.domain.clone().map(Some),
            country: Some(customer.country),
            industry: industry.clone().map(Some),
            size: size.map(Some),
            parent_id: parent_id.map(Some),
            names: Some(all.names),
            domains: Some(all.domains),
            registry_ids: Some(all.registry_ids),
            references: Some(all.references),
        })
    }
}

/// Which accounts a list shows.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Whose normalised name begins with this key.
    pub name_key: Option<String>,
    /// With this registrable domain.
    pub domain: Option<String>,
    /// In one of these countries.
    pub countries: Vec<Country>,
    /// Of one of these sizes.
    pub sizes: Vec<AccountSize>,
    /// Part of this account.
    pub parent_id: Option<AccountId>,
    /// What only staff may ask by.
    pub staff: StaffFilter,
}

/// What only staff may ask accounts by. Nothing in it for partners.
#[derive(Clone, Debug, Default)]
pub struct StaffFilter {
    /// Reserved as a whole in one of these ways.
    pub reserved_for: Vec<AccountReservation>,
    /// Known to a public registry by this id.
    pub registry_id: Option<RegistryId>,
    /// Called so by another system.
    pub reference: Option<Reference>,
    /// Served by this partner.
    pub incumbent_id: Option<PartnerId>,
}

/// What a list of accounts is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountOrder {
    /// By creation.
    Created,
    /// By normalised name.
    Name,
}
