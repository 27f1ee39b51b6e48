//! A version of the policy of deals, as staff see it.

use async_graphql::{Object, SimpleObject};
use entity::value::Timestamp;

use crate::{
    deals::registrations::rules::{
        conflicts::{ConflictPolicy, Consequence},
        policy::{
            DealPolicy, EvidencePolicy, ProtectionDays, automatic::AutomaticPolicy, cases::CasePolicy, life::LifePolicy,
        },
    },
    platform::policies::Kept,
};

/// A version of the policy of deals.
pub struct DealPolicyVersion(pub Kept<DealPolicy>);

/// A version of the policy of deals.
#[Object]
impl DealPolicyVersion {
    /// Its number: every decision keeps the one that it was made under.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// From when on it is in force; null for the one that was shipped.
    async fn effective_at(&self) -> Option<Timestamp> {
        self.0.effective_at
    }

    /// What evidence is worth.
    async fn evidence(&self) -> DealEvidencePolicy {
        DealEvidencePolicy::from(&self.0.policy.evidence)
    }

    /// For how many days a registration is protected, by level; null while the policy of tiers says it.
    async fn protection_days(&self) -> Option<DealProtectionDays> {
        self.0.policy.protection_days.as_ref().map(DealProtectionDays::from)
    }

    /// Within how many business days a registration is decided.
    async fn review_business_days(&self) -> u32 {
        self.0.policy.review_business_days
    }

    /// What each kind of conflict leads to.
    async fn conflicts(&self) -> DealConflictPolicy {
        DealConflictPolicy::from(&self.0.policy.conflicts)
    }

    /// Whether a partner needs an authorisation for what it registers, even one that was never given any.
    async fn authorisation_required(&self) -> bool {
        self.0.policy.authorisation_required
    }

    /// How long claims live.
    async fn life(&self) -> DealLifePolicy {
        DealLifePolicy::from(&self.0.policy.life)
    }

    /// What is approved without a person.
    async fn automatic(&self) -> DealAutomaticPolicy {
        DealAutomaticPolicy::from(&self.0.policy.automatic)
    }

    /// For how many days somebody on a waiting list has an offer.
    async fn offer_days(&self) -> i64 {
        self.0.policy.offer_days
    }

    /// By when conflict cases are decided and appealed.
    async fn cases(&self) -> DealCasePolicy {
        DealCasePolicy::from(&self.0.policy.cases)
    }
}

/// Declares an object of the API that says what a part of the policy says.
macro_rules! shown {
    ($(#[$doc:meta])* $name:ident of $of:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(SimpleObject)]
        pub struct $name {
            $($(#[$field_doc])* $field: $ty,)*
        }

        impl From<&$of> for $name {
            fn from(it: &$of) -> Self {
                Self { $($field: it.$field,)* }
            }
        }
    };
}

shown! {
    /// What evidence is worth, in points; all parts together are 100.
    DealEvidencePolicy of EvidencePolicy {
        /// The customer's identity was verified.
        customer_identity: i32,
        /// A named decision maker.
        decision_maker: i32,
        /// Each dated interaction with proof.
        interaction: i32,
        /// All dated interactions together, at most.
        interactions_at_most: i32,
        /// The need is described.
        need_described: i32,
        /// Product, amount and date are given.
        deal_described: i32,
        /// A demonstration or site survey.
        demonstration: i32,
        /// The customer's confirmation.
        customer_confirmation: i32,
        /// From how many points on evidence is sufficient, given at least one dated interaction.
        sufficient: i32,
    }
}

shown! {
    /// For how many days a registration is protected, by level.
    DealProtectionDays of ProtectionDays {
        /// At the entry level.
        registered: i64,
        /// At the second level.
        silver: i64,
        /// At the third level.
        gold: i64,
        /// At the highest level.
        platinum: i64,
    }
}

shown! {
    /// What each kind of conflict leads to.
    DealConflictPolicy of ConflictPolicy {
        /// Another partner is protected on the account and a common product line.
        protected_by_another_partner: Consequence,
        /// Another partner's undecided registration is about the same.
        rival_in_review: Consequence,
        /// The vendor's own team has an open opportunity on the account and a common product line.
        direct_opportunity_open: Consequence,
        /// The account is reserved for the vendor's own team.
        account_reserved_for_direct: Consequence,
        /// Another partner serves the account, and the deal renews or expands what it has.
        incumbent_partner: Consequence,
        /// The partner is not authorised for a product line in the customer's country and industry.
        territory_not_authorised: Consequence,
        /// Another account may be the same customer.
        probable_duplicate_account: Consequence,
        /// The partner has an open registration about the same.
        own_duplicate: Consequence,
    }
}

shown! {
    /// How long claims live.
    DealLifePolicy of LifePolicy {
        /// For how many business days a registration without sufficient evidence is held.
        hold_business_days: u32,
        /// How many such holds a partner has open at once, at most.
        most_open_holds: i64,
        /// How often a protection is extended, at most.
        most_extensions: i32,
        /// By how many days.
        extension_days: i64,
        /// How many days a protection lasts in all, at most.
        most_protection_days: i64,
        /// After how many days without an update a partner is warned.
        warning_days: i64,
        /// After how many days without an update a protection may be revoked.
        revocable_days: i64,
        /// What the direct rep is credited with of a deal that a partner won, in basis points, where nothing else is said.
        #[graphql(name = "directRepCreditBasisPoints")]
        direct_rep_credit_bp: i32,
    }
}

shown! {
    /// What is approved without a person.
    DealAutomaticPolicy of AutomaticPolicy {
        /// Whether registrations are approved automatically at all.
        enabled: bool,
        /// From how many points of evidence on.
        least_evidence: i32,
    }
}

shown! {
    /// By when conflict cases are decided and appealed. A vendor that misses its own deadline twice has upheld what stood.
    DealCasePolicy of CasePolicy {
        /// Within how many business days a case is decided.
        decide_business_days: u32,
        /// Within how many business days a decision is appealed.
        appeal_business_days: u32,
    }
}
