//! Reading cases: staff all of them, partners their own side.

use entity::value::{DealConflictId, RegistrationId};

use crate::{
    deals::conflicts::{
        model::{Conflict, ConflictFilter, Party},
        store,
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::AppResult,
        graphql::page::{Page, Rows},
    },
};

/// The cases of these ids, as they are stored; nothing for those who may not read them.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[DealConflictId]) -> AppResult<Vec<Conflict>> {
    if call.may(Action::ReadConflicts).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), ids).await
}

/// The parties of cases; nothing for those who may not read them.
///
/// # Errors
/// Those of the database.
pub async fn parties_of(call: &Call, ids: &[DealConflictId]) -> AppResult<Vec<Party>> {
    if call.may(Action::ReadConflicts).is_err() {
        return Ok(Vec::new());
    }
    store::parties_of(&call.reader(), ids).await
}

/// A page of the cases, as they are stored, what is due first in front.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: &ConflictFilter, page: &Page) -> AppResult<Rows<Conflict>> {
    call.may(Action::ReadConflicts)?;
    store::list(&call.reader(), filter, page, call.now()).await
}

/// The latest case of each of these registrations that exist for the caller, as of now, with the registration's side of it.
///
/// # Errors
/// Those of the database.
pub async fn of_registrations(call: &Call, ids: &[RegistrationId]) -> AppResult<Vec<(Party, Conflict)>> {
    if call.may(Action::ReadRegistrations).is_err() {
        return Ok(Vec::new());
    }
    let (db, now) = (call.reader(), call.now());
    let entries = store::entries_of(&db, call.scope(), ids).await?;
    let cases: Vec<DealConflictId> = entries.iter().map(|party| party.conflict_id).collect();
    let conflicts = store::find_many(&db, &cases).await?;
    let with = |party: Party| {
        let conflict = conflicts.iter().find(|it| it.id == party.conflict_id)?.clone().as_of(now);
        Some((party, conflict))
    };
    // The latest comes last, and stays where somebody collects them by registration.
    Ok(entries.into_iter().filter_map(with).collect())
}
