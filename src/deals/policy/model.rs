//! The words of changes of the policy of deals: what a draft does not say stays.

use async_graphql::InputObject;
use entity::value::Timestamp;

use crate::deals::registrations::rules::{
    conflicts::{ConflictPolicy, Consequence},
    policy::{
        DealPolicy, EvidencePolicy, ProtectionDays, automatic::AutomaticPolicy, cases::CasePolicy, life::LifePolicy,
    },
};

/// Declares an input whose fields may all be absent, and how it changes what it is about.
macro_rules! draft {
    ($(#[$doc:meta])* $name:ident of $of:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, InputObject)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$ty>,)*
        }

        impl $name {
            fn upon(&self, before: $of) -> $of {
                $of { $($field: self.$field.unwrap_or(before.$field),)* }
            }
        }
    };
}

draft! {
    /// What evidence is worth, in points; what is absent stays. All parts together are 100.
    DealEvidencePolicyDraft of EvidencePolicy {
        /// The customer's identity was verified: from 0 to 100.
        customer_identity: i32,
        /// A named decision maker: from 0 to 100.
        decision_maker: i32,
        /// Each dated interaction with proof: from 1 to what they are worth together.
        interaction: i32,
        /// All dated interactions together, at most: from 0 to 100.
        interactions_at_most: i32,
        /// The need is described: from 0 to 100.
        need_described: i32,
        /// Product, amount and date are given: from 0 to 100.
        deal_described: i32,
        /// A demonstration or site survey: from 0 to 100.
        demonstration: i32,
        /// The customer's confirmation: from 0 to 100.
        customer_confirmation: i32,
        /// From how many points on evidence is sufficient, given at least one dated interaction: from 1 to 100.
        sufficient: i32,
    }
}

draft! {
    /// For how many days a registration is protected, by level: each from 1 to 360. What is absent stays, or is 60, 90, 120
    /// and 180 when the policy of tiers said it before.
    DealProtectionDaysDraft of ProtectionDays {
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

draft! {
    /// What each kind of conflict leads to; what is absent stays. A protection, an incumbent, a reservation and an
    /// opportunity of the vendor's own team lead to the same, so that a partner cannot tell them apart.
    DealConflictPolicyDraft of ConflictPolicy {
        /// Another partner is protected: `REFUSE`, `WAITLIST` or `ESCALATE`.
        protected_by_another_partner: Consequence,
        /// Another partner's registration is undecided: anything.
        rival_in_review: Consequence,
        /// The vendor's own team has an open opportunity: `REFUSE`, `WAITLIST` or `ESCALATE`.
        direct_opportunity_open: Consequence,
        /// The account is reserved for the vendor's own team: `REFUSE`, `WAITLIST` or `ESCALATE`.
        account_reserved_for_direct: Consequence,
        /// Another partner serves the account: `REFUSE`, `WAITLIST` or `ESCALATE`.
        incumbent_partner: Consequence,
        /// The partner is not authorised there: `REFUSE`, `ESCALATE` or `ALLOW_WITH_NOTICE`.
        territory_not_authorised: Consequence,
        /// Another account may be the same customer: `REFUSE`, `ESCALATE` or `ALLOW_WITH_NOTICE`.
        probable_duplicate_account: Consequence,
        /// The partner has an open registration about the same: `REFUSE`.
        own_duplicate: Consequence,
    }
}

draft! {
    /// How long claims live; what is absent stays.
    DealLifePolicyDraft of LifePolicy {
        /// For how many business days a registration without sufficient evidence is held: from 1 to 60.
        hold_business_days: u32,
        /// How many such holds a partner has open at once, at most: from 0 to 1,000.
        most_open_holds: i64,
        /// How often a protection is extended, at most: from 0 to 20.
        most_extensions: i32,
        /// By how many days: from 1 to 360.
        extension_days: i64,
        /// How many days a protection lasts in all, at most: from 1 to 1,080.
        most_protection_days: i64,
        /// After how many days without an update a partner is warned: from 1 to 360.
        warning_days: i64,
        /// After how many days without an update a protection may be revoked: from the days of the warning to 720.
        revocable_days: i64,
        /// What the direct rep is credited with of a deal that a partner won, in basis points, where nothing else is said: from 0 to 10,000.
        #[graphql(name = "directRepCreditBasisPoints")]
        direct_rep_credit_bp: i32,
    }
}

draft! {
    /// What is approved without a person; what is absent stays.
    DealAutomaticPolicyDraft of AutomaticPolicy {
        /// Whether registrations are approved automatically at all.
        enabled: bool,
        /// From how many points of evidence on: from 1 to 100.
        least_evidence: i32,
    }
}

draft! {
    /// By when conflict cases are decided and appealed; what is absent stays.
    DealCasePolicyDraft of CasePolicy {
        /// Within how many business days a case is decided: from 1 to 60.
        decide_business_days: u32,
        /// Within how many business days a decision is appealed: from 1 to 60.
        appeal_business_days: u32,
    }
}

/// What a policy of deals would say; what is absent stays.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DealPolicyDraft {
    /// What evidence is worth.
    evidence: Option<DealEvidencePolicyDraft>,
    /// For how many days a registration is protected, by level.
    protection_days: Option<DealProtectionDaysDraft>,
    /// Set: the policy of tiers says for how many days a registration is protected.
    #[graphql(default)]
    protection_days_by_tier_policy: bool,
    /// Within how many business days a registration is decided: from 1 to 60.
    review_business_days: Option<u32>,
    /// What each kind of conflict leads to.
    conflicts: Option<DealConflictPolicyDraft>,
    /// Whether a partner needs an authorisation for what it registers, even one that was never given any.
    authorisation_required: Option<bool>,
    /// How long claims live.
    life: Option<DealLifePolicyDraft>,
    /// What is approved without a person.
    automatic: Option<DealAutomaticPolicyDraft>,
    /// For how many days somebody on a waiting list has an offer: from 1 to 60.
    offer_days: Option<i64>,
    /// By when conflict cases are decided and appealed.
    cases: Option<DealCasePolicyDraft>,
}

/// A policy is changed; what the draft does not say stays.
#[derive(Clone, Debug)]
pub struct SetPolicy {
    /// What it says anew.
    pub draft: DealPolicyDraft,
    /// From when on; at once when absent.
    pub effective_at: Option<Timestamp>,
    /// The latest version that the caller has read.
    pub expected_version: Option<i32>,
}

impl DealPolicyDraft {
    /// The policy that it makes of another one.
    #[must_use]
    pub fn upon(&self, before: DealPolicy) -> DealPolicy {
        let draft = self;
        let days = before.protection_days.filter(|_| !draft.protection_days_by_tier_policy);
        let days = match &draft.protection_days {
            Some(draft) => Some(draft.upon(days.unwrap_or_default())),
            None => days,
        };
        let evidence = match &draft.evidence {
            Some(draft) => draft.upon(before.evidence),
            None => before.evidence,
        };
        let life = match &draft.life {
            Some(draft) => draft.upon(before.life),
            None => before.life,
        };
        let automatic = match &draft.automatic {
            Some(draft) => draft.upon(before.automatic),
            None => before.automatic,
        };
        DealPolicy {
            evidence,
            protection_days: days,
            review_business_days: draft.review_business_days.unwrap_or(before.review_business_days),
            conflicts: draft.conflicts.as_ref().map_or(before.conflicts, |draft| draft.upon(before.conflicts)),
            authorisation_required: draft.authorisation_required.unwrap_or(before.authorisation_required),
            life,
            automatic,
            offer_days: draft.offer_days.unwrap_or(before.offer_days),
            cases: draft.cases.as_ref().map_or(before.cases, |draft| draft.upon(before.cases)),
        }
    }
}
