//! What a decision would be if it were made now, without making it.

use entity::value::{DealRegistrationState as State, PartnerId, RegistrationId};
use sea_orm::DatabaseTransaction;

use super::decide::{gather, lines};
use crate::{
    deals::{
        availability,
        registrations::{
            model::{Explanation, Registration},
            rules::{
                policy::DealPolicy,
                resolution::{Purpose, resolve},
            },
            store,
        },
    },
    kernel::code::Code,
    onboarding::partners,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies,
    },
};

/// Explains a registration: for staff whether an undecided one would be granted protection, and a draft be taken in; for
/// partners whether their own draft would be taken in, in the words in which they would be answered. A partner's question
/// counts among its questions about availability: what it learns is the same.
///
/// # Errors
/// `NOT_FOUND`; `WRONG_STATE` for what is decided, and for partners for everything but drafts; `RateLimited`.
pub async fn explain(call: &Call, id: RegistrationId) -> AppResult<Explanation> {
    call.may(Action::ReadRegistrations)?;
    let explained = call.in_transaction(async |txn| in_transaction(txn, call, id).await).await;
    if matches!(explained, Err(AppError::RateLimited { .. })) {
        tracing::warn!(registration = %id, "explanations asked for too often");
    }
    explained
}

async fn in_transaction(txn: &DatabaseTransaction, call: &Call, id: RegistrationId) -> AppResult<Explanation> {
    let now = call.now();
    let found = store::find_many(txn, call.scope(), &[id]).await?.pop().ok_or_else(|| AppError::not_found("id"))?;
    let registration = found.as_of(now);
    let purpose = purpose(&registration, call.partner_id())?;
    let partner = partners::facts(txn, registration.partner_id).await?;
    let policy = policies::in_force::<DealPolicy>(txn, now).await?;
    let lines = lines(txn, &registration).await?;
    let mut facts = gather(txn, call, &policy.policy, &registration, &partner, &lines).await?;
    if purpose == Purpose::Registration {
        // What is handed in now is qualified now.
        facts.qualified_at = registration.evidence_score.sufficient.then_some(now);
    }
    let resolved = resolve(purpose, policy.version, &facts);
    if let Some(partner_id) = call.partner_id() {
        availability::count_explained(txn, call, partner_id, id, resolved.availability).await?;
    }
    let sufficient = facts.qualified_at.is_some();
    Ok(Explanation { purpose, sufficient, resolved })
}

/// What is asked about a registration in its state, by staff or by a partner.
fn purpose(registration: &Registration, partner: Option<PartnerId>) -> AppResult<Purpose> {
    match (registration.state, partner) {
        (State::Draft, _) => Ok(Purpose::Registration),
        (State::Submitted | State::InReview | State::ActionRequired | State::Contested | State::Waitlisted, None) => {
            Ok(Purpose::Approval)
        }
        (_, Some(_)) => {
            let sentence = "Drafts are explained. What became of this registration, its receipts say.";
            Err(AppError::invalid("id", Code::WrongState, sentence))
        }
        (_, None) => {
            let sentence = "The registration is decided: its receipts say why it came out so.";
            Err(AppError::invalid("id", Code::WrongState, sentence))
        }
    }
}
