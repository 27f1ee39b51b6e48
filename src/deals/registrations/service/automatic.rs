//! What nothing stands against is approved without a person, in the transaction in which it became so good.

use std::slice;

use entity::value::DealRegistrationState as State;
use sea_orm::DatabaseTransaction;

use super::decide::{gather, grant, lines};
use crate::{
    accounts::duplicates,
    deals::registrations::{
        model::Registration,
        rules::{
            automatic::{AutomaticFacts, DECISION, automatic},
            policy::DealPolicy,
            resolution::{Purpose, resolve},
        },
    },
    kernel::{event::DomainEvent, money::Money},
    onboarding::{partners::model::PartnerFacts, tiers},
    platform::{
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        events,
        policies::InForce,
        receipts,
    },
};

/// The registration once it was approved automatically; as it was when the policy leaves it to a person.
///
/// # Errors
/// Transient when somebody else was granted the place at the same moment: begun again, the use case meets them.
pub(super) async fn approve(
    txn: &DatabaseTransaction,
    call: &Call,
    partner: &PartnerFacts,
    policy: &InForce<DealPolicy>,
    registration: Registration,
) -> AppResult<Registration> {
    let own = &policy.policy.automatic;
    let enough = registration.evidence_score.total >= own.least_evidence && registration.qualified_at.is_some();
    if !own.enabled || registration.state != State::Submitted || !enough {
        return Ok(registration);
    }
    let lines = lines(txn, &registration).await?;
    let facts = gather(txn, call, &policy.policy, &registration, partner, &lines).await?;
    let against = resolve(Purpose::Registration, policy.version, &facts);
    let first = resolve(Purpose::Approval, policy.version, &facts).refused.is_none();
    let doubted = !duplicates::doubted(txn, &[registration.account_id]).await?.is_empty();
    let given = tiers::benefits(txn, &partner.types, partner.tier, facts.now).await?;
    let (program, benefits) = given.policy;
    let seen = AutomaticFacts {
        clean: against.is_clean() && first && !doubted,
        qualified: registration.qualified_at.is_some(),
        evidence_total: registration.evidence_score.total,
        amount: registration.amount,
        ceiling: Money { minor_units: benefits.auto_approval_ceiling_minor, currency: program.currency },
    };
    let (receipt, None) = automatic(own, policy.version, &seen).finish() else { return Ok(registration) };
    let granted = grant(txn, call, Action::ApproveAutomatically, (&registration, &lines), (partner, policy), &facts);
    let after = Box::pin(granted).await.map_err(|error| match error {
        AppError::Refused(_) => AppError::overtaken("the place was granted at the same moment"),
        other => other,
    })?;
    receipts::save(txn, call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
    Ok(after)
}

/// Tells of an amount that a person would have decided about: it was approved without one, and has been raised since.
pub(super) async fn watch_amount(
    txn: &DatabaseTransaction,
    call: &Call,
    before: &Registration,
    after: &Registration,
) -> AppResult<()> {
    if before.state != State::Protected || before.amount == after.amount {
        return Ok(());
    }
    let id = after.id.to_string();
    let kept = receipts::find_many(txn, Scope::Everything, slice::from_ref(&id)).await?.remove(&id);
    let Some(receipt) = kept.into_iter().flatten().find(|it| it.decision == DECISION) else { return Ok(()) };
    let facts: AutomaticFacts = serde_json::from_value(receipt.inputs)?;
    if let Some(doubled) = facts.outgrown(before.amount, after.amount) {
        let Registration { id: registration_id, partner_id, amount, .. } = *after;
        let outgrown =
            DomainEvent::RegistrationOutgrown { partner_id, registration_id, currency: amount.currency, doubled };
        events::publish(txn, call, outgrown).await?;
    }
    Ok(())
}
