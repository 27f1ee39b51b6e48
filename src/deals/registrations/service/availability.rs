//! Whether a place is free, for somebody who only asks.

use entity::value::{PartnerId, ProductLineId, SalesMotion};
use sea_orm::DatabaseTransaction;

use super::facts::{Asked, gather};
use crate::{
    accounts::accounts::model::AccountFacts,
    deals::registrations::rules::{
        policy::DealPolicy,
        resolution::{Availability, Purpose, resolve},
    },
    onboarding::partners,
    platform::{call::Call, error::AppResult, policies},
};

/// What a partner would be told who registered a deal on an account now; `Clear` when there is no account. The same
/// statements run in each case. Whether the partner is authorised there is no property of the account and plays no part.
///
/// # Errors
/// Those of the database.
pub async fn availability(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: PartnerId,
    account: Option<&AccountFacts>,
    lines: &[ProductLineId],
) -> AppResult<Availability> {
    let now = call.now();
    let policy = policies::in_force::<DealPolicy>(txn, now).await?;
    let partner = partners::facts(txn, partner_id).await?;
    let asked = Asked {
        now,
        partner: &partner,
        account,
        lines,
        sales_motion: SalesMotion::default(),
        evidence_total: 0,
        qualified_at: None,
        registration_id: None,
        authorised: false,
    };
    let facts = gather(txn, &policy.policy, asked).await?;
    Ok(resolve(Purpose::Registration, policy.version, &facts).availability)
}
