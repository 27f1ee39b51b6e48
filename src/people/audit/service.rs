//! Use cases of audit events.

use entity::value::AuditEventId;

use super::{
    model::{AuditEvent, AuditFilter},
    store,
};
use crate::platform::{
    auth::policy::Action,
    call::Call,
    error::AppResult,
    graphql::page::{Page, Rows},
};

/// The events of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[AuditEventId]) -> AppResult<Vec<AuditEvent>> {
    if call.may(Action::ReadAudit).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// A page of the events that exist for the caller: all of them for staff, what concerns it for a partner.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: &AuditFilter, page: &Page) -> AppResult<Rows<AuditEvent>> {
    call.may(Action::ReadAudit)?;
    store::list(&call.reader(), call.scope(), filter, page).await
}
