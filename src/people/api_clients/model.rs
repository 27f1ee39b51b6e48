//! The words of API clients.

use std::{fmt, net::IpAddr, str::FromStr};

use async_graphql::Enum;
use entity::value::{ApiClientId, ApiClientSecretId, ClientScopes, PartnerId, PartnerState, Timestamp, UserId};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::platform::http::address;

/// How many requests a client may make in a minute when nothing is said.
pub const REQUESTS_PER_MINUTE: i64 = 600;
/// How many it may be allowed at most.
pub const MOST_REQUESTS_PER_MINUTE: i64 = 60_000;
/// How many address ranges a client may name.
pub const MOST_RANGES: usize = 50;
/// How many secrets of a client work at a time: one in use, and the one that replaces it.
pub const MOST_SECRETS: i64 = 2;
/// A client's last use is written down at most so often, in seconds.
pub const USE_NOTED_EVERY_SECONDS: i64 = 60;

/// Where a client may call from; anywhere when empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct AddressRanges(Vec<IpNet>);

impl AddressRanges {
    /// Each range once, in the order given.
    #[must_use]
    pub fn new(ranges: Vec<IpNet>) -> Self {
        let mut kept: Vec<IpNet> = Vec::new();
        for range in ranges {
            if !kept.contains(&range) {
                kept.push(range);
            }
        }
        Self(kept)
    }

    /// Whether a call from an address is let in. One from nowhere is let in only where all are.
    #[must_use]
    pub fn include(&self, address: Option<IpAddr>) -> bool {
        let address = address.map(|address| address.to_canonical());
        self.0.is_empty() || address.is_some_and(|address| self.0.iter().any(|range| range.contains(&address)))
    }

    /// As texts.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(ToString::to_string)
    }
}

impl fmt::Display for AddressRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts().collect::<Vec<_>>().join(" "))
    }
}

impl FromStr for AddressRanges {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |part: &str| format!("{part:?} is no range of addresses");
        let ranges = text.split_whitespace().map(|part| address::range(part).ok_or_else(|| wrong(part)));
        Ok(Self(ranges.collect::<Result<_, _>>()?))
    }
}

impl TryFrom<Vec<String>> for AddressRanges {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        texts.join(" ").parse()
    }
}

impl From<AddressRanges> for Vec<String> {
    fn from(ranges: AddressRanges) -> Self {
        ranges.texts().collect()
    }
}

/// Whether a client's secrets work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "ApiClientState")]
pub enum State {
    /// They work.
    Active,
    /// Its time is over; a later `expiresAt` lets it in again.
    Expired,
    /// It was revoked for good.
    Revoked,
}

/// A program of an integrator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiClient {
    /// Its id.
    pub id: ApiClientId,
    /// The partner company that it acts for; none for the vendor.
    pub partner_id: Option<PartnerId>,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: ClientScopes,
    /// Where it may call from.
    pub address_ranges: AddressRanges,
    /// How many requests it may make in a minute.
    pub requests_per_minute: i64,
    /// Who made it.
    pub created_by: UserId,
    /// Who answers for what it does.
    pub responsible_id: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, if it does by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: i64,
}

impl ApiClient {
    /// Whether its secrets work at an instant.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        if self.revoked_at.is_some() {
            State::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            State::Expired
        } else {
            State::Active
        }
    }
}

/// A secret of a client, without the secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// Its id.
    pub id: ApiClientSecretId,
    /// The client.
    pub client_id: ApiClientId,
    /// Which of the client's two places it takes.
    pub slot: i64,
    /// Its last four characters.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, if it does by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<Timestamp>,
}

/// A client with a new secret. The secret is made when it is shown, and never kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WithSecret {
    /// The client.
    pub client: ApiClient,
    /// Which secret of it is new.
    pub secret_id: ApiClientSecretId,
    /// The secret.
    #[serde(skip)]
    pub secret: String,
}

/// What is known of a caller that presents a secret or an access token made with one.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The secret.
    pub secret_id: ApiClientSecretId,
    /// When the secret stops working.
    pub secret_expires_at: Option<Timestamp>,
    /// When the secret was last used, give or take a minute.
    pub last_used_at: Option<Timestamp>,
    /// The client.
    pub client_id: ApiClientId,
    /// The partner company that it acts for, and its state.
    pub partner: Option<(PartnerId, PartnerState)>,
    /// What it may do.
    pub scopes: ClientScopes,
    /// Where it may call from.
    pub address_ranges: AddressRanges,
    /// How many requests it may make in a minute.
    pub requests_per_minute: i64,
    /// Who answers for it.
    pub responsible_id: UserId,
    /// When the client stops working.
    pub client_expires_at: Option<Timestamp>,
}

/// A client about to be made.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// The partner company that it shall act for; by default the maker's, or the vendor.
    pub partner_id: Option<PartnerId>,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: ClientScopes,
    /// Where it may call from.
    pub address_ranges: AddressRanges,
    /// When it stops working, if it does by itself.
    pub expires_at: Option<Timestamp>,
    /// How many requests it may make in a minute, if the maker says.
    pub requests_per_minute: Option<i64>,
}

/// A change of a client. What is absent stays.
#[derive(Clone, Debug)]
pub struct ClientChange {
    /// The client.
    pub id: ApiClientId,
    /// At which version the caller saw it.
    pub expected_version: Option<i64>,
    /// What people call it.
    pub name: Option<String>,
    /// What it may do.
    pub scopes: Option<ClientScopes>,
    /// Where it may call from.
    pub address_ranges: Option<AddressRanges>,
    /// When it stops working; `Some(None)` for never.
    pub expires_at: Option<Option<Timestamp>>,
    /// How many requests it may make in a minute.
    pub requests_per_minute: Option<i64>,
    /// Whether the caller answers for it from now on.
    pub take_over: bool,
}

/// A client that is to be revoked.
#[derive(Clone, Copy, Debug)]
pub struct Revocation {
    /// The client.
    pub id: ApiClientId,
    /// At which version the caller saw it.
    pub expected_version: Option<i64>,
}

/// A secret that is to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewSecret {
    /// The client.
    pub client_id: ApiClientId,
    /// When it stops working, if it does by itself.
    pub expires_at: Option<Timestamp>,
}

/// Which clients a list shows. What is empty excludes nothing.
#[derive(Clone, Debug, Default)]
pub struct ClientFilter {
    /// Acting for this partner.
    pub partner_id: Option<PartnerId>,
    /// In one of these states.
    pub states: Vec<State>,
    /// Whether somebody else has to answer for it: the one who does was deactivated.
    pub needs_review: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(texts: &[&str]) -> AddressRanges {
        AddressRanges::new(texts.iter().map(|text| address::range(text).unwrap()).collect())
    }

    #[test]
    fn ranges_let_in_what_lies_in_them_however_it_is_written() {
        let some = ranges(&["203.0.113.0/24", "2001:db8::/32", "198.51.100.7", "::ffff:192.0.2.0/120"]);
        for (address, inside) in [
            ("203.0.113.9", true),
            ("::ffff:203.0.113.9", true),
            ("203.0.114.9", false),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
            ("198.51.100.7", true),
            ("198.51.100.8", false),
            ("192.0.2.200", true),
            ("192.0.3.1", false),
        ] {
            assert_eq!(some.include(Some(address.parse().unwrap())), inside, "{address}");
        }
        assert!(!some.include(None), "from nowhere");
        assert!(AddressRanges::default().include(None));
    }

    #[test]
    fn ranges_have_one_form_and_nonsense_has_none() {
        let some = ranges(&["10.1.2.3/8", "10.0.0.0/8", "2001:DB8::1/32", "192.0.2.1"]);
        assert_eq!(some.to_string(), "10.0.0.0/8 2001:db8::/32 192.0.2.1/32");
        assert_eq!(some.to_string().parse(), Ok(some));
        for refused in ["", "example.com", "10.0.0.0/33", "10.0.0", "10.0.0.0/-1", "::/129"] {
            assert_eq!(address::range(refused), None, "{refused}");
        }
    }
}
