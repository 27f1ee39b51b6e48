//! Registering a deal, and completing its evidence.

use entity::value::{DealRegistrationState as State, DealStage, PartnerId};
use sea_orm::DatabaseTransaction;

use super::{expire, hold, record};
use crate::{
    accounts::{
        accounts::{self, model::AccountFacts},
        product_lines,
    },
    deals::registrations::{
        model::{AccountChoice, Change, DealRegistrationAction, NewEvidence, RegisterDeal, Registration},
        rules::{
            self,
            evidence::{self, EvidenceScore},
            policy::DealPolicy,
            resolution::{Availability, Facts, NOT_AVAILABLE, Purpose, Resolved, resolve},
        },
        store,
    },
    kernel::{
        calendar::{VENDOR_TIME_ZONE, business_days_later},
        code::Code,
        event::DomainEvent,
    },
    onboarding::{agreements, partners},
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
        policies::{self, InForce},
        receipts,
    },
};

/// Registers a deal: finds or creates the account, scores the evidence, and takes the registration in unless the
/// account is not available.
///
/// # Errors
/// `ACCOUNT_NOT_AVAILABLE`, `OWN_DUPLICATE`, `PARTNER_NOT_ACTIVE`, `NOT_FOUND`, `OUT_OF_RANGE`.
pub async fn register(call: Call, command: RegisterDeal) -> AppResult<Registration> {
    call.may(Action::RegisterDeal)?;
    let partner_id = owner(&call, &command)?;
    call.once(async |txn| {
        let partner = partners::facts(txn, partner_id).await?;
        agreements::expect_none_overdue(txn, &call, &partner).await?;
        let now = call.now();
        rules::check_dates(&command, now, VENDOR_TIME_ZONE)?;
        let policy = policies::in_force::<DealPolicy>(txn, now).await?;
        let known = product_lines::known(txn, &command.product_line_ids).await?;
        if let Some(index) = command.product_line_ids.iter().position(|id| !known.contains(id)) {
            return Err(AppError::not_found(&format!("productLineIds.{index}")));
        }
        let account = account(txn, &call, partner_id, &command).await?;
        let score = evidence::score(&policy.policy.evidence, &command.need, &command.evidence);
        let facts = Facts {
            now,
            partner_id,
            partner_state: partner.state,
            reserved_for: account.reserved_for,
            account_found_by: account.found_by,
            evidence_total: score.total,
            qualified_at: score.sufficient.then_some(now),
            claims: store::claims(txn, account.id, &command.product_line_ids).await?,
            taken_meanwhile: false,
            probable_accounts: account.probable.clone(),
        };
        let resolved = resolve(Purpose::Registration, policy.version, &facts);
        let state = state_of(&resolved, &command, &score)?;
        expire(txn, &call, facts.claims.iter().filter(|claim| claim.partner_id == partner_id), now).await?;
        let registration = new(&call, &command, &account, &policy, score, &facts, state);
        save(txn, &call, &registration, &command, &resolved).await?;
        Ok(registration)
    })
    .await
}

/// A partner's people register for their own company; the product itself says for whom.
fn owner(call: &Call, command: &RegisterDeal) -> AppResult<PartnerId> {
    let asked = if call.scope().is_everything() { command.partner_id } else { call.partner_id() };
    asked.ok_or(AppError::Forbidden)
}

async fn account(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: PartnerId,
    command: &RegisterDeal,
) -> AppResult<AccountFacts> {
    let lines = &command.product_line_ids;
    match &command.account {
        AccountChoice::Id(id) => {
            accounts::facts(txn, call, *id, lines).await?.ok_or_else(|| AppError::not_found("account.id"))
        }
        AccountChoice::Details(customer) => {
            accounts::find_or_create(txn, call, Action::RegisterDeal, partner_id, customer.clone(), lines).await
        }
    }
}

/// Where the registration begins, or why it is not taken in: the same words whatever stands against it.
fn state_of(resolved: &Resolved, command: &RegisterDeal, score: &EvidenceScore) -> AppResult<State> {
    match (resolved.availability, &resolved.refused) {
        (Availability::NotAvailable, _) if command.join_waitlist && score.sufficient => Ok(State::Waitlisted),
        (Availability::NotAvailable, _) => {
            Err(AppError::decided("account", Code::AccountNotAvailable, NOT_AVAILABLE, resolved.receipt.clone()))
        }
        (_, Some((code, sentence))) => Err(AppError::decided("", *code, sentence.clone(), resolved.receipt.clone())),
        (Availability::Review, None) => Ok(State::InReview),
        (Availability::Clear, None) => Ok(State::Submitted),
    }
}

#[expect(clippy::too_many_arguments, reason = "everything that was gathered and decided")]
fn new(
    call: &Call,
    command: &RegisterDeal,
    account: &AccountFacts,
    policy: &InForce<DealPolicy>,
    score: EvidenceScore,
    facts: &Facts,
    state: State,
) -> Registration {
    Registration {
        id: call.new_id(),
        partner_id: facts.partner_id,
        account_id: account.id,
        amount: command.amount,
        expected_close_on: command.expected_close_on,
        contact: command.contact.clone(),
        partner_role: command.partner_role,
        need: command.need.clone(),
        evidence_score: score,
        policy_version: policy.version,
        state,
        outcome: None,
        outcome_reason: None,
        deal_stage: DealStage::Qualified,
        submitted_at: facts.now,
        due_at: business_days_later(facts.now, policy.policy.review_business_days, VENDOR_TIME_ZONE),
        qualified_at: facts.qualified_at,
        protected_from: None,
        protected_until: None,
        ended_at: None,
        won_amount: None,
        closed_on: None,
        created_by: call.responsible(),
        version: 1,
    }
}

async fn save(
    txn: &DatabaseTransaction,
    call: &Call,
    registration: &Registration,
    command: &RegisterDeal,
    resolved: &Resolved,
) -> AppResult<()> {
    store::insert(txn, registration, &command.product_line_ids).await?;
    store::insert_evidence(txn, call, registration.id, &command.evidence).await?;
    accounts::connect(txn, call, registration.account_id, registration.partner_id).await?;
    let object_id = registration.id.to_string();
    receipts::save(txn, call, object_id.clone(), Some(registration.partner_id), &resolved.receipt).await?;
    let change = audit::Change {
        action: Action::RegisterDeal,
        object_id,
        partner_id: Some(registration.partner_id),
        before: None::<&Registration>,
        after: Some(registration),
    };
    audit::record(txn, call, change).await?;
    qualified(txn, call, None, registration).await
}

/// Tells when the evidence has just become sufficient.
async fn qualified(
    txn: &DatabaseTransaction,
    call: &Call,
    before: Option<&Registration>,
    after: &Registration,
) -> AppResult<()> {
    if after.qualified_at.is_none() || before.is_some_and(|before| before.qualified_at.is_some()) {
        return Ok(());
    }
    let Registration { partner_id, id: registration_id, .. } = *after;
    events::publish(txn, call, DomainEvent::RegistrationQualified { partner_id, registration_id }).await
}

/// Adds evidence. The instant at which it becomes sufficient is the registration's place in the queue.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`, `OUT_OF_RANGE`, `TOO_LONG`.
pub async fn add_evidence(call: Call, change: Change<Vec<NewEvidence>>) -> AppResult<Registration> {
    call.may(Action::UpdateRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::AddEvidence, &change).await?;
        rules::check_evidence(&change.what, now)?;
        let policy = policies::in_force::<DealPolicy>(txn, now).await?;
        let kept = store::find_evidence(txn, &[before.id]).await?;
        let all: Vec<NewEvidence> =
            kept.into_iter().map(|evidence| evidence.item).chain(change.what.iter().cloned()).collect();
        if all.len() > rules::MOST_EVIDENCE {
            let sentence = format!("A registration has at most {} items of evidence.", rules::MOST_EVIDENCE);
            return Err(AppError::invalid("evidence", Code::TooLong, sentence));
        }
        let evidence_score = evidence::score(&policy.policy.evidence, &before.need, &all);
        let after = Registration {
            qualified_at: before.qualified_at.or(evidence_score.sufficient.then_some(now)),
            evidence_score,
            policy_version: policy.version,
            ..before.changed()
        };
        store::insert_evidence(txn, &call, after.id, &change.what).await?;
        record(txn, &call, Action::UpdateRegistration, &before, &after).await?;
        qualified(txn, &call, Some(&before), &after).await?;
        Ok(after)
    })
    .await
}
