//! Whether a place is free, for somebody who only asks.

use entity::value::{AccountId, AccountReservation, PartnerId, ProductLineId, TypedId as _};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    accounts::accounts::model::{AccountFacts, Finding},
    deals::registrations::{
        rules::{
            policy::DealPolicy,
            resolution::{Availability, Facts, Purpose, resolve},
        },
        store,
    },
    onboarding::partners,
    platform::{call::Call, error::AppResult, policies},
};

/// What a partner would be told who registered a deal on an account now; `Clear` when there is no account. The same
/// statements run in each case.
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
    let account_id = account.map_or(AccountId::from_uuid(Uuid::nil()), |account| account.id);
    let facts = Facts {
        now,
        partner_id,
        partner_state: partner.state,
        reserved_for: account.map_or(AccountReservation::Open, |account| account.reserved_for),
        account_found_by: account.map_or(Finding::Created, |account| account.found_by),
        evidence_total: 0,
        qualified_at: None,
        claims: store::claims(txn, account_id, lines).await?,
        taken_meanwhile: false,
        probable_accounts: Vec::new(),
    };
    Ok(resolve(Purpose::Registration, policy.version, &facts).availability)
}
