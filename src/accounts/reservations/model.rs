//! The words of reservations and incumbents.

use entity::value::{AccountId, AccountReservation, PartnerId, ProductLineId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// How many partners serve an account at most.
pub const MOST_INCUMBENTS: u64 = 20;

/// For whom an account, or one product line of it, is reserved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// The account.
    pub account_id: AccountId,
    /// The product line; none when it is the whole account.
    pub product_line_id: Option<ProductLineId>,
    /// For whom.
    pub reserved_for: AccountReservation,
    /// Who of the staff answers for it.
    pub owner_id: Option<UserId>,
    /// Why.
    pub reason: String,
    /// Since when.
    pub reserved_at: Timestamp,
    /// Who reserved it.
    pub reserved_by: Option<UserId>,
}

/// An account is reserved.
#[derive(Clone, Debug)]
pub struct Reserve {
    /// The account.
    pub account_id: AccountId,
    /// The product line; none for the whole account.
    pub product_line_id: Option<ProductLineId>,
    /// For whom.
    pub reserved_for: AccountReservation,
    /// Who of the staff answers for it.
    pub owner_id: Option<UserId>,
    /// Why.
    pub reason: String,
}

/// A reservation ends.
#[derive(Clone, Debug)]
pub struct Release {
    /// The account.
    pub account_id: AccountId,
    /// The product line; none for the reservation of the whole account.
    pub product_line_id: Option<ProductLineId>,
    /// Why.
    pub reason: String,
}

/// A partner that serves an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incumbent {
    /// The account.
    pub account_id: AccountId,
    /// The partner.
    pub partner_id: PartnerId,
    /// Since when it is known.
    pub since: Timestamp,
}

/// A partner serves an account, or serves it no longer.
#[derive(Clone, Copy, Debug)]
pub struct Serves {
    /// The account.
    pub account_id: AccountId,
    /// The partner.
    pub partner_id: PartnerId,
}
