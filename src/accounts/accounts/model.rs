//! The words of accounts.

use entity::value::{AccountId, AccountReservation, AccountSize, Country, PartnerId, Timestamp};
use serde::{Deserialize, Serialize};

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

/// An account about to be created by staff.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Who it is.
    pub customer: Customer,
    /// Its industry, in words.
    pub industry: Option<String>,
    /// For whom it is reserved.
    pub reserved_for: AccountReservation,
    /// The account that it is part of.
    pub parent_id: Option<AccountId>,
}

/// By which evidence an account was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Finding {
    /// Named by its id.
    Given,
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
    /// The account.
    pub id: AccountId,
    /// For whom it is reserved.
    pub reserved_for: AccountReservation,
    /// By which evidence it was found.
    pub found_by: Finding,
}

impl Account {
    /// What other areas' decisions need to know.
    #[must_use]
    pub fn facts(&self, found_by: Finding) -> AccountFacts {
        AccountFacts { id: self.id, reserved_for: self.reserved_for, found_by }
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
    /// Reserved in one of these ways.
    pub reserved_for: Vec<AccountReservation>,
}

/// What a list of accounts is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountOrder {
    /// By creation.
    Created,
    /// By normalised name.
    Name,
}
