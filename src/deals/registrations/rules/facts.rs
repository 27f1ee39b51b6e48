//! What a decision about a registration is made of: gathered in its transaction, kept on its receipt.

use entity::value::{
    AccountId, AccountReservation, DealRegistrationState as State, PartnerId, PartnerState, ProductLineId,
    RegistrationId, SalesMotion, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::conflicts::ConflictPolicy;
use crate::accounts::accounts::model::Finding;

/// An open registration on the same account and a common product line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Which one.
    pub registration_id: RegistrationId,
    /// Whose.
    pub partner_id: PartnerId,
    /// Where it is, as stored; while a conflict about it is open, where it stood before, unless it had ended.
    pub state: State,
    /// When its evidence became sufficient.
    pub qualified_at: Option<Timestamp>,
    /// At which instant its protection ends.
    pub protected_until: Option<Timestamp>,
    /// What the deal sells, compared with what the customer has.
    #[serde(default)]
    pub sales_motion: SalesMotion,
    /// From when on it is offered the place, where it waits for it.
    #[serde(default)]
    pub offered_from: Option<Timestamp>,
    /// Until when.
    #[serde(default)]
    pub offered_until: Option<Timestamp>,
    /// Whether it let an offer pass before that one.
    #[serde(default)]
    pub let_pass: bool,
}

/// Every fact that the decision uses. What was not a fact when a receipt was kept has a default here, so that every receipt
/// can be replayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// The instant of the decision.
    pub now: Timestamp,
    /// Whose registration it is.
    pub partner_id: PartnerId,
    /// Where the partner is in its life with the vendor.
    pub partner_state: PartnerState,
    /// For whom the account is reserved.
    pub reserved_for: AccountReservation,
    /// By which evidence the account was found.
    pub account_found_by: Finding,
    /// The points of the evidence.
    pub evidence_total: i32,
    /// When the evidence became sufficient.
    pub qualified_at: Option<Timestamp>,
    /// The other open registrations on the same account and a common product line, of anybody.
    pub claims: Vec<Claim>,
    /// The database refused a second holder: somebody else committed first.
    pub taken_meanwhile: bool,
    /// Other accounts that may be the same customer as this one, which is new.
    #[serde(default)]
    pub probable_accounts: Vec<AccountId>,
    /// What the deal sells, compared with what the customer has.
    #[serde(default)]
    pub sales_motion: SalesMotion,
    /// The product lines that the partner's authorisations do not cover there; none when they do not restrict it.
    #[serde(default)]
    pub uncovered_lines: Vec<ProductLineId>,
    /// The partners that serve the account.
    #[serde(default)]
    pub incumbents: Vec<PartnerId>,
    /// What the vendor's CRM calls the open opportunities of its own team on a common product line.
    #[serde(default)]
    pub direct_opportunities: Vec<String>,
    /// What each kind of conflict leads to, as the policy says.
    #[serde(default = "ConflictPolicy::of_first_receipts")]
    pub conflicts: ConflictPolicy,
}

/// A place in the queue: whoever serves the customer comes first with what follows up, then whoever was qualified first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Whether somebody else serves the customer, or nobody, or the deal is new business.
    newcomer: bool,
    /// When the evidence became sufficient.
    qualified_at: Timestamp,
}

impl Claim {
    /// Whether it is protected at an instant.
    #[must_use]
    pub fn is_protected(&self, now: Timestamp) -> bool {
        self.state == State::Protected && self.protected_until.is_some_and(|until| now < until)
    }

    /// Whether its protection or its hold has ended by the clock, and nobody has written that down yet.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.protected_until.is_some_and(|until| until <= now)
    }

    /// Whether it is offered the place at an instant.
    #[must_use]
    pub fn is_offered(&self, now: Timestamp) -> bool {
        self.offered_from.is_some_and(|from| from <= now) && self.offered_until.is_some_and(|until| now < until)
    }

    /// Whether it has let its turn pass, and waits for the place to be held and left again.
    #[must_use]
    pub fn has_passed(&self, now: Timestamp) -> bool {
        match self.offered_until {
            Some(until) => until <= now,
            None => self.let_pass,
        }
    }
}

impl Facts {
    /// Whether the partner has an open registration about the same.
    #[must_use]
    pub fn own_duplicate(&self) -> bool {
        self.claims.iter().any(|claim| claim.partner_id == self.partner_id && !claim.has_expired(self.now))
    }

    /// Other partners' registrations that count: a draft claims nothing yet.
    pub fn rivals(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| {
            claim.partner_id != self.partner_id && !claim.has_expired(self.now) && claim.state != State::Draft
        })
    }

    /// The other partner that is protected.
    #[must_use]
    pub fn protected_rival(&self) -> Option<&Claim> {
        self.rivals().find(|claim| claim.is_protected(self.now))
    }

    /// Other partners' registrations that wait to be decided.
    pub fn waiting_rivals(&self) -> impl Iterator<Item = &Claim> {
        self.rivals().filter(|claim| !claim.is_protected(self.now))
    }

    /// The one of them that comes before this registration.
    #[must_use]
    pub fn earlier_rival(&self) -> Option<&Claim> {
        let own = self.rank(self.partner_id, self.sales_motion, self.qualified_at)?;
        let rank = |claim: &Claim| self.rank(claim.partner_id, claim.sales_motion, claim.qualified_at);
        let earlier = |claim: &&Claim| !claim.has_passed(self.now) && rank(claim).is_some_and(|theirs| theirs < own);
        self.waiting_rivals().find(earlier)
    }

    /// The other partner's registration that is offered the place.
    #[must_use]
    pub fn offered_rival(&self) -> Option<&Claim> {
        self.rivals().find(|claim| claim.is_offered(self.now))
    }

    /// The other partner that serves the account, when the deal follows up what the customer has and this partner does not.
    #[must_use]
    pub fn other_incumbent(&self) -> Option<PartnerId> {
        if !self.sales_motion.follows_up() || self.incumbents.contains(&self.partner_id) {
            return None;
        }
        self.incumbents.first().copied()
    }

    /// A partner's place in the queue; none without sufficient evidence.
    fn rank(&self, partner_id: PartnerId, motion: SalesMotion, qualified_at: Option<Timestamp>) -> Option<Rank> {
        let newcomer = !(motion.follows_up() && self.incumbents.contains(&partner_id));
        Some(Rank { newcomer, qualified_at: qualified_at? })
    }
}
