//! The use case: count, find who is meant, decide, record.

use entity::value::{AccountId, AccountReservation, PartnerId, ProductLineId, RegistrationId, TypedId as _};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    model::{Answer, Asked, Explained, Question, Tried},
    store,
};
use crate::{
    accounts::{
        accounts::{self, model::AccountFacts},
        matching::{self, model::MatchPolicy, rules::Verdict},
        product_lines, reservations,
    },
    deals::registrations::{self, rules::resolution::Availability},
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies,
    },
};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Whether an account is available to a partner for a deal with these product lines. The same statements run whatever
/// the answer is, so that its time tells nothing.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; `NOT_FOUND` for a product line; `RateLimited` when the
/// partner has asked as often as the policy allows in a day.
pub async fn check(call: &Call, question: Question) -> AppResult<Answer> {
    call.may(Action::CheckAvailability)?;
    let partner_id = call.partner_id().ok_or(AppError::Forbidden)?;
    let answered = call
        .in_transaction(async |txn| {
            let policy = policies::in_force::<MatchPolicy>(txn, call.now()).await?.policy;
            let most = policy.availability_checks_a_day;
            let used = count(txn, call, partner_id, most).await?;
            let known = product_lines::known(txn, &question.lines).await?;
            if let Some(index) = question.lines.iter().position(|id| !known.contains(id)) {
                return Err(AppError::not_found(&format!("productLineIds.{index}")));
            }
            let found = matching::find_by(txn, &policy, question.subject.clone()).await?;
            let same = found.iter().find(|it| it.finding.verdict == Verdict::Same).map(|it| it.account_id);
            let account = facts(txn, call, same, &question.lines).await?;
            let place = registrations::availability(txn, call, partner_id, account.as_ref(), &question.lines).await?;
            let availability = match (&account, found.is_empty()) {
                (Some(_), _) => place,
                (None, false) => Availability::Review,
                (None, true) => Availability::Clear,
            };
            let of_the_day = u32::try_from(used).unwrap_or(u32::MAX);
            record(txn, call, partner_id, &question, availability, of_the_day).await?;
            Ok(Answer { availability, left_today: most.saturating_sub(of_the_day) })
        })
        .await;
    if matches!(answered, Err(AppError::RateLimited { .. })) {
        tracing::warn!(partner = %partner_id, names = ?question.subject.names, "availability asked too often");
        metrics::counter!("availability_checks_refused_total").increment(1);
    }
    answered
}

/// Counts one more question of a partner's day.
async fn count(txn: &DatabaseTransaction, call: &Call, partner_id: PartnerId, most: u32) -> AppResult<i64> {
    store::count(txn, partner_id, day(call), most).await?.ok_or_else(|| used_up(call))
}

fn day(call: &Call) -> i64 {
    call.now().seconds().div_euclid(DAY)
}

fn used_up(call: &Call) -> AppError {
    let tomorrow = DAY.saturating_sub(call.now().seconds().rem_euclid(DAY));
    AppError::RateLimited { retry_after: u64::try_from(tomorrow).unwrap_or(1) }
}

/// Nothing while a partner may ask today: whoever may not, and proves nothing of a deal, does not find out by handing it in.
///
/// # Errors
/// `RateLimited` when the partner has asked as often as the policy allows in a day.
pub async fn expect_questions_left(txn: &DatabaseTransaction, call: &Call, partner_id: PartnerId) -> AppResult<()> {
    let most = policies::in_force::<MatchPolicy>(txn, call.now()).await?.policy.availability_checks_a_day;
    let used = store::used(txn, partner_id, day(call)).await?;
    if used < i64::from(most) { Ok(()) } else { Err(used_up(call)) }
}

/// Counts and records that a deal was refused because its account is not available, once its transaction is undone.
///
/// # Errors
/// Those of the database.
pub async fn note_refused(call: &Call, partner_id: PartnerId, tried: Tried) -> AppResult<()> {
    call.in_transaction(async |txn| {
        let most = policies::in_force::<MatchPolicy>(txn, call.now()).await?.policy.availability_checks_a_day;
        let of_the_day = store::count(txn, partner_id, day(call), most).await?;
        if of_the_day.is_none() {
            tracing::warn!(partner = %partner_id, customer = %tried.customer, "more deals on accounts that are taken than questions of a day");
            metrics::counter!("availability_checks_refused_total").increment(1);
        }
        let tried = Tried { answer: word(Availability::NotAvailable), of_the_day, ..tried.clone() };
        let change = audit::Change {
            action: Action::CheckAvailability,
            object_id: tried.registration_id.map_or_else(|| partner_id.to_string(), |id| id.to_string()),
            partner_id: Some(partner_id),
            before: None::<&Tried>,
            after: Some(&tried),
        };
        audit::record(txn, call, change).await
    })
    .await
}

/// Counts and records that a partner had a draft explained: it learns what a question about availability tells.
///
/// # Errors
/// `RateLimited` when the partner has asked as often as the policy allows in a day.
pub async fn count_explained(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: PartnerId,
    registration_id: RegistrationId,
    availability: Availability,
) -> AppResult<()> {
    let policy = policies::in_force::<MatchPolicy>(txn, call.now()).await?.policy;
    let used = count(txn, call, partner_id, policy.availability_checks_a_day).await?;
    let explained =
        Explained { registration_id, answer: word(availability), of_the_day: u32::try_from(used).unwrap_or(u32::MAX) };
    let change = audit::Change {
        action: Action::CheckAvailability,
        object_id: registration_id.to_string(),
        partner_id: Some(partner_id),
        before: None::<&Explained>,
        after: Some(&explained),
    };
    audit::record(txn, call, change).await
}

fn word(availability: Availability) -> &'static str {
    match availability {
        Availability::Clear => "CLEAR",
        Availability::Review => "REVIEW",
        Availability::NotAvailable => "NOT_AVAILABLE",
    }
}

/// What a decision needs to know of the account, whoever sees it; asked for also when there is none.
async fn facts(
    txn: &DatabaseTransaction,
    call: &Call,
    id: Option<AccountId>,
    lines: &[ProductLineId],
) -> AppResult<Option<AccountFacts>> {
    let itself = call.by_itself("availability");
    let nobody = AccountId::from_uuid(Uuid::nil());
    let found = accounts::facts(txn, &itself, id.unwrap_or(nobody), lines).await?;
    if found.is_none() {
        // What is looked up of an account is looked up of nobody, too: the time does not tell them apart.
        reservations::in_force(txn, nobody, AccountReservation::Open, lines).await?;
    }
    Ok(found)
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: PartnerId,
    question: &Question,
    availability: Availability,
    of_the_day: u32,
) -> AppResult<()> {
    let subject = &question.subject;
    let asked = Asked {
        names: subject.names.clone(),
        domains: subject.domains.iter().map(ToString::to_string).collect(),
        country: subject.country.map(|country| country.code().to_owned()),
        product_line_ids: question.lines.iter().map(ToString::to_string).collect(),
        answer: word(availability),
        of_the_day,
    };
    let change = audit::Change {
        action: Action::CheckAvailability,
        object_id: partner_id.to_string(),
        partner_id: Some(partner_id),
        before: None::<&Asked>,
        after: Some(&asked),
    };
    audit::record(txn, call, change).await
}
