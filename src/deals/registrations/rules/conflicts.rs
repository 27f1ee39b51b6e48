//! What can stand against a registration, and what the policy makes of each (`domain.md §4`, conflict kinds).

use async_graphql::Enum;
use serde::{Deserialize, Serialize};

use crate::kernel::code::Code;

/// What stands against a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "DealConflictKind")]
pub enum ConflictKind {
    /// Another partner is protected on the account and a common product line.
    ProtectedByAnotherPartner,
    /// Another partner's undecided registration is about the same.
    RivalInReview,
    /// The vendor's own team has an open opportunity on the account and a common product line.
    DirectOpportunityOpen,
    /// The account is reserved for the vendor's own team.
    AccountReservedForDirect,
    /// Another partner serves the account, and the deal renews or expands what it has.
    IncumbentPartner,
    /// The partner is not authorised for a product line in the customer's country and industry.
    TerritoryNotAuthorised,
    /// Another account may be the same customer.
    ProbableDuplicateAccount,
    /// The partner has an open registration about the same.
    OwnDuplicate,
}

/// What a conflict leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "DealConflictConsequence")]
pub enum Consequence {
    /// The registration is not taken in, and not granted.
    Refuse,
    /// It is not granted while the conflict lasts; with sufficient evidence the partner may queue for the place.
    Waitlist,
    /// It is taken in, and a person decides. A protection stands all the same.
    Escalate,
    /// It is taken in for a closer look, with a note for those who decide.
    AllowWithNotice,
}

/// What each kind of conflict leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ConflictPolicy {
    /// Another partner is protected.
    pub protected_by_another_partner: Consequence,
    /// Another partner's registration is undecided.
    pub rival_in_review: Consequence,
    /// The vendor's own team has an open opportunity.
    pub direct_opportunity_open: Consequence,
    /// The account is reserved for the vendor's own team.
    pub account_reserved_for_direct: Consequence,
    /// Another partner serves the account.
    pub incumbent_partner: Consequence,
    /// The partner is not authorised there.
    pub territory_not_authorised: Consequence,
    /// Another account may be the same customer.
    pub probable_duplicate_account: Consequence,
    /// The partner has an open registration about the same.
    pub own_duplicate: Consequence,
}

impl ConflictKind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::ProtectedByAnotherPartner,
        Self::RivalInReview,
        Self::DirectOpportunityOpen,
        Self::AccountReservedForDirect,
        Self::IncumbentPartner,
        Self::TerritoryNotAuthorised,
        Self::ProbableDuplicateAccount,
        Self::OwnDuplicate,
    ];

    /// Who holds the place: another partner or the vendor's own team. A partner must not be able to tell them apart, so
    /// they all lead to the same.
    pub const HOLDERS: &[Self] = &[
        Self::ProtectedByAnotherPartner,
        Self::DirectOpportunityOpen,
        Self::AccountReservedForDirect,
        Self::IncumbentPartner,
    ];

    /// The code of a refusal by it.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::ProtectedByAnotherPartner => Code::ProtectedByAnotherPartner,
            Self::RivalInReview => Code::RivalInReview,
            Self::DirectOpportunityOpen => Code::DirectOpportunityOpen,
            Self::AccountReservedForDirect => Code::AccountReservedForDirect,
            Self::IncumbentPartner => Code::IncumbentPartner,
            Self::TerritoryNotAuthorised => Code::TerritoryNotAuthorised,
            Self::ProbableDuplicateAccount => Code::ProbableDuplicateAccount,
            Self::OwnDuplicate => Code::OwnDuplicate,
        }
    }

    /// Whether it is about the partner itself, which may read it then. Everything else is about somebody else.
    #[must_use]
    pub const fn is_own(self) -> bool {
        matches!(self, Self::TerritoryNotAuthorised | Self::OwnDuplicate)
    }

    /// What a policy may make of it. A protection stands, and the database refuses a second claim of one partner to the
    /// same; nobody queues for what another account or the own authorisation decides.
    #[must_use]
    pub const fn may_lead_to(self) -> &'static [Consequence] {
        use Consequence::{AllowWithNotice, Escalate, Refuse, Waitlist};
        match self {
            Self::ProtectedByAnotherPartner
            | Self::DirectOpportunityOpen
            | Self::AccountReservedForDirect
            | Self::IncumbentPartner => &[Refuse, Waitlist, Escalate],
            Self::RivalInReview => &[Refuse, Waitlist, Escalate, AllowWithNotice],
            Self::TerritoryNotAuthorised | Self::ProbableDuplicateAccount => &[Refuse, Escalate, AllowWithNotice],
            Self::OwnDuplicate => &[Refuse],
        }
    }
}

impl ConflictPolicy {
    /// What every decision went by whose receipt does not say it: the first ones, made before this was a policy.
    #[must_use]
    pub const fn of_first_receipts() -> Self {
        Self {
            protected_by_another_partner: Consequence::Waitlist,
            rival_in_review: Consequence::AllowWithNotice,
            direct_opportunity_open: Consequence::Waitlist,
            account_reserved_for_direct: Consequence::Waitlist,
            incumbent_partner: Consequence::Waitlist,
            territory_not_authorised: Consequence::Refuse,
            probable_duplicate_account: Consequence::AllowWithNotice,
            own_duplicate: Consequence::Refuse,
        }
    }

    /// What a kind leads to.
    #[must_use]
    pub const fn of(&self, kind: ConflictKind) -> Consequence {
        match kind {
            ConflictKind::ProtectedByAnotherPartner => self.protected_by_another_partner,
            ConflictKind::RivalInReview => self.rival_in_review,
            ConflictKind::DirectOpportunityOpen => self.direct_opportunity_open,
            ConflictKind::AccountReservedForDirect => self.account_reserved_for_direct,
            ConflictKind::IncumbentPartner => self.incumbent_partner,
            ConflictKind::TerritoryNotAuthorised => self.territory_not_authorised,
            ConflictKind::ProbableDuplicateAccount => self.probable_duplicate_account,
            ConflictKind::OwnDuplicate => self.own_duplicate,
        }
    }
}

impl Default for ConflictPolicy {
    /// Whoever holds a place keeps it, and others may queue; what is doubtful is looked at; what is the partner's own affair
    /// is refused with the reason.
    fn default() -> Self {
        Self::of_first_receipts()
    }
}
