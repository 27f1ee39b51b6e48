//! Gathering what a decision about a registration is made of, in the transaction that acts on it. The same statements run
//! for every registration of one kind on a known account, whoever stands against it.

use entity::value::{
    AccountId, AccountReservation, ProductLineId, RegistrationId, SalesMotion, Timestamp, TypedId as _,
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    accounts::{
        accounts::model::{AccountFacts, Finding},
        direct_opportunities, reservations,
    },
    deals::registrations::{
        rules::{facts::Facts, policy::DealPolicy},
        store,
    },
    onboarding::{authorisations, partners::model::PartnerFacts},
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

/// Gathers them.
///
/// # Errors
/// Those of the database.
pub async fn gather(txn: &DatabaseTransaction, policy: &DealPolicy, asked: Asked<'_>) -> AppResult<Facts> {
    let Asked { now, partner, account, lines, sales_motion, evidence_total, qualified_at, registration_id, authorised } =
        asked;
    let account_id = account.map_or(AccountId::from_uuid(Uuid::nil()), |account| account.id);
    let mut claims = store::claims(txn, account_id, lines).await?;
    claims.retain(|claim| Some(claim.registration_id) != registration_id);
    // Nothing was known of a customer that was created in this very transaction.
    let known = account.is_none_or(|account| account.found_by != Finding::Created);
    let (direct, incumbents) = if known {
        (direct_opportunities::open(txn, account_id, lines).await?, reservations::served_by(txn, account_id).await?)
    } else {
        (Vec::new(), Vec::new())
    };
    let uncovered_lines = match account {
        Some(account) if authorised => uncovered(txn, policy, partner, account, lines, now).await?,
        _ => Vec::new(),
    };
    Ok(Facts {
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
        uncovered_lines,
        incumbents,
        direct_opportunities: direct.into_iter().map(|it| it.reference).collect(),
        conflicts: policy.conflicts,
    })
}

/// The product lines that the partner may not sell there. One that was never authorised for anything may sell everything
/// everywhere, unless the policy asks for an authorisation.
async fn uncovered(
    txn: &DatabaseTransaction,
    policy: &DealPolicy,
    partner: &PartnerFacts,
    account: &AccountFacts,
    lines: &[ProductLineId],
    now: Timestamp,
) -> AppResult<Vec<ProductLineId>> {
    let place = (account.country, account.industry.as_deref());
    let coverage = authorisations::coverage(txn, partner.id, lines, place, now).await?;
    if coverage.restricted || policy.authorisation_required { Ok(coverage.uncovered) } else { Ok(Vec::new()) }
}
