//! Deciding about a registration: protection is granted, or it is refused.

use entity::value::{DealRegistrationState as State, ProductLineId, Timestamp};
use sea_orm::DatabaseTransaction;

use super::{
    expire,
    facts::{self, Asked},
    hold, record,
};
use crate::{
    accounts::accounts,
    deals::registrations::{
        model::{Change, DealRegistrationAction, Registration, Rejection},
        rules::{
            policy::DealPolicy,
            resolution::{Facts, Purpose, Resolved, rejection, resolve},
        },
        store,
    },
    kernel::{
        code::Code,
        decision::{Decision, Receipt},
        event::DomainEvent,
    },
    onboarding::{
        partners::{self, model::PartnerFacts},
        tiers,
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
        policies::{self, InForce},
        receipts,
    },
};

/// Grants protection of each of its product lines on the account, for as long as the partner's tier says.
///
/// # Errors
/// The code of the rule that refuses, with the receipt; `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn approve(call: Call, change: Change<()>) -> AppResult<Registration> {
    call.may(Action::DecideRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::Approve, &change).await?;
        let partner = partners::facts(txn, before.partner_id).await?;
        let policy = policies::in_force::<DealPolicy>(txn, now).await?;
        let lines = lines(txn, &before).await?;
        let facts = gather(txn, &call, &policy.policy, &before, &partner, &lines).await?;
        let (row, from) = ((&before, lines.as_slice()), (&partner, &policy));
        Box::pin(grant(txn, &call, Action::DecideRegistration, row, from, &facts)).await
    })
    .await
}

/// Grants the protection of a registration that is held, with its product lines, by facts that were gathered in this
/// transaction.
pub(super) async fn grant(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    (before, lines): (&Registration, &[ProductLineId]),
    (partner, policy): (&PartnerFacts, &InForce<DealPolicy>),
    facts: &Facts,
) -> AppResult<Registration> {
    let now = facts.now;
    let resolved = or_refuse(resolve(Purpose::Approval, policy.version, facts))?;
    expire(txn, call, facts.claims.iter(), now).await?;
    let (days, term) = term(txn, policy, partner, now).await?;
    let until = now.plus_days(days);
    let after = before.protected(now, until);
    store::protect(txn, call, &after, lines, (now, until))
        .await
        .map_err(|error| error.on_violation(&store::ONE_ACTIVE_PROTECTION, || taken(policy, facts)))?;
    record(txn, call, action, before, &after).await?;
    receipts::save(txn, call, after.id.to_string(), Some(after.partner_id), &resolved.receipt).await?;
    receipts::save(txn, call, after.id.to_string(), Some(after.partner_id), &term).await?;
    events::publish(txn, call, protected(&after)).await?;
    Ok(after)
}

/// For how many days protection is granted: what the partner's level gives it, unless the policy of deals says otherwise;
/// and the receipt of that, with the version of the policy that said so.
pub(super) async fn term(
    txn: &DatabaseTransaction,
    policy: &InForce<DealPolicy>,
    partner: &PartnerFacts,
    now: Timestamp,
) -> AppResult<(i64, Receipt)> {
    let (source, version, days) = match &policy.policy.protection_days {
        Some(own) => ("deals", policy.version, own.of(partner.tier)),
        None => {
            let given = tiers::benefits(txn, &partner.types, partner.tier, now).await?;
            let (_, benefits) = given.policy;
            ("tiers", given.version, benefits.protection_days.max(1))
        }
    };
    let inputs = serde_json::json!({ "tier": partner.tier, "policy": source, "days": days });
    let sentence = format!("The level {} is protected for {days} days.", partner.tier);
    let (receipt, _) = Decision::begin("registration.term", version, &inputs)
        .step("days_of_the_level", days > 0, Code::OutOfRange, sentence)
        .finish();
    Ok((days, receipt))
}

/// Its product lines.
pub(super) async fn lines(txn: &DatabaseTransaction, registration: &Registration) -> AppResult<Vec<ProductLineId>> {
    let found = store::find_lines(txn, &[registration.id]).await?;
    Ok(found.into_iter().map(|(_, line)| line).collect())
}

/// What the decision about a registration that exists is made of.
pub(super) async fn gather(
    txn: &DatabaseTransaction,
    call: &Call,
    policy: &DealPolicy,
    registration: &Registration,
    partner: &PartnerFacts,
    lines: &[ProductLineId],
) -> AppResult<Facts> {
    let account = match &registration.draft_customer {
        // A draft that describes its customer: as it would be found, or made, if it were handed in.
        Some(customer) => accounts::foresee(txn, call, customer, lines).await?,
        None => accounts::facts(txn, call, registration.account_id, lines)
            .await?
            .ok_or_else(|| AppError::internal("a registration without its account"))?,
    };
    let asked = Asked::about(registration, partner, &account, lines, call.now());
    facts::gather(txn, policy, asked).await
}

fn or_refuse(resolved: Resolved) -> AppResult<Resolved> {
    match resolved.refused {
        None => Ok(resolved),
        Some((code, sentence)) => Err(AppError::decided("", code, sentence, resolved.receipt)),
    }
}

/// The database refused a second holder: the commit order has decided.
fn taken(policy: &InForce<DealPolicy>, facts: &Facts) -> AppError {
    let facts = Facts { taken_meanwhile: true, ..facts.clone() };
    match or_refuse(resolve(Purpose::Approval, policy.version, &facts)) {
        Err(refused) => refused,
        Ok(_) => AppError::refused(Code::ProtectedByAnotherPartner, "Another registration was granted the place."),
    }
}

pub(super) fn protected(registration: &Registration) -> DomainEvent {
    DomainEvent::RegistrationProtected {
        partner_id: registration.partner_id,
        registration_id: registration.id,
        amount_minor: registration.amount.minor_units,
        currency: registration.amount.currency,
    }
}

/// Refuses a registration, with a code and a reason that the partner reads.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn reject(call: Call, change: Change<Rejection>) -> AppResult<Registration> {
    call.may(Action::DecideRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::Reject, &change).await?;
        let Rejection { outcome, reason } = change.what;
        // A new decision, which may be disputed.
        let ended = before.ended(State::Rejected, outcome, Some(reason.clone()), now);
        let after = Registration { disputed_at: None, ..ended };
        let receipt = rejection(before.policy_version, serde_json::to_value(&before)?, outcome, &reason);
        record(txn, &call, Action::DecideRegistration, &before, &after).await?;
        receipts::save(txn, &call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
        Ok(after)
    })
    .await
}
