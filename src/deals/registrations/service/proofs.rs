//! What files that prove evidence ask of its registration.

use entity::value::{EvidenceId, RegistrationId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::hold;
use crate::{
    deals::registrations::{
        model::{Change, DealRegistrationAction, Registration},
        store,
    },
    platform::{auth::Scope, call::Call, error::AppResult},
};

/// The registration that an item of evidence is of, if it exists for the caller.
///
/// # Errors
/// Those of the database.
pub async fn of_evidence(db: &impl ConnectionTrait, scope: Scope, id: EvidenceId) -> AppResult<Option<RegistrationId>> {
    store::proofs::of_evidence(db, scope, id).await
}

/// The registration, held until the transaction ends, if evidence may be added to it now.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`; those of the verb table.
pub async fn hold_to_add_evidence(
    txn: &DatabaseTransaction,
    call: &Call,
    id: RegistrationId,
) -> AppResult<Registration> {
    let change = Change { id, expected_version: None, what: () };
    hold(txn, call, DealRegistrationAction::AddEvidence, &change).await.map(|(registration, _)| registration)
}
