//! The words of opportunities of the vendor's own team.

use entity::value::{AccountId, DirectOpportunityOutcome, ProductLineId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// How many open ones an account has at most.
pub const MOST_OPEN: u64 = 100;

/// How many product lines are named at once at most.
pub const MOST_LINES: usize = 10;

/// An opportunity of the vendor's own team on a product line of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DirectOpportunity {
    /// The account.
    pub account_id: AccountId,
    /// The product line.
    pub product_line_id: ProductLineId,
    /// What the vendor's CRM calls it.
    pub reference: String,
    /// Since when it is known.
    pub opened_at: Timestamp,
    /// Who recorded it.
    pub recorded_by: Option<UserId>,
    /// How it ended; none while it is open.
    pub outcome: Option<DirectOpportunityOutcome>,
}

/// The vendor's own team works on product lines of an account.
#[derive(Clone, Debug)]
pub struct Record {
    /// The account.
    pub account_id: AccountId,
    /// The product lines, each once, sorted.
    pub product_line_ids: Vec<ProductLineId>,
    /// What the vendor's CRM calls it.
    pub reference: String,
}

/// An opportunity ends, on all of its product lines.
#[derive(Clone, Debug)]
pub struct Close {
    /// The account.
    pub account_id: AccountId,
    /// What the vendor's CRM calls it.
    pub reference: String,
    /// How.
    pub outcome: DirectOpportunityOutcome,
}
