//! What callers see inside of a registration.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use entity::value::{Country, DealField, EvidenceId, EvidenceKind, Timestamp};

use crate::{
    deals::{
        evidence_files::graphql::EvidenceFile,
        registrations::{model, rules::policy::DealPolicy, service},
    },
    onboarding::tiers::rules::policy::TierPolicy,
    people::users::graphql::User,
    platform::{call::Call, error::AppResult, graphql::loaders::Once},
};

/// Whom the partner speaks with at the customer.
#[derive(SimpleObject)]
pub struct DealContact {
    /// The name.
    pub(super) name: String,
    /// The e-mail address.
    pub(super) email: String,
}

/// An item of qualification evidence.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct EvidenceItem {
    #[graphql(skip)]
    pub(super) evidence_id: EvidenceId,
    /// Its id.
    pub(super) id: ID,
    /// What it shows.
    pub(super) kind: EvidenceKind,
    /// When it took place.
    pub(super) occurred_at: Option<Timestamp>,
    /// In words.
    pub(super) description: String,
    /// Where the proof is.
    pub(super) proof: Option<String>,
    /// When it was added.
    pub(super) added_at: Timestamp,
    /// When it was withdrawn: it counts no more; null while it counts.
    pub(super) withdrawn_at: Option<Timestamp>,
}

#[ComplexObject]
impl EvidenceItem {
    /// The files that prove it, oldest first: at most five.
    async fn files(&self, gql: &Context<'_>) -> AppResult<Vec<EvidenceFile>> {
        EvidenceFile::load_of(gql, self.evidence_id).await
    }
}

/// How a draft describes its customer.
#[derive(SimpleObject)]
pub struct DealDraftCustomer {
    /// The name.
    pub(super) name: String,
    /// The registrable domain; null when none was given that proves something.
    pub(super) domain: Option<String>,
    /// Where it is.
    pub(super) country: Country,
}

/// What the partner was asked about a registration, and what it answered.
#[derive(SimpleObject)]
pub struct DealInformationRequest {
    /// The parts in question.
    pub(super) fields: Vec<DealField>,
    /// The question, in words.
    pub(super) message: String,
    /// When it was asked.
    pub(super) asked_at: Timestamp,
    /// The answer, in words; null before, and where the changes say it all.
    pub(super) answer: Option<String>,
}

/// Since when nothing was heard of a protected deal, and what follows.
#[derive(SimpleObject)]
pub struct DealInactivity {
    /// When something was last heard of it: an update, evidence, a later stage; the beginning of the protection otherwise.
    pub(super) last_update_at: Timestamp,
    /// From when on its partner is warned, unless something is heard before.
    pub(super) warned_from: Timestamp,
    /// From when on it may be revoked, unless something is heard before.
    pub(super) revocable_from: Timestamp,
    /// Whether its partner is warned.
    pub(super) is_warned: bool,
    /// Whether it may be revoked.
    pub(super) is_revocable: bool,
}

/// The quota credit that a direct rep keeps for a deal that a partner won.
pub struct DirectRepCredit(pub(super) model::Credit);

/// The quota credit that a direct rep keeps for a deal that a partner won.
#[Object]
impl DirectRepCredit {
    /// The person.
    async fn user(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.user_id).await.transpose()
    }

    /// How much of the deal they are credited with, in basis points.
    async fn basis_points(&self) -> i32 {
        self.0.basis_points
    }
}

impl From<model::Evidence> for EvidenceItem {
    fn from(evidence: model::Evidence) -> Self {
        let model::Evidence { id, registration_id: _, item, added_at, withdrawn_at } = evidence;
        let model::NewEvidence { kind, occurred_at, description, proof } = item;
        Self {
            evidence_id: id,
            id: id.to_string().into(),
            kind,
            occurred_at,
            description,
            proof,
            added_at,
            withdrawn_at,
        }
    }
}

/// The policies of tiers and of deals that are in force.
#[derive(Clone)]
pub(super) struct Policies {
    pub(super) tiers: TierPolicy,
    pub(super) deals: DealPolicy,
}

impl Once for Policies {
    async fn read(call: &Call) -> AppResult<Self> {
        service::policies(call).await.map(|(tiers, deals)| Self { tiers, deals })
    }
}
