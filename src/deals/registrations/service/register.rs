//! Registering a deal, and completing its evidence.

use entity::value::{DealRegistrationState as State, PartnerId, ProductLineId, RegistrationId, Timestamp, UserId};
use sea_orm::DatabaseTransaction;

use super::{
    automatic, draft, expire,
    facts::{Asked, gather},
    hold, or_refused, record,
    turns::replan,
};
use crate::{
    accounts::{
        accounts::{self, model::AccountFacts},
        product_lines,
    },
    deals::{
        availability::{self, model::Tried},
        registrations::{
            model::{AccountChoice, Change, DealRegistrationAction, Life, NewEvidence, RegisterDeal, Registration},
            rules::{
                self,
                evidence::{self, EvidenceScore},
                life::HoldFacts,
                policy::DealPolicy,
                resolution::{Availability, Facts, Purpose, Resolved, resolve},
            },
            store,
        },
    },
    kernel::{
        calendar::{VENDOR_TIME_ZONE, business_days_later},
        code::Code,
        decision::Receipt,
        event::DomainEvent,
    },
    onboarding::{
        agreements,
        partners::{self, model::PartnerFacts},
    },
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
/// account is not available. A draft is only written down.
///
/// # Errors
/// `ACCOUNT_NOT_AVAILABLE`, `OWN_DUPLICATE`, `HOLDS_USED_UP`, `PARTNER_NOT_ACTIVE`, `NOT_FOUND`, `OUT_OF_RANGE`; `RateLimited`
/// when the evidence is not sufficient and the day's questions about availability are used up.
pub async fn register(call: Call, command: RegisterDeal) -> AppResult<Registration> {
    call.may(Action::RegisterDeal)?;
    let partner_id = owner(&call, &command)?;
    let done = call.once(async |txn| {
        if command.draft {
            return Box::pin(draft::begin(txn, &call, partner_id, &command)).await;
        }
        let taken = Box::pin(take_in(txn, &call, partner_id, &command)).await?;
        let registration = taken.registration(&command, call.new_id(), call.responsible());
        store::insert(txn, &registration, &command.product_line_ids).await?;
        store::insert_evidence(txn, &call, registration.id, &command.evidence).await?;
        save(txn, &call, None, &registration, &taken).await?;
        Box::pin(automatic::approve(txn, &call, &taken.partner, &taken.policy, registration)).await
    });
    noted(&call, done.await, async || Ok(tried(&command, None))).await
}

/// What was done. That the account is not available is counted and recorded.
pub(super) async fn noted<T>(
    call: &Call,
    done: AppResult<T>,
    tried: impl AsyncFnOnce() -> AppResult<Tried>,
) -> AppResult<T> {
    let taken = |error: &AppError| matches!(error, AppError::Refused(problems) if problems.iter().any(|it| it.code == Code::AccountNotAvailable));
    if let (Err(error), Some(partner_id)) = (&done, call.partner_id())
        && taken(error)
    {
        availability::note_refused(call, partner_id, tried().await?).await?;
    }
    done
}

/// What is recorded of a deal that is refused.
pub(super) fn tried(command: &RegisterDeal, registration_id: Option<RegistrationId>) -> Tried {
    let customer = match &command.account {
        AccountChoice::Id(id) => id.to_string(),
        AccountChoice::Details(customer) => customer.name.clone(),
    };
    let product_line_ids = command.product_line_ids.iter().map(ToString::to_string).collect();
    Tried { registration_id, customer, product_line_ids, answer: "", of_the_day: None }
}

/// A partner's people register for their own company; the product itself says for whom.
fn owner(call: &Call, command: &RegisterDeal) -> AppResult<PartnerId> {
    let asked = if call.scope().is_everything() { command.partner_id } else { call.partner_id() };
    asked.ok_or(AppError::Forbidden)
}

/// What was gathered about a deal that is handed in, and that it is taken in.
pub(super) struct Taken {
    pub(super) partner: PartnerFacts,
    account: AccountFacts,
    pub(super) policy: InForce<DealPolicy>,
    score: EvidenceScore,
    facts: Facts,
    resolved: Resolved,
    state: State,
    hold: Option<(Timestamp, Receipt)>,
}

/// Gathers what is to be known about a deal that is handed in, and decides whether it is taken in.
///
/// # Errors
/// Those of [`register`].
pub(super) async fn take_in(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: PartnerId,
    command: &RegisterDeal,
) -> AppResult<Taken> {
    let partner = partners::facts(txn, partner_id).await?;
    agreements::expect_none_overdue(txn, call, &partner).await?;
    let now = call.now();
    rules::check_dates(command, now, VENDOR_TIME_ZONE)?;
    let policy = policies::in_force::<DealPolicy>(txn, now).await?;
    expect_known(txn, &command.product_line_ids).await?;
    let account = account(txn, call, partner_id, command).await?;
    let score = evidence::score(&policy.policy.evidence, &command.need, &command.evidence);
    let asked = Asked {
        now,
        partner: &partner,
        account: Some(&account),
        lines: &command.product_line_ids,
        sales_motion: command.sales_motion,
        evidence_total: score.total,
        qualified_at: score.sufficient.then_some(now),
        registration_id: None,
        authorised: true,
    };
    let facts = gather(txn, &policy.policy, asked).await?;
    let resolved = resolve(Purpose::Registration, policy.version, &facts);
    // Whoever may not have another place held learns nothing of who has this one.
    let early = match resolved.availability {
        Availability::NotAvailable => Some(provisional(txn, call, partner_id, &policy, &facts).await?),
        Availability::Clear | Availability::Review => None,
    };
    let state = state_of(&resolved, command, &score)?;
    let hold = match early {
        Some(hold) => hold,
        None => provisional(txn, call, partner_id, &policy, &facts).await?,
    };
    expire(txn, call, facts.claims.iter().filter(|claim| claim.partner_id == partner_id), now).await?;
    Ok(Taken { partner, account, policy, score, facts, resolved, state, hold })
}

/// Without sufficient evidence a place is held for a while, and a partner has few such places.
async fn provisional(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: PartnerId,
    policy: &InForce<DealPolicy>,
    facts: &Facts,
) -> AppResult<Option<(Timestamp, Receipt)>> {
    if facts.qualified_at.is_some() {
        return Ok(None);
    }
    if call.partner_id().is_some() {
        availability::expect_questions_left(txn, call, partner_id).await?;
    }
    let life = &policy.policy.life;
    let until = life.hold_end(facts.now);
    // The partner's row is held: two at once do not count the same places.
    let open = store::open_holds(txn, partner_id, facts.now).await?;
    let decision = rules::life::hold(life, policy.version, &HoldFacts { open, until });
    Ok(Some((until, or_refused("evidence", decision)?)))
}

/// A lost place is held like one that was never sufficient, and counts with those: nobody holds more places than are
/// possible by qualifying and withdrawing the evidence.
///
/// # Errors
/// `HOLDS_USED_UP` with the receipt, naming a field.
pub(super) async fn expect_hold_left(
    txn: &DatabaseTransaction,
    call: &Call,
    (before, after): (&Registration, &Registration),
    policy: &InForce<DealPolicy>,
    field: &str,
) -> AppResult<()> {
    let Some(until) = after.life.hold_until.filter(|_| before.life.hold_until.is_none()) else { return Ok(()) };
    // The partner's row is held: two at once do not count the same places.
    partners::facts(txn, after.partner_id).await?;
    let open = store::open_holds(txn, after.partner_id, call.now()).await?;
    let decision = rules::life::hold(&policy.policy.life, policy.version, &HoldFacts { open, until });
    let receipt = or_refused(field, decision)?;
    receipts::save(txn, call, after.id.to_string(), Some(after.partner_id), &receipt).await?;
    Ok(())
}

/// All of these product lines exist.
pub(super) async fn expect_known(txn: &DatabaseTransaction, lines: &[ProductLineId]) -> AppResult<()> {
    let known = product_lines::known(txn, lines).await?;
    match lines.iter().position(|id| !known.contains(id)) {
        None => Ok(()),
        Some(index) => Err(AppError::not_found(&format!("productLineIds.{index}"))),
    }
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
        (Availability::NotAvailable, _) if command.join_waitlist && score.sufficient && resolved.may_queue() => {
            Ok(State::Waitlisted)
        }
        (Availability::NotAvailable, _) => {
            let sentence = resolved.not_available();
            Err(AppError::decided("account", Code::AccountNotAvailable, sentence, resolved.receipt.clone()))
        }
        (_, Some((code, sentence))) => Err(AppError::decided("", *code, sentence.clone(), resolved.receipt.clone())),
        (Availability::Review, None) => Ok(State::InReview),
        (Availability::Clear, None) => Ok(State::Submitted),
    }
}

impl Taken {
    /// The registration that was taken in.
    fn registration(&self, command: &RegisterDeal, id: RegistrationId, by: Option<UserId>) -> Registration {
        let now = self.facts.now;
        let new = draft::written(command, self.facts.partner_id, id, (now, by), (&self.policy, self.score.clone()));
        self.handed_in(&new)
    }

    /// A draft, or what is new, once it was taken in.
    pub(super) fn handed_in(&self, before: &Registration) -> Registration {
        let now = self.facts.now;
        Registration {
            account_id: self.account.id,
            draft_customer: None,
            evidence_score: self.score.clone(),
            policy_version: self.policy.version,
            state: self.state,
            submitted_at: now,
            due_at: business_days_later(now, self.policy.policy.review_business_days, VENDOR_TIME_ZONE),
            qualified_at: self.facts.qualified_at,
            life: Life { hold_until: self.hold.as_ref().map(|(until, _)| *until), ..Life::default() },
            ..before.clone()
        }
    }
}

/// What is written down once a deal was taken in, beside its row.
pub(super) async fn save(
    txn: &DatabaseTransaction,
    call: &Call,
    before: Option<&Registration>,
    registration: &Registration,
    taken: &Taken,
) -> AppResult<()> {
    accounts::connect(txn, call, registration.account_id, registration.partner_id).await?;
    let object_id = registration.id.to_string();
    receipts::save(txn, call, object_id.clone(), Some(registration.partner_id), &taken.resolved.receipt).await?;
    if let Some((_, receipt)) = &taken.hold {
        receipts::save(txn, call, object_id.clone(), Some(registration.partner_id), receipt).await?;
    }
    let change = audit::Change {
        action: Action::RegisterDeal,
        object_id,
        partner_id: Some(registration.partner_id),
        before,
        after: Some(registration),
    };
    audit::record(txn, call, change).await?;
    super::changed(txn, call, None, registration).await?;
    if registration.state == State::Waitlisted {
        replan(txn, call, registration.account_id).await?;
    }
    qualified(txn, call, None, registration).await
}

/// Tells when the evidence has just become sufficient.
pub(super) async fn qualified(
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
        if kept.len().saturating_add(change.what.len()) > rules::MOST_EVIDENCE {
            let sentence = format!(
                "A registration has at most {} items of evidence, the withdrawn ones with them.",
                rules::MOST_EVIDENCE
            );
            return Err(AppError::invalid("evidence", Code::TooLong, sentence));
        }
        let counts = kept.into_iter().filter(|it| it.withdrawn_at.is_none()).map(|it| it.item);
        let all: Vec<NewEvidence> = counts.chain(change.what.iter().cloned()).collect();
        let score = evidence::score(&policy.policy.evidence, &before.need, &all);
        let mut after = before.reckoned(score, &policy, now).changed().heard_of(now);
        if before.qualified_at.is_some() {
            // More evidence never costs the place, even where the policy asks for more by now.
            (after.qualified_at, after.life.hold_until) = (before.qualified_at, before.life.hold_until);
        }
        store::insert_evidence(txn, &call, after.id, &change.what).await?;
        record(txn, &call, Action::UpdateRegistration, &before, &after).await?;
        qualified(txn, &call, Some(&before), &after).await?;
        if after.state != State::Submitted {
            return Ok(after);
        }
        let partner = partners::facts(txn, after.partner_id).await?;
        Box::pin(automatic::approve(txn, &call, &partner, &policy, after)).await
    })
    .await
}
