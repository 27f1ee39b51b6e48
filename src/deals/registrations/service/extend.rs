//! A protection goes on: it is extended, and something is heard of its deal.

use entity::value::EvidenceKind;

use super::{draft::counting, hold, or_refused, record};
use crate::{
    deals::registrations::{
        model::{Change, DealRegistrationAction, Life, Registration},
        rules::{
            life::{ExtensionFacts, extend as decide, extended_until},
            policy::DealPolicy,
        },
        store,
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies, receipts,
    },
};

/// Extends a protection, when there was progress since it was granted last.
///
/// # Errors
/// `EXTENSIONS_USED_UP`, `NO_PROGRESS`, `PROTECTION_TOO_LONG`, each with the receipt; `NOT_FOUND`, `WRONG_STATE`,
/// `VERSION_CONFLICT`.
pub async fn extend(call: Call, change: Change<()>) -> AppResult<Registration> {
    call.may(Action::UpdateRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::Extend, &change).await?;
        let policy = policies::in_force::<DealPolicy>(txn, now).await?;
        let items = counting(store::find_evidence(txn, &[before.id]).await?);
        let interactions = items.into_iter().filter(|it| it.item.kind == EvidenceKind::Interaction);
        let Some((from, until)) = before.protected_from.zip(before.protected_until) else {
            return Err(AppError::internal("a protection without its term"));
        };
        let facts = ExtensionFacts {
            now,
            from,
            until,
            extensions: before.life.extensions,
            granted_at: before.life.extended_at.unwrap_or(from),
            advanced_at: before.life.advanced_at,
            interacted_at: interactions.filter_map(|it| it.item.occurred_at).max(),
        };
        let life = &policy.policy.life;
        let receipt = or_refused("", decide(life, policy.version, &facts))?;
        let until = extended_until(life, &facts);
        let after = Registration {
            protected_until: Some(until),
            life: Life {
                extensions: before.life.extensions.saturating_add(1),
                extended_at: Some(now),
                ..before.life.clone()
            },
            ..before.changed()
        };
        store::extend_protections(txn, after.id, until).await?;
        record(txn, &call, Action::UpdateRegistration, &before, &after).await?;
        receipts::save(txn, &call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
        Ok(after)
    })
    .await
}

/// Something was heard of a protected deal, in words.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn report_progress(call: Call, change: Change<String>) -> AppResult<Registration> {
    call.may(Action::UpdateRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::ReportProgress, &change).await?;
        let life = Life { progress_note: Some(change.what.clone()), ..before.life.clone() };
        let after = Registration { life, ..before.changed() }.heard_of(now);
        record(txn, &call, Action::UpdateRegistration, &before, &after).await?;
        Ok(after)
    })
    .await
}
