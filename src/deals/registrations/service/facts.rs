//! Gathering what a decision about a registration is made of, in the transaction that acts on it. The same statements run
//! for every registration of one kind on a known account, whoever stands against it.

use entity::value::{
    AccountId, AccountReservation, Country, PartnerId, ProductLineId, RegistrationId, SalesMotion, Timestamp,
    TypedId as _,
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    accounts::{
        accounts::model::{AccountFacts, Finding},
        direct_opportunities::{self, model::DirectOpportunity},
        reservations,
    },
    deals::registrations::{
        model::Registration,
        rules::{
            facts::{Claim, Facts},
            policy::DealPolicy,
        },
        store,
    },
    onboarding::{
        authorisations::{self, model::Coverage},
        partners::model::PartnerFacts,
    },
    platform::error::AppResult,
};

/// What a decision is asked about.
pub struct Asked<'a> {
    /// The instant.
    pub now: Timestamp,
    /// Whose registration it is.
    pub partner: &'a PartnerFacts,
    /// The customer; none when nobody has met it yet.
    pub account: Option<&'a AccountFacts>,
    /// The product lines.
    pub lines: &'a [ProductLineId],
    /// What the deal sells, compared with what the customer has.
    pub sales_motion: SalesMotion,
    /// The points of the evidence.
    pub evidence_total: i32,
    /// When the evidence became sufficient.
    pub qualified_at: Option<Timestamp>,
    /// The registration itself, which is no rival of its own.
    pub registration_id: Option<RegistrationId>,
    /// Whether the partner's authorisations count: not for who only asks about the account.
    pub authorised: bool,
}

impl<'a> Asked<'a> {
    /// About a registration that exists, as it is now.
    pub(super) const fn about(
        registration: &Registration,
        partner: &'a PartnerFacts,
        account: &'a AccountFacts,
        lines: &'a [ProductLineId],
        now: Timestamp,
    ) -> Self {
        Self {
            now,
            partner,
            account: Some(account),
            lines,
            sales_motion: registration.sales_motion,
            evidence_total: registration.evidence_score.total,
            qualified_at: registration.qualified_at,
            registration_id: Some(registration.id),
            authorised: true,
        }
    }
}

/// Gathers them.
///
/// # Errors
/// Those of the database.
pub async fn gather(txn: &DatabaseTransaction, policy: &DealPolicy, asked: Asked<'_>) -> AppResult<Facts> {
    let Asked { now, partner, account, lines, authorised, .. } = asked;
    let account_id = account.map_or(AccountId::from_uuid(Uuid::nil()), |account| account.id);
    // Nothing was known of a customer that was created in this very transaction.
    let known = account.is_none_or(|account| account.found_by != Finding::Created);
    let surroundings = Surroundings::read(txn, account_id, known, lines).await?;
    let coverage = match account {
        Some(account) if authorised => {
            Some(authorisations::coverage(txn, partner.id, lines, place(account), now).await?)
        }
        _ => None,
    };
    Ok(surroundings.facts(policy, &asked, coverage))
}

/// Where a customer is, as authorisations know places.
pub(super) fn place(account: &AccountFacts) -> (Country, Option<&str>) {
    (account.country, account.industry.as_deref())
}

/// What is known about some product lines of an account: read once for all who are asked about.
pub(super) struct Surroundings {
    claims: Vec<(ProductLineId, Claim)>,
    direct: Vec<DirectOpportunity>,
    incumbents: Vec<PartnerId>,
}

impl Surroundings {
    /// Reads it; nothing but claims of an account of which nothing was `known`.
    pub(super) async fn read(
        txn: &DatabaseTransaction,
        account_id: AccountId,
        known: bool,
        lines: &[ProductLineId],
    ) -> AppResult<Self> {
        let claims = store::claims(txn, account_id, lines).await?;
        let (direct, incumbents) = if known {
            (direct_opportunities::open(txn, account_id, lines).await?, reservations::served_by(txn, account_id).await?)
        } else {
            (Vec::new(), Vec::new())
        };
        Ok(Self { claims, direct, incumbents })
    }

    /// What one of those decisions is made of. Without an answer about coverage, authorisations do not count.
    pub(super) fn facts(&self, policy: &DealPolicy, asked: &Asked<'_>, coverage: Option<Coverage>) -> Facts {
        let Asked { now, partner, account, lines, sales_motion, evidence_total, qualified_at, registration_id, .. } =
            *asked;
        let mut claims: Vec<Claim> = Vec::new();
        for (line, claim) in &self.claims {
            let own = Some(claim.registration_id) == registration_id || !lines.contains(line);
            // They come in the order of the registrations.
            if !own && claims.last().is_none_or(|last| last.registration_id != claim.registration_id) {
                claims.push(claim.clone());
            }
        }
        let direct = self.direct.iter().filter(|it| lines.contains(&it.product_line_id));
        // One that was never authorised for anything may sell everything everywhere, unless the policy asks for an
        // authorisation.
        let counts = |it: &Coverage| it.restricted || policy.authorisation_required;
        Facts {
            now,
            partner_id: partner.id,
            partner_state: partner.state,
            reserved_for: account.map_or(AccountReservation::Open, |account| account.reserved_for),
            account_found_by: account.map_or(Finding::Created, |account| account.found_by),
            evidence_total,
            qualified_at,
            claims,
            taken_meanwhile: false,
            probable_accounts: account.map(|account| account.probable.clone()).unwrap_or_default(),
            sales_motion,
            uncovered_lines: coverage.filter(counts).map(|it| it.uncovered).unwrap_or_default(),
            incumbents: self.incumbents.clone(),
            direct_opportunities: direct.map(|it| it.reference.clone()).collect(),
            conflicts: policy.conflicts,
        }
    }
}
