//! The words of lists of registrations.

use async_graphql::Enum;
use entity::value::{AccountId, DealRegistrationState as State, DealStage, PartnerId, UserId};

/// Whether a list reads what is long and seldom asked for: contact, need, the parts of the evidence score, reasons.
/// Left, they are empty in its registrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Long {
    /// They are read.
    Read,
    /// They are left out.
    Left,
}

/// Which registrations a list shows.
#[derive(Clone, Debug, Default)]
pub struct RegistrationFilter {
    /// In one of these states, as of now.
    pub states: Vec<State>,
    /// With the sale at one of these stages.
    pub deal_stages: Vec<DealStage>,
    /// Of this partner.
    pub partner_id: Option<PartnerId>,
    /// On this account.
    pub account_id: Option<AccountId>,
    /// Those that this person looks at.
    pub reviewer_id: Option<UserId>,
    /// Whether nobody looks at them yet.
    pub is_unassigned: Option<bool>,
    /// Whether they should have been decided before now.
    pub is_overdue: Option<bool>,
}

/// What a person has to look at before a registration is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum RegistrationDoubt {
    /// Another partner claims the same, or holds it.
    Rival,
    /// The account is reserved for the vendor's own team.
    AccountReservedForDirect,
    /// The vendor's own team has an open opportunity on the account and one of the product lines.
    DirectOpportunityOpen,
    /// Another account may be the same customer.
    ProbableDuplicateAccount,
}

/// What a list of registrations is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationOrder {
    /// By creation.
    Created,
    /// By the instant at which the evidence became sufficient; others are left out.
    Qualified,
    /// By the instant at which protection ends; others are left out.
    ProtectedUntil,
}
